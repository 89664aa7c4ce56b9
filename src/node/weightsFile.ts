import { createHash } from 'node:crypto';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type IdentifiedDetector, identifyDetector } from '../checkpoints/detector.js';
import { type Checkpoint, identify, isJson, openCheckpoint, openShards, readAll, readShardIndex } from '../checkpoints/index.js';
import type { Loaded } from '../classifier/network.js';
import { InputError, SenetError, underName, WeightsError } from '../errors.js';
import type { Source } from '../io/source.js';
import type { Stored } from '../io/tensorFile.js';
import { kindOf, shown, type Tensor } from '../tensor.js';
import { fileBeside } from './beside.js';
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
      return await openCheckpoint(await openSource((await fileBeside(path, file)) ?? shard, handles));
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
    const shards = files.map(async (file) => (await fileBeside(path, file)) ?? join(dirname(path), file));
    const [own, ...others] = await Promise.all([path, ...(await Promise.all(shards))].map(sha256Of));
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

/** A file's bytes, by ranges. @throws InputError for what is no open file, or no size */
export function fileSource(handle: FileHandle, size: number): Source {
  if (typeof (handle as Partial<FileHandle> | null | undefined)?.read !== 'function')
    throw new InputError(`fileSource takes what open of node:fs/promises returns, not ${kindOf(handle)}`);
  if (!Number.isSafeInteger(size) || size < 0) throw new InputError(`fileSource: size is a whole number of bytes, not ${shown(size)}`);
  return {
    size,
    read: async (begin, length, into) => {
      const bytes = into?.subarray(0, length) ?? new Uint8Array(length);
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

/** A file of weights whose tensors are read when they are asked for, until it is closed. */
interface OpenFile {
  readonly weights: ReadonlyMap<string, Stored>;
  /** Paths, sizes, times and places on disk of the files that are open: a file that was changed or replaced has another. */
  readonly identity: string;
  readonly metadata: Checkpoint['metadata'];
  close(): Promise<void>;
}

/** One whose network is known. */
export interface OpenWeights extends OpenFile, Loaded {
  readonly weights: OpenFile['weights'];
}

/** One whose detector is known. */
export type OpenDetectorFile = OpenFile & Omit<IdentifiedDetector, 'stored'>;

/**
 * Recognises a file. `model` is `source/name`, or a bare name whose source the file chooses, or absent.
 *
 * @throws InputError and WeightsError as `identify` and `withCheckpoint` do; reading a tensor throws WeightsError with the file's name.
 */
export const openWeightsFile = (path: string, model?: string, state?: string): Promise<OpenWeights> =>
  openAs(path, state, (checkpoint) => identify(checkpoint, model));

/** The same of a detector. @throws as `identifyDetector`, and as `openWeightsFile` */
export const openDetectorFile = (path: string, model?: string, state?: string): Promise<OpenDetectorFile> =>
  openAs(path, state, (checkpoint) => identifyDetector(checkpoint, model));

async function openAs<T extends { readonly stored: ReadonlyMap<string, Stored> }>(
  path: string,
  state: string | undefined,
  recognise: (checkpoint: Checkpoint) => T,
): Promise<OpenFile & Omit<T, 'stored'>> {
  const handles: FileHandle[] = [];
  const close = async (): Promise<void> => {
    for (const handle of handles.splice(0)) await handle.close();
  };
  try {
    const checkpoint = await openWeights(path, handles, state);
    const { stored, ...rest } = recognise(checkpoint);
    const identity = await identityOf(path, handles);
    return {
      ...rest,
      metadata: checkpoint.metadata,
      weights: watched(path, stored),
      identity,
      close,
    };
  } catch (error) {
    await close();
    throw named(path, error);
  }
}

/** What tells that a file of weights, and what it is read with, are as they were: paths, sizes, times and places on disk. */
export const identityOf = async (path: string, handles: readonly FileHandle[]): Promise<string> =>
  `${await realpath(path)}\n${(await Promise.all(handles.map(factsOf))).join('\n')}`;

async function factsOf(handle: FileHandle): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await handle.stat({ bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** The same with its tensors in memory. @throws as `openWeightsFile` */
export async function loadWeightsFile(
  path: string,
  model?: string,
  state?: string,
): Promise<Omit<Loaded, 'weights'> & { readonly weights: ReadonlyMap<string, Tensor> }> {
  const { close, weights, identity: _, ...rest } = await openWeightsFile(path, model, state);
  try {
    return { ...rest, weights: await readAll(weights) };
  } finally {
    await close();
  }
}

/** Tensors whose reading is shown, and whose errors name the file. */
function watched(path: string, tensors: ReadonlyMap<string, Stored>): ReadonlyMap<string, Stored> {
  const bar = progress();
  const unread = new Set(tensors.keys());
  const read = async (name: string, stored: Stored, into?: Uint8Array): Promise<Tensor> => {
    try {
      return await stored.read(into);
    } catch (error) {
      unread.clear(); // nothing more is read
      throw named(path, error);
    } finally {
      unread.delete(name);
      if (unread.size === 0) bar.clear();
      else bar.show(`${path}: ${Math.floor(100 * (1 - unread.size / tensors.size))} % read`);
    }
  };
  return new Map([...tensors].map(([name, stored]) => [name, { ...stored, read: (into) => read(name, stored, into) }]));
}
