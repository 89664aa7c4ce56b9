import type { Detecting } from '../detector/useDetector.js';
import { checkpointEndings, choices, own } from '../networks.js';
import type { Loading } from '../useClassifier.js';
import { FileButton } from './FileButton.js';

interface Props {
  readonly loading: Loading | Exclude<Detecting, { phase: 'none' }>;
  readonly chosen: string;
  readonly file: File | undefined;
  onChoose(network: string): void;
  onWeights(file: File): void;
}

/** Which network runs, and how: its instructions, its threads, and why there is one where there is one. */
export function Status({ loading, chosen, file, onChoose, onWeights }: Props) {
  const choice = choices.find(({ name }) => name === chosen);
  return (
    <section class="status" aria-label="Network">
      <div class="row">
        <label>
          Network{' '}
          <select
            value={file === undefined ? (choice ?? choices[0])?.name : own}
            onChange={({ currentTarget }) => onChoose(currentTarget.value)}
          >
            {choices.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
            {file && <option value={own}>{file.name}</option>}
          </select>
        </label>
        <FileButton label="Your own weights" accept={checkpointEndings} onFile={onWeights} />
      </div>
      <p class="about">{file === undefined ? choice?.about : 'Read piece by piece in this page; nothing is uploaded.'}</p>
      <Progress loading={loading} />
    </section>
  );
}

function Progress({ loading }: Pick<Props, 'loading'>) {
  if (loading.phase === 'loading')
    return (
      <p class="how" role="status">
        Getting {loading.what || 'the network'} ready{!('share' in loading) ? '' : `: ${Math.floor(100 * loading.share)} % read`} …
      </p>
    );
  if (loading.phase === 'failed')
    return (
      <p class="problem" role="alert">
        {loading.error.message}
      </p>
    );
  if (loading.phase === 'detector') {
    const { id, classes, notes } = loading.facts;
    return (
      <p class="how" role="status">
        {id}: a detector of {classes} {classes === 1 ? 'class' : 'classes'}
        {notes.map((note) => `. ${sentence(note)}`)}
      </p>
    );
  }
  const { classifier, milliseconds } = loading;
  const { session, network } = classifier;
  return (
    <p class="how" role="status">
      {network.name}: ready in {Math.round(milliseconds)} ms; {session.kernels} SIMD,{' '}
      {session.threads === 1 ? 'one thread' : `${session.threads} threads`}
      {session.threadsNote === undefined ? '' : `. ${sentence(session.threadsNote)}`}
      {network.notes.map((note) => `. ${sentence(note)}`)}
    </p>
  );
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
