import { type FileHandle, open } from 'node:fs/promises';
import { Option } from 'commander';
import { type Checkpoint, openCheckpoint, type Recognised, recognise } from '../checkpoints/index.js';
import { SenetError, WeightsError } from '../errors.js';
import type { Source } from '../io/source.js';
import type { Tensor } from '../tensor.js';
import { underName, unreadable } from './files.js';
import { note } from './output.js';
import { progress } from './progress.js';

/** Files of weights on disk, read by ranges: never whole. */

/** Which of several that a trainer's file holds. */
export const stateOption = (): Option =>
  new Option('--state <name>', 'which weights of a file that holds several, as `model_ema` (default: those that its trainer would load)');

/**
 * What `use` makes of a checkpoint, or of the `state` of it that is named, that is open meanwhile.
 *
 * @throws InputError if the file cannot be read, or has no such state; what `use` throws about weights, with the file's name in front.
 */
export async function withCheckpoint<T>(path: string, use: (checkpoint: Checkpoint) => T | Promise<T>, state?: string): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const source = fileSource(handle, (await handle.stat()).size);
    return await use(await openCheckpoint(source, { ...(state !== undefined && { state }) }));
  } catch (error) {
    throw named(path, error);
  } finally {
    await handle?.close();
  }
}

function fileSource(handle: FileHandle, size: number): Source {
  return {
    size,
    read: async (begin, length) => {
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, begin + filled);
        if (bytesRead === 0) break; // the file became shorter
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
  };
}

/** An error under the name of the file that it is about. */
function named(path: string, error: unknown): unknown {
  if (error instanceof WeightsError) return underName(path, error);
  if (error instanceof SenetError) return error; // about a name, or another file
  return (error as NodeJS.ErrnoException).code === undefined ? error : unreadable(path, error);
}

/** A network's weights, and which network it is. */
export interface LoadedWeights extends Omit<Recognised, 'weights' | 'stored'> {
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The file's. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Recognises and loads a file. `model` is `source/name`, or a bare name whose source the file chooses, or absent. What was chosen of it, and what was
 * left, is said on stderr.
 *
 * @throws InputError and WeightsError as `recognise` and `withCheckpoint` do.
 */
export function loadWeightsFile(path: string, model?: string, state?: string): Promise<LoadedWeights> {
  const load = async (checkpoint: Checkpoint): Promise<LoadedWeights> => {
    const { stored: _, weights, ...rest } = recognise(checkpoint, model);
    sayWhatWasTaken(path, rest);
    const bar = progress();
    const reading = weights((read, of) => bar.show(`${path}: ${Math.floor((100 * read) / of)} % read`));
    return { ...rest, metadata: checkpoint.metadata, weights: await reading.finally(() => bar.clear()) };
  };
  return withCheckpoint(path, load, state);
}

/** Of a file that holds the network more than once, or tensors that the network has no place for. */
export function sayWhatWasTaken(path: string, { takenFrom, alsoIn, ignored }: Pick<Recognised, 'takenFrom' | 'alsoIn' | 'ignored'>): void {
  if (alsoIn.length > 0) note(`${path}: weights taken from ${takenFrom || 'the top'}; --state takes ${alsoIn.join(' or ')} instead`);
  const tensors = [...ignored].flatMap(([name, what]) => (what === 'a tensor' ? [name] : []));
  const more = tensors.length > shown ? ` and ${tensors.length - shown} more` : '';
  if (tensors.length > 0) note(`${path}: ignored, as no part of the network: ${tensors.slice(0, shown).join(', ')}${more}`);
}

/** Names that are told of many. */
const shown = 4;
