import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Checkpoint, identify, isJson, openCheckpoint, openShards, readAll, readShardIndex } from '../checkpoints/index.js';
import type { Loaded } from '../classifier/network.js';
import { InputError, SenetError, underName, WeightsError } from '../errors.js';
import type { Source } from '../io/source.js';
import { sha256Of } from './download/sidecar.js';
import { unreadable } from './files.js';
import { progress } from './progress.js';

/** Files of weights on disk, read by ranges: never whole. */

/**
 * What `use` makes of a checkpoint, or of the `state` of it that is named, that is open meanwhile.
 *
 * @throws InputError if the file cannot be read, or has no such state; what `use` throws about weights, with the file's name in front.
 */
export async function withCheckpoint<T>(path: string, use: (checkpoint: Checkpoint) => T | Promise<T>, state?: string): Promise<T> {
  const handles: FileHandle[] = [];
  try {
    return await use(await openWeights(path, handles, state));
  } catch (error) {
    throw named(path, error);
  } finally {
    for (const handle of handles) await handle.close();
  }
}

/** A file of weights, or those that lie beside an index and are told of in it. What is opened is added to `handles`. */
async function openWeights(path: string, handles: FileHandle[], state: string | undefined): Promise<Checkpoint> {
  const source = await openSource(path, handles);
  if (!(await isJson(source))) return openCheckpoint(source, { ...(state !== undefined && { state }) });
  if (state !== undefined)
    throw new InputError(`${path}: expected no --state for a checkpoint in several files, which holds one, found ${state}`);
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

/** A file's bytes, by ranges. */
export function fileSource(handle: FileHandle, size: number): Source {
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

/**
 * Recognises and loads a file. `model` is `source/name`, or a bare name whose source the file chooses, or absent.
 *
 * @throws InputError and WeightsError as `identify` and `withCheckpoint` do.
 */
export function loadWeightsFile(path: string, model?: string, state?: string): Promise<Loaded> {
  const load = async (checkpoint: Checkpoint): Promise<Loaded> => {
    const { stored, ...rest } = identify(checkpoint, model);
    const bar = progress();
    const reading = readAll(stored, (read, of) => bar.show(`${path}: ${Math.floor((100 * read) / of)} % read`));
    return { ...rest, metadata: checkpoint.metadata, weights: await reading.finally(() => bar.clear()) };
  };
  return withCheckpoint(path, load, state);
}
