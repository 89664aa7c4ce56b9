import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** The SHA-256 of a downloaded file, kept beside it in the form of `sha256sum`. */
export const sidecarOf = (file: string): string => `${file}.sha256`;

export const sidecarText = (sha256: string, file: string): string => `${sha256}  ${basename(file)}\n`;

/** The 64 digits beside a file; undefined where there is nothing, null where what is there is not what this program writes. */
export async function readSidecar(file: string): Promise<string | null | undefined> {
  const present = await lstat(sidecarOf(file)).catch(() => undefined);
  if (present === undefined) return undefined;
  const short = present.isFile() && present.size <= sidecarText('0'.repeat(64), file).length;
  const text = short ? await readFile(sidecarOf(file), 'latin1').catch(() => '') : '';
  const digits = text.slice(0, 64);
  return /^[0-9a-f]{64}$/.test(digits) && Buffer.from(text, 'latin1').equals(Buffer.from(sidecarText(digits, file))) ? digits : null;
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
