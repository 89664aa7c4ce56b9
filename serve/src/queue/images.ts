import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { InputError } from 'senet';
import type { QueuedImage } from 'senet/node';
import { addressBelow, fetchBytes, isAddress } from './http.js';

/**
 * The bytes of an image of a folder, or below an address.
 *
 * @throws InputError for a place outside of it, what cannot be read, and bytes of another hash than the coordinator's
 */
export async function readImage(
  place: string,
  { name, bytes, sha256 }: Pick<QueuedImage, 'name' | 'bytes' | 'sha256'>,
): Promise<Uint8Array> {
  const path = isAddress(place) ? addressBelow(place, name) : pathBelow(place, name);
  const image = isAddress(place) ? await fetchBytes(path, bytes) : await readBytes(path);
  const found = createHash('sha256').update(image).digest('hex');
  if (found !== sha256) throw new InputError(`${path}: expected the image that the coordinator has, of SHA-256 ${sha256}, found ${found}`);
  return image;
}

function pathBelow(folder: string, name: string): string {
  const root = resolve(folder);
  const path = resolve(root, name);
  if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) throw new InputError(`${name}: expected an image below ${root}`);
  return path;
}

const readBytes = (path: string): Promise<Uint8Array> =>
  readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: cannot be read (${cause.code})`, { cause });
  });
