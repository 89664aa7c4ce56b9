import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Checkpoint, isJson, openCheckpoint, openShards, type Recognised, readShardIndex, recognise } from '../checkpoints/index.js';
import { SenetError, WeightsError } from '../errors.js';
import type { Source } from '../io/source.js';
import type { Tensor } from '../tensor.js';
import { sha256Of } from './download/cache.js';
import { underName, unreadable } from './files.js';
import { progress } from './progress.js';

/** Files of weights on disk, read by ranges: never whole. */

/**
 * What `use` makes of a checkpoint that is open meanwhile.
 *
 * @throws InputError if the file cannot be read; what `use` throws about weights, with the file's name in front.
 */
export async function withCheckpoint<T>(path: string, use: (checkpoint: Checkpoint) => T | Promise<T>): Promise<T> {
  const handles: FileHandle[] = [];
  try {
    return await use(await openWeights(path, handles));
  } catch (error) {
    throw named(path, error);
  } finally {
    for (const handle of handles) await handle.close();
  }
}

/** A file of weights, or those that lie beside an index and are told of in it. What is opened is added to `handles`. */
async function openWeights(path: string, handles: FileHandle[]): Promise<Checkpoint> {
  const source = await openSource(path, handles);
  if (!(await isJson(source))) return openCheckpoint(source);
  return openShards(source, async (file) => {
    const shard = join(dirname(path), file);
    try {
      return await openCheckpoint(await openSource(shard, handles));
    } catch (error) {
      throw named(shard, error);
    }
  });
}

/** SHA-256 of a file of weights, or of an index and the files that it tells of. */
export async function hashWeights(path: string): Promise<string> {
  const handles: FileHandle[] = [];
  try {
    const source = await openSource(path, handles);
    const { files } = (await isJson(source)) ? await readShardIndex(source) : { files: [] };
    const hashes = [path, ...files.map((file) => join(dirname(path), file))].map(sha256Of);
    const [own, ...others] = await Promise.all(hashes);
    return others.length === 0
      ? (own as string)
      : createHash('sha256')
          .update([own, ...others].join())
          .digest('hex');
  } catch (error) {
    throw named(path, error);
  } finally {
    for (const handle of handles) await handle.close();
  }
}

async function openSource(path: string, handles: FileHandle[]): Promise<Source> {
  const handle = await open(path);
  handles.push(handle);
  return fileSource(handle, (await handle.stat()).size);
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
