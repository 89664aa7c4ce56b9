import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { InputError, type Source } from 'senet';
import { fileSource, type QueuedNetwork } from 'senet/node';
import { addressBelow, fetchBytes, isAddress } from './http.js';

/** A file of weights that is open to be read by ranges, under the coordinator's name for it, by which published weights are known. */
export interface OpenFile {
  readonly source: Source & { readonly name: string };
  close(): Promise<void>;
}

/** Where the network lies that ships. */
const shipped = join(dirname(createRequire(import.meta.url).resolve('senet/package.json')), 'assets', 'weights');

type Wanted = Pick<QueuedNetwork, 'sha256' | 'file' | 'bytes'>;

/**
 * The file of a hash: at a place, which is a file, a folder of files or the address of such a folder, or else among what ships with senet.
 *
 * @throws InputError naming the hash, and what was found instead
 */
export async function openWeights(place: string | undefined, wanted: Wanted): Promise<OpenFile> {
  return await (place !== undefined && isAddress(place) ? fetchWeights(place, wanted) : openHere(place, wanted));
}

async function fetchWeights(place: string, { sha256, file, bytes }: Wanted): Promise<OpenFile> {
  const address = addressBelow(place, file);
  const all = await fetchBytes(address, bytes);
  const found = createHash('sha256').update(all).digest('hex');
  if (found !== sha256) throw new InputError(`${address}: expected the weights of SHA-256 ${sha256}, found ${found}`);
  const source = { name: file, size: bytes, read: async (begin: number, length: number) => all.subarray(begin, begin + length) };
  return { source, close: async () => undefined };
}

async function openHere(place: string | undefined, { sha256, file }: Wanted): Promise<OpenFile> {
  const found: string[] = [];
  for (const path of [...(place === undefined ? [] : await filesAt(place, file)), ...(await filesAt(shipped, file))]) {
    const handle = await opened(path);
    const hash = await hashOf(path, handle).catch(async (cause: NodeJS.ErrnoException) => {
      await handle.close();
      throw new InputError(`${path}: cannot be read (${cause.code})`, { cause });
    });
    if (hash === sha256) {
      const { size } = await handle.stat();
      return { source: { ...fileSource(handle, size), name: file }, close: () => handle.close() };
    }
    await handle.close();
    if (place !== undefined && dirname(path) !== shipped) found.push(`${basename(path)} of ${hash}`);
  }
  const where = place ?? 'what ships with senet (--weights names a file or a folder)';
  const others = found.length > 4 ? ` and ${found.length - 4} more` : '';
  throw new InputError(
    `${where}: expected the weights ${file} of SHA-256 ${sha256}, found ${found.slice(0, 4).join(', ') || 'no other'}${others}`,
  );
}

/** A file, or the files of a folder, those of the name first. */
async function filesAt(place: string, name: string): Promise<readonly string[]> {
  try {
    if (!(await stat(place)).isDirectory()) return [place];
    const files: string[] = [];
    for (const entry of (await readdir(place)).sort()) {
      const path = join(place, entry);
      if ((await stat(path).catch(() => undefined))?.isFile()) files.push(path);
    }
    return files.sort((a, b) => Number(basename(b) === name) - Number(basename(a) === name));
  } catch (cause) {
    throw new InputError(`${place}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    throw new InputError(`${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

/** What was hashed once is not hashed for the next evaluation, unless it was changed. */
const known = new Map<string, string>();

async function hashOf(path: string, handle: FileHandle): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await handle.stat({ bigint: true });
  const identity = [path, dev, ino, size, mtimeNs, ctimeNs].join(' ');
  const before = known.get(identity);
  if (before !== undefined) return before;
  const hash = createHash('sha256');
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Buffer);
  const digest = hash.digest('hex');
  known.set(identity, digest);
  return digest;
}
