import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DownloadError } from '../../pretrained/download/error.js';
import { bytesIn, looksLikePage, mostBreaks, usualLimits, worthless } from '../../pretrained/download/limits.js';
import type { StallLimits } from '../../pretrained/download/stall.js';
import { masked } from '../masked.js';
import { claimPart, recordOf, releasePart, removeLeft, removePart } from './part.js';
import { type DownloadAnswer, request } from './request.js';
import { sidecarOf, sidecarText } from './sidecar.js';

export interface FetchOptions extends Partial<StallLimits> {
  /** The first hexadecimal digits of the file's SHA-256, as far as they are known. */
  readonly sha256?: string | undefined;
  /** Sent to the address's own origin only. */
  readonly token?: string | undefined;
  /** The address is a hub's: what it says of the file's SHA-256 and size is held to. @defaultValue false */
  readonly hub?: boolean | undefined;
  /** The largest file that is taken, in bytes. @defaultValue 4 GiB */
  readonly maxBytes?: number;
  /** Bytes that have come, of how many; undefined where nobody said. */
  readonly onProgress?: (bytes: number, of: number | undefined) => void;
}

/** What is known of a file that has come in part, kept beside it. */
interface PartRecord {
  readonly url: string;
  readonly etag: string;
  readonly size: number | null;
}

/**
 * Downloads a file: whole and as published, or not at all. What has come of it stays for the next attempt, of whichever process; its SHA-256
 * is written beside it, as `sha256sum` does.
 *
 * @throws DownloadError, with no token and no password in its message
 */
export async function fetchFile(url: string, file: string, options: FetchOptions = {}): Promise<void> {
  const { username, password } = new URL(url);
  if (username !== '' || password !== '')
    throw new DownloadError('network', url, 'an address with a user or a password is not asked: use one without');
  if (options.token !== undefined && !/^[\x21-\x7e]+$/.test(options.token))
    throw new DownloadError('token', url, 'HF_TOKEN holds characters that no token has: set it anew');
  try {
    await mkdir(dirname(file), { recursive: true });
    const part = await claimPart(file);
    try {
      const sha256 = await collect(url, part, options);
      await writeFile(sidecarOf(part), sidecarText(sha256, file));
      await rename(sidecarOf(part), sidecarOf(file));
      await rename(part, file);
      await removePart(part);
      await removeLeft(file);
    } catch (error) {
      // what cannot be written is not kept either: the disk may be full
      if (error instanceof DownloadError && !worthless.has(error.fault)) await releasePart(part, file);
      else await removePart(part);
      throw error;
    }
  } catch (cause) {
    if (cause instanceof DownloadError) throw withoutToken(cause, options.token);
    throw new DownloadError('file', url, `cannot be kept as ${file} (${(cause as NodeJS.ErrnoException).code ?? cause})`, { cause });
  }
}

/** A server may say the token back: in a redirect, or in its reason for an error. */
function withoutToken(error: DownloadError, token: string | undefined): DownloadError {
  const prefix = `${error.url}: `;
  const message = masked(error.message, token);
  return message === error.message ? error : new DownloadError(error.fault, error.url, message.slice(prefix.length));
}

/** The whole file in `part`, however often the connection breaks as long as something comes of it; returns its SHA-256. */
async function collect(url: string, part: string, options: FetchOptions): Promise<string> {
  for (let fruitless = 0, all = 1; ; all++) {
    const before = await sizeOf(part);
    try {
      const { found, expected } = await attempt(url, part, options);
      const other = expected.find((digits) => !found.startsWith(digits.toLowerCase()));
      if (other === undefined) return found;
      throw new DownloadError(
        'hash',
        url,
        `expected a file whose SHA-256 begins with ${other}, found ${found}: it was thrown away; try again, and if that does not help, do not trust it`,
      );
    } catch (error) {
      fruitless = (await sizeOf(part)) > before ? 0 : fruitless + 1;
      const again = error instanceof DownloadError && error.fault === 'short';
      if (!again || fruitless === mostBreaks.fruitless || all === mostBreaks.all) throw error;
    }
  }
}

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => ({ size: 0 }))).size;

/** One request, to the end of its body; goes on where `part` ends if that is the beginning of the same file. */
async function attempt(url: string, part: string, { sha256, onProgress, ...options }: FetchOptions) {
  const { maxBytes, ...asked } = { ...usualLimits, ...options };
  const record = await readRecord(part);
  const have = await sizeOf(part);
  const resume = record?.url === url && have > 0 ? { from: have, etag: record.etag } : undefined;
  let answer = await request(url, { ...asked, resume });
  try {
    const from = resume ? resumedFrom(answer, resume, record?.size ?? null) : 0;
    if (answer.response.status !== 200 && from === 0) {
      answer.close();
      answer = await request(url, asked);
    }
    const { headers } = answer.response;
    if (headers.get('content-type')?.startsWith('text/html')) throw pageError(url);
    const length = bytesIn(headers, 'content-length');
    const size = length === undefined ? undefined : from + length;
    const announced = answer.linked.size ?? size;
    if (announced !== undefined && announced > maxBytes) throw tooLarge(url, maxBytes);
    await writeFile(recordOf(part), JSON.stringify({ url, etag: headers.get('etag'), size: size ?? null }));
    const { bytes, found } = await pour(url, answer, part, { from, announced, maxBytes, onProgress });
    if (announced !== undefined && bytes !== announced) throw shortError(url, bytes, announced);
    if (await beginsAsPage(part)) throw pageError(url);
    return { found, expected: [answer.linked.sha256, sha256].filter((digits) => digits !== undefined) };
  } finally {
    answer.close();
  }
}

/** Where the answer goes on: at the wanted byte, if it is of the same version of the file, and otherwise at 0. */
function resumedFrom(
  { response }: DownloadAnswer,
  { from, etag }: { readonly from: number; readonly etag: string },
  size: number | null,
): number {
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  const same = response.status === 206 && Number(first) === from && response.headers.get('etag') === etag;
  return same && (size === null || Number(total) === size) ? from : 0;
}

interface Pouring {
  readonly from: number;
  readonly announced: number | undefined;
  readonly maxBytes: number;
  readonly onProgress: FetchOptions['onProgress'];
}

/** The body into the part, from byte `from` on: where it ends, and the SHA-256 of the whole. */
async function pour(url: string, { body }: DownloadAnswer, part: string, { from, announced, maxBytes, onProgress }: Pouring) {
  const hash = createHash('sha256');
  if (from > 0) for await (const chunk of createReadStream(part)) hash.update(chunk);
  const handle = await open(part, from > 0 ? 'r+' : 'w');
  let at = from;
  try {
    for await (const chunk of body()) {
      if (at + chunk.length > maxBytes) throw tooLarge(url, maxBytes);
      if (announced !== undefined && at + chunk.length > announced)
        throw new DownloadError('long', url, `sends more than the ${announced} bytes that it announced: they were thrown away`);
      await writeAll(handle, chunk, at);
      hash.update(chunk);
      at += chunk.length;
      onProgress?.(at, announced);
    }
  } catch (error) {
    if (error instanceof DownloadError && error.fault === 'network') throw shortError(url, at, announced, error);
    throw error;
  } finally {
    await handle.close();
  }
  return { bytes: at, found: hash.digest('hex') };
}

/** A nearly full disk takes a piece of what it is given. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}

/** Undefined where there is none, or one that was cut off or damaged: the download starts anew. */
async function readRecord(part: string): Promise<PartRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(recordOf(part), 'utf8')) as PartRecord;
    return typeof record.etag === 'string' && /^[\x20-\x7e]+$/.test(record.etag) ? record : undefined;
  } catch {
    return undefined;
  }
}

async function beginsAsPage(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    return looksLikePage(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

const pageError = (url: string): DownloadError =>
  new DownloadError(
    'html',
    url,
    'answered with a page for people instead of the file: open it in a browser, fetch the file by hand and name it with --weights',
  );

const shortError = (url: string, bytes: number, announced: number | undefined, cause?: Error): DownloadError =>
  new DownloadError(
    'short',
    url,
    `ended after ${bytes} ${announced === undefined ? '' : `of ${announced} `}bytes: try again, what has come is kept`,
    { cause },
  );

const tooLarge = (url: string, most: number): DownloadError =>
  new DownloadError('long', url, `expected at most ${most} bytes, and it is larger: --max-bytes allows more`);
