import { type FileHandle, open } from 'node:fs/promises';
import { type Checkpoint, openCheckpoint, type Recognised, recognise } from '../checkpoints/index.js';
import { SenetError, WeightsError } from '../errors.js';
import type { Source } from '../io/source.js';
import type { Tensor } from '../tensor.js';
import { underName, unreadable } from './files.js';
import { progress } from './progress.js';

/** Files of weights on disk, read by ranges: never whole. */

/**
 * What `use` makes of a checkpoint that is open meanwhile.
 *
 * @throws InputError if the file cannot be read; what `use` throws about weights, with the file's name in front.
 */
export async function withCheckpoint<T>(path: string, use: (checkpoint: Checkpoint) => T | Promise<T>): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    return await use(await openCheckpoint(fileSource(handle, (await handle.stat()).size)));
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
 * Recognises and loads a file. `model` is `source/name`, or a bare name whose source the file chooses, or absent.
 *
 * @throws InputError and WeightsError as `recognise` and `withCheckpoint` do.
 */
export function loadWeightsFile(path: string, model?: string): Promise<LoadedWeights> {
  return withCheckpoint(path, async (checkpoint) => {
    const { stored: _, weights, ...rest } = recognise(checkpoint, model);
    const shown = progress();
    const reading = weights((read, of) => shown.show(`${path}: ${Math.floor((100 * read) / of)} % read`));
    return { ...rest, metadata: checkpoint.metadata, weights: await reading.finally(() => shown.clear()) };
  });
}
