import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fmix32 } from '../../../src/io/synthetic.js';

/** Byte k of plane c of the image that was made from `seed`: any byte, the same on every call. */
export const byteOf = (seed: number, c: number, k: number): number => fmix32(seed * 3072 + c * 1024 + k) & 255;

/** A record of the binary form: label bytes, then three planes. */
export const recordOf = (labels: readonly number[], seed: number): Uint8Array =>
  Uint8Array.from({ length: labels.length + 3072 }, (_, i) => {
    const k = i - labels.length;
    return k < 0 ? (labels[i] as number) : byteOf(seed, Math.floor(k / 1024), k % 1024);
  });

/** Files of a folder, by name. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
