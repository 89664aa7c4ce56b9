import { isDeepStrictEqual } from 'node:util';
import { type Classifier, type CreateClassifierOptions, createClassifier, createEnsemble, UnsupportedError } from 'senet';
import type { QueuedEvaluation, QueuedNetwork, QueuedRunOptions } from 'senet/node';
import { openWeights } from './weights.js';

/** What answers: a network, or several as one. */
export type Answerer = Pick<Classifier, 'classify' | 'dispose'>;

/** The networks of an evaluation, as its coordinator would run them. @throws what `openWeights` and `createClassifier` throw; UnsupportedError */
export async function openNetworks(
  { members, run }: Pick<QueuedEvaluation, 'members' | 'run'>,
  place: string | undefined,
  threads: number,
): Promise<Answerer> {
  process.env.SENET_TILE = run.tile; // Winograd's filtering is chosen by it, and has other last bits
  const open: Classifier[] = [];
  try {
    for (const member of members) open.push(await openNetwork(member, run, place, threads));
    if (open.length === 1) return open[0] as Classifier;
    const { average, memberWeights, top } = run as CreateClassifierOptions & QueuedRunOptions;
    return createEnsemble(open, { top, ...(average !== undefined && { average }), ...(memberWeights && { weights: memberWeights }) });
  } catch (error) {
    for (const classifier of open) classifier.dispose();
    throw error;
  }
}

async function openNetwork(member: QueuedNetwork, run: QueuedRunOptions, place: string | undefined, threads: number): Promise<Classifier> {
  const { model, state, size, crop, interpolation, classes, found: expected } = member;
  const { kernels, algorithms, tolerant, top, crops, scales, average } = run;
  const { source, close } = await openWeights(place, member);
  const options = {
    ...given({ model, state, size, crop, interpolation, crops, scales, average }),
    ...{ kernels, algorithms, tolerant, top, threads, orient: false, weights: source },
    labels: Array.from({ length: classes }, (_, i) => String(i)), // members may call their classes differently; indices count
  } as CreateClassifierOptions & { readonly worker?: false };
  const classifier = await createClassifier(options).finally(close);
  const { id, takenFrom, options: variant, preset } = classifier.network;
  const found: unknown = JSON.parse(JSON.stringify({ id, takenFrom, options: variant, preset }));
  if (!isDeepStrictEqual(found, expected)) {
    classifier.dispose();
    throw new UnsupportedError(`${member.file}: expected the network ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
  }
  return classifier;
}

const given = (options: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
