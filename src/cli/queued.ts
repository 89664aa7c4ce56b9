import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Option } from 'commander';
import type { ProtocolOptions } from '../classifier/protocol.js';
import { InputError, naming, UnsupportedError } from '../errors.js';
import type { Kind } from '../io/schema.js';
import { sha256Of } from '../node/download/sidecar.js';
import { type Entry, entryOf, mostProbable } from '../node/evaluationEntry.js';
import { readBytes } from '../node/files.js';
import type { Example } from '../node/images/dataset.js';
import { catchInterrupt } from '../node/interrupt.js';
import { note } from '../node/output.js';
import { version } from '../node/package.js';
import { progress } from '../node/progress.js';
import { loadQueue, type QueuedAnswer, type QueuedImage, type QueuedNetwork } from '../node/queue.js';
import { rememberTile } from '../node/tileCache.js';
import { pickBuild } from '../wasm/features.js';
import { forcedTile } from '../wasm/tune.js';
import type { Answer, Answered, EvaluationFlags } from './answered.js';
import { type EvaluationProgress, evaluationProgress } from './evaluationProgress.js';
import { membersOf, protocolOfMembers, protocolOptions } from './members.js';
import type { OpenNetwork } from './network.js';

/** `--queue`: what is about this process alone does not go with it. */
export const queueOption = (): Option =>
  new Option(
    '--queue <url>',
    'have workers classify (`senet-worker`, of the package senet-serve), by way of the Redis at redis://HOST:PORT',
  ).conflicts(['journal', 'threads', 'revectorize', 'packedCache']);

/** Workers, by way of `--queue`; Redis keeps what they did. */
export const answerQueued: Answer = async (_, networks, members, flags, examples) => {
  for (const network of networks) await network.close(); // workers read it
  const hashes = members.map(({ weights }) => weights.sha256);
  const kind = entryOf(examples, (networks[0] as OpenNetwork).classes);
  const answered = await classifyQueued(flags.queue as string, networks, hashes, flags, examples, kind);
  const stopped = `stopped after ${answered.entries.length} of ${examples.length} images: the same command goes on from here (Redis keeps them)`;
  return { ...answered, protocol: protocolOfMembers(networks, flags), stopped };
};

/**
 * Has workers classify the images, until the end or Ctrl-C.
 *
 * @param sha256 of each network's file
 * @throws UnsupportedError without senet-serve, and for a checkpoint in several files; what `QueuePart` and `QueuedRun` throw; InputError for an answer that
 *   is none
 */
async function classifyQueued(
  url: string,
  networks: readonly OpenNetwork[],
  sha256: readonly string[],
  flags: EvaluationFlags,
  examples: readonly Example[],
  kind: Kind<Entry>,
): Promise<Omit<Answered, 'protocol' | 'stopped'>> {
  const part = await loadQueue();
  const members = await Promise.all(networks.map((network, i) => memberOf(network, sha256[i] as string, flags, i)));
  const kernels = pickBuild(flags.kernels ?? 'auto');
  const { images, unread } = await hashImages(examples);
  const entries = new Map(unread.map((entry) => [entry.index, entry]));
  const { algorithms, memberWeights, tolerant } = flags;
  const seen: ProtocolOptions = protocolOptions(flags);
  const tile = forcedTile() ?? (await rememberTile(kernels));
  const run = {
    ...{ kernels, algorithms, tile, tolerant: tolerant === true, top: mostProbable, ...seen },
    ...(memberWeights && { memberWeights }),
  };
  const queued = await part.openRun(url, { version, members, run, images });
  try {
    if (queued.earlier > 0) note(`resuming after ${queued.earlier} of ${examples.length} images (in Redis)`);
    const { earlier } = queued;
    await collect(queued.answers, earlier, evaluationProgress(flags.progress, images.length, earlier), (answer) => {
      const entry = naming('an answer from the queue', () => kind.read(entryFrom(answer, examples), ''));
      entries.set(entry.index, entry);
    });
  } catch (error) {
    await queued.close();
    throw error;
  }
  return { entries: [...entries.values()].sort((a, b) => a.index - b.index), forget: queued.forget, close: queued.close };
}

async function collect(
  answers: (stopped: () => boolean) => AsyncIterable<readonly QueuedAnswer[]>,
  earlier: number,
  progress: EvaluationProgress,
  take: (answer: QueuedAnswer) => void,
): Promise<void> {
  using interrupt = catchInterrupt('SIGINT');
  let done = 0;
  let text: string | undefined;
  try {
    for await (const some of answers(() => interrupt.caught() !== undefined))
      for (const answer of some) {
        take(answer);
        if (++done > earlier) progress.next(done);
      }
  } finally {
    text = progress.end();
  }
  if (text !== undefined) note(text);
}

/** With what is known here of its image. */
function entryFrom(answer: QueuedAnswer, examples: readonly Example[]): unknown {
  const example = examples[answer.index];
  const known = { ...answer, name: example?.name };
  return 'error' in answer ? known : { ...known, label: example?.label };
}

async function memberOf(network: OpenNetwork, sha256: string, flags: EvaluationFlags, i: number): Promise<QueuedNetwork> {
  const { file, id, options, takenFrom, preset, classes, published, name } = network;
  if ((await sha256Of(file)) !== sha256)
    throw new UnsupportedError(`${file}: expected one file of weights with --queue, found the index of several`);
  const model = published ? name : membersOf(flags)[i]?.model;
  const { state, size, crop, interpolation } = flags;
  return {
    ...{ sha256, bytes: (await stat(file)).size, file: basename(file), found: { id, takenFrom, options, preset }, classes },
    ...(model !== undefined && { model }),
    ...(state !== undefined && { state }),
    ...(size !== undefined && { size }),
    ...(crop !== undefined && { crop }),
    ...(interpolation !== undefined && { interpolation }),
  };
}

/** Content hashes of images; of those that cannot be read what one process would note of them. */
async function hashImages(
  examples: readonly Example[],
): Promise<{ readonly images: readonly QueuedImage[]; readonly unread: readonly Entry[] }> {
  const images: QueuedImage[] = [];
  const unread: Entry[] = [];
  const shown = progress();
  for (const [index, { name, path }] of examples.entries()) {
    try {
      const bytes = await readBytes(path);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      images.push({ index, name, file: path, bytes: bytes.length, sha256 });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      unread.push({ index, name, error: error.message });
    }
    shown.show(`${index + 1} of ${examples.length} images hashed`);
  }
  shown.clear();
  return { images, unread };
}
