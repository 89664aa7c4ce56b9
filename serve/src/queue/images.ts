import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { InputError } from 'senet';
import type { QueuedImage } from 'senet/node';

/**
 * The bytes of an image of a folder.
 *
 * @throws InputError for a place outside the folder, a file that cannot be read, and bytes of another hash than the coordinator's
 */
export async function readImage(folder: string, { name, sha256 }: Pick<QueuedImage, 'name' | 'sha256'>): Promise<Uint8Array> {
  const root = resolve(folder);
  const path = resolve(root, name);
  if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) throw new InputError(`${name}: expected an image below ${root}`);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: cannot be read (${cause.code})`, { cause });
  });
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new InputError(`${path}: expected the image that the coordinator has, of SHA-256 ${sha256}, found ${found}`);
  return bytes;
}
