import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { DownloadError, type DownloadFault } from './error.js';
import { claimPart, recordOf, releasePart, removePart } from './part.js';
import { type Answer, request } from './request.js';

export interface FetchOptions {
  /** The first hexadecimal digits of the file's SHA-256, as far as they are known. */
  readonly sha256?: string | undefined;
  /** Sent to the address's own origin only. */
  readonly token?: string | undefined;
  /** The address is a hub's: what it says of the file's SHA-256 and size is held to. @defaultValue false */
  readonly hub?: boolean | undefined;
  /** The longest silence, in milliseconds. @defaultValue 20,000 */
  readonly stallMs?: number;
  /** Bytes that have come, of how many; undefined where nobody said. */
  readonly onProgress?: (bytes: number, of: number | undefined) => void;
}

/** After these what has come is not the beginning of the file. */
const worthless: ReadonlySet<DownloadFault> = new Set(['html', 'hash']);

/** So many connections in a row may break without a byte more having come. */
const mostBreaks = 3;

/** What is known of a file that has come in part, kept beside it. */
interface PartRecord {
  readonly url: string;
  readonly etag: string | null;
  readonly size: number | null;
}

/**
 * Downloads a file: whole and as published, or not at all. What has come of it stays for the next attempt, of whichever process; its SHA-256
 * is written beside it, as `sha256sum` does.
 *
 * @throws DownloadError
 */
export async function fetchFile(url: string, file: string, options: FetchOptions = {}): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    const part = await claimPart(file);
    try {
      const sha256 = await collect(url, part, options);
      await writeFile(sidecarOf(file), `${sha256}  ${basename(file)}\n`);
      await rename(part, file);
      await removePart(part);
    } catch (error) {
      if (error instanceof DownloadError && worthless.has(error.fault)) await removePart(part);
      else await releasePart(part, file);
      throw error;
    }
  } catch (cause) {
    if (cause instanceof DownloadError) throw cause;
    throw new DownloadError('file', url, `cannot be kept as ${file} (${(cause as NodeJS.ErrnoException).code ?? cause})`, { cause });
  }
}

/** The whole file in `part`, however often the connection breaks as long as something comes of it; returns its SHA-256. */
async function collect(url: string, part: string, options: FetchOptions): Promise<string> {
  for (let breaks = 0; ; ) {
    const before = await sizeOf(part);
    try {
      const { found, expected } = await attempt(url, part, options);
      if (expected === undefined || found.startsWith(expected)) return found;
      throw new DownloadError(
        'hash',
        url,
        `expected a file whose SHA-256 begins with ${expected}, found ${found}: it was thrown away; try again, and if that does not help, do not trust it`,
      );
    } catch (error) {
      breaks = (await sizeOf(part)) > before ? 0 : breaks + 1;
      if (!(error instanceof DownloadError && error.fault === 'short') || breaks === mostBreaks) throw error;
    }
  }
}

export const sidecarOf = (file: string): string => `${file}.sha256`;
const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => ({ size: 0 }))).size;

/** One request, to the end of its body; goes on where `part` ends if that is the beginning of the same file. */
async function attempt(url: string, part: string, { sha256, token, hub, stallMs = 20_000, onProgress }: FetchOptions) {
  const record = await readRecord(part);
  const have = await sizeOf(part);
  const resume = record?.url === url && record.etag !== null && have > 0 ? { from: have, etag: record.etag } : undefined;
  let answer = await request(url, { token, hub, resume, stallMs });
  let from = resume ? resumedFrom(answer, resume, record?.size ?? null) : 0;
  if (answer.response.status !== 200 && from === 0) {
    await answer.response.body?.cancel();
    answer = await request(url, { token, hub, stallMs });
    from = 0;
  }
  const { headers } = answer.response;
  if (headers.get('content-type')?.startsWith('text/html')) throw pageError(url);
  const length = headers.get('content-length');
  const size = length === null ? undefined : from + Number(length);
  await writeFile(recordOf(part), JSON.stringify({ url, etag: headers.get('etag'), size: size ?? null } satisfies PartRecord));

  const hash = createHash('sha256');
  if (from > 0) for await (const chunk of createReadStream(part)) hash.update(chunk);
  const handle = await open(part, from > 0 ? 'r+' : 'w');
  try {
    const announced = answer.linked.size ?? size;
    const bytes = await pour(url, answer, handle, hash, from, (bytes) => onProgress?.(bytes, announced));
    if (announced !== undefined && bytes !== announced) throw shortError(url, bytes, announced);
  } finally {
    await handle.close();
  }
  if (await looksLikePage(part)) throw pageError(url);
  return { found: hash.digest('hex'), expected: answer.linked.sha256 ?? sha256 };
}

/** Where the answer goes on: at the wanted byte, if it is of the same version of the file, and otherwise at 0. */
function resumedFrom({ response }: Answer, { from, etag }: { readonly from: number; readonly etag: string }, size: number | null): number {
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  const same = response.status === 206 && Number(first) === from && response.headers.get('etag') === etag;
  return same && (size === null || Number(total) === size) ? from : 0;
}

/** The body into the file, from byte `from` on; returns where it ends. */
async function pour(
  url: string,
  { response, linked, body }: Answer,
  handle: FileHandle,
  hash: Hash,
  from: number,
  onBytes: (bytes: number) => void,
): Promise<number> {
  let at = from;
  try {
    for await (const chunk of body()) {
      await handle.write(chunk, 0, chunk.length, at);
      hash.update(chunk);
      at += chunk.length;
      onBytes(at);
    }
  } catch (error) {
    if (error instanceof DownloadError && error.fault === 'network')
      throw shortError(url, at, linked.size ?? from + Number(response.headers.get('content-length')), error);
    throw error;
  }
  return at;
}

async function readRecord(part: string): Promise<PartRecord | undefined> {
  try {
    return JSON.parse(await readFile(recordOf(part), 'utf8')) as PartRecord;
  } catch {
    return undefined; // none, or one cut off: the download starts anew
  }
}

/** Every format of weights begins otherwise. */
async function looksLikePage(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    return /^\s*<(!doctype|html|\?xml)/i.test(buffer.toString('latin1', 0, bytesRead));
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

const shortError = (url: string, bytes: number, announced: number, cause?: Error): DownloadError =>
  new DownloadError('short', url, `ended after ${bytes} of ${announced} bytes: try again, what has come is kept`, { cause });
