import { onAbort, type SignalLike } from '../../io/signal.js';
import { DownloadError } from './error.js';
import { type Keeper, keeperOf } from './kept.js';
import { bytesIn, looksLikePage, mostBreaks, usualLimits, worthless } from './limits.js';
import type { DownloadProgress } from './progress.js';
import { type StallLimits, stallWatch } from './stall.js';

export interface FetchBlobOptions extends Partial<StallLimits> {
  /** The first hexadecimal digits of the file's SHA-256, as far as they are known. */
  readonly sha256?: string | undefined;
  /** Its size, where it is known. */
  readonly size?: number | undefined;
  /** The largest file that is taken, in bytes. @defaultValue 4 GiB */
  readonly maxBytes?: number;
  readonly signal?: SignalLike | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

export interface Fetched {
  readonly blob: Blob;
  /** What was not done and why: kept, checked. A sentence each, for people. */
  readonly notes: readonly string[];
}

/** After so many bytes what has come is kept. */
const pieceBytes = 2 ** 22;

/** What has come of a file. */
interface Part {
  readonly keeper: Keeper;
  pieces: Blob[];
  etag: string | null;
  size: number | null;
}

/** The file if it is kept here, as it was when it came: its SHA-256 is checked. One that was damaged is removed. */
export async function keptBlob(url: string, sha256?: string): Promise<Blob | undefined> {
  const keeper = keeperOf(url);
  const kept = await keeper.read();
  if (kept?.record.sha256 === undefined) return undefined;
  const blob = new Blob([...kept.pieces]);
  const found = await sha256Of(blob);
  if (found === undefined || (found === kept.record.sha256 && found.startsWith(sha256?.toLowerCase() ?? ''))) return blob;
  await keeper.remove();
  return undefined;
}

/**
 * Fetches a file where there is no file system: whole and as published, or not at all. What comes is kept by the browser, so that a download that breaks off
 * or is aborted is resumed by the next.
 *
 * @throws DownloadError; the signal's reason, if it is aborted
 */
export async function fetchBlob(url: string, options: FetchBlobOptions = {}): Promise<Fetched> {
  const { sha256 } = options;
  const part = await begun(url);
  try {
    await collect(url, part, options);
    const blob = new Blob(part.pieces);
    if (looksLikePage(new Uint8Array(await blob.slice(0, 64).arrayBuffer()))) throw pageError(url);
    const found = await sha256Of(blob);
    if (found !== undefined && sha256 !== undefined && !found.startsWith(sha256.toLowerCase())) throw hashError(url, sha256, found);
    if (found !== undefined) await part.keeper.note({ etag: part.etag, size: blob.size, sha256: found });
    return { blob, notes: notesOn(url, part.keeper, sha256, found) };
  } catch (error) {
    if (error instanceof DownloadError && worthless.has(error.fault)) await part.keeper.remove();
    throw error;
  }
}

function notesOn(url: string, { failure }: Keeper, expected: string | undefined, found: string | undefined): readonly string[] {
  return [
    ...(failure === undefined ? [] : [`${url}: not kept for the next time (${failure})`]),
    ...(found === undefined ? [`${url}: its SHA-256 was not checked, since pages can do so over https and on localhost only`] : []),
    ...(found !== undefined && expected === undefined ? [`${url}: its SHA-256 is ${found}; nobody said what it should be`] : []),
  ];
}

/** What is there from before. A whole file is none that was asked for again, unless it is wrong. */
async function begun(url: string): Promise<Part> {
  const keeper = keeperOf(url);
  const kept = await keeper.read();
  if (kept === undefined || kept.record.sha256 !== undefined) return { keeper, pieces: [], etag: null, size: null };
  const { etag, size } = kept.record;
  return { keeper, pieces: [...kept.pieces], etag, size };
}

const sizeOf = ({ pieces }: Part): number => pieces.reduce((sum, { size }) => sum + size, 0);

/** However often the connection breaks as long as something comes of it. */
async function collect(url: string, part: Part, options: FetchBlobOptions): Promise<void> {
  for (let fruitless = 0, all = 1; ; all++) {
    const before = sizeOf(part);
    try {
      return await attempt(url, part, options);
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      fruitless = sizeOf(part) > before ? 0 : fruitless + 1;
      const again = error instanceof DownloadError && error.fault === 'short';
      if (!again || fruitless === mostBreaks.fruitless || all === mostBreaks.all) throw error;
    }
  }
}

/** One request, to the end of its body; it goes on where the part ends if that is the beginning of the same file. */
async function attempt(url: string, part: Part, { signal, onProgress, sha256, ...options }: FetchBlobOptions): Promise<void> {
  signal?.throwIfAborted();
  const { maxBytes, size: expected, ...limits } = { ...usualLimits, ...options };
  const watch = stallWatch(url, limits);
  const deafen = signal && onAbort(signal, watch.abort);
  try {
    const from = sizeOf(part);
    // without a validator only a known SHA-256 tells whether two parts are of one file
    const resumes = from > 0 && (part.etag !== null || sha256?.length === 64);
    let response = await ask(url, resumes ? part : undefined, watch);
    if (!(resumes && continues(response, part))) {
      if (response.status !== 200) {
        await response.body?.cancel();
        response = await ask(url, undefined, watch);
      }
      await part.keeper.remove();
      part.pieces = [];
    }
    const { headers } = response;
    if (headers.get('content-type')?.startsWith('text/html')) throw pageError(url);
    const length = bytesIn(headers, 'content-length');
    const total = expected ?? (length === undefined ? undefined : sizeOf(part) + length);
    if (total !== undefined && total > maxBytes) throw tooLarge(url, maxBytes);
    if (part.pieces.length === 0) {
      [part.etag, part.size] = [headers.get('etag'), total ?? null];
      await part.keeper.note({ etag: part.etag, size: part.size });
    }
    await pour(url, watch.read(response), part, { total, maxBytes, onProgress });
  } finally {
    deafen?.();
    watch.abort();
  }
}

/** Range is a header that pages may send anywhere. If-Range is not: of another origin the answer's validator is looked at instead. */
async function ask(url: string, resumed: Part | undefined, watch: ReturnType<typeof stallWatch>): Promise<Response> {
  const here = (globalThis as { readonly location?: Location }).location?.origin;
  const headers = resumed && {
    range: `bytes=${sizeOf(resumed)}-`,
    ...(resumed.etag?.startsWith('"') && new URL(url).origin === here && { 'if-range': resumed.etag }),
  };
  const asked = { signal: watch.signal, credentials: 'omit', cache: 'no-store', ...(headers && { headers }) } as const;
  const response = await watch.guard(fetch(url, asked)).catch((error: DownloadError) => {
    throw error.fault === 'network' ? unreachable(url, error) : error;
  });
  const wanted = resumed ? [200, 206, 416] : [200];
  if (wanted.includes(response.status)) return response;
  await response.body?.cancel();
  throw statusError(url, response.status);
}

/** Whether the answer goes on where the part ends, and is of the same version of the file. Of another origin a header may be hidden. */
function continues({ status, headers }: Response, part: Part): boolean {
  if (status !== 206) return false;
  const [from, etag, range] = [sizeOf(part), headers.get('etag'), headers.get('content-range')];
  if (etag !== part.etag) return false;
  if (range === null) return part.size !== null && from + (bytesIn(headers, 'content-length') ?? Number.NaN) === part.size;
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(range) ?? [];
  return Number(first) === from && (part.size === null || Number(total) === part.size);
}

interface Pouring {
  readonly total: number | undefined;
  readonly maxBytes: number;
  readonly onProgress: FetchBlobOptions['onProgress'];
}

/** The body into the part, a piece at a time. Whatever ends it, what has come is kept. */
async function pour(url: string, body: AsyncIterable<Uint8Array>, part: Part, { total, maxBytes, onProgress }: Pouring): Promise<void> {
  let [received, since] = [sizeOf(part), 0];
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  const seal = async (): Promise<void> => {
    if (since === 0) return;
    const piece = new Blob(chunks);
    [chunks, since] = [[], 0];
    await part.keeper.add(piece, part.pieces.push(piece) - 1);
  };
  try {
    for await (const chunk of body) {
      received += chunk.length;
      if (received > maxBytes) throw tooLarge(url, maxBytes);
      if (total !== undefined && received > total)
        throw new DownloadError('long', url, `sends more than the ${total} bytes that were announced: they were thrown away`);
      chunks.push(chunk as Uint8Array<ArrayBuffer>);
      since += chunk.length;
      if (since >= pieceBytes) await seal();
      onProgress?.({ received, total });
    }
  } catch (error) {
    if (error instanceof DownloadError && error.fault === 'network') throw shortError(url, received, total, error);
    throw error;
  } finally {
    await seal();
  }
  if (total !== undefined && received !== total) throw shortError(url, received, total);
}

/** Undefined where pages cannot compute it. */
async function sha256Of(blob: Blob): Promise<string | undefined> {
  const { subtle } = globalThis.crypto as Partial<Crypto>;
  if (subtle === undefined) return undefined;
  const digest = new Uint8Array(await subtle.digest('SHA-256', await blob.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const byHand = 'fetch the file by other means and hand it in as weights';

const pageError = (url: string): DownloadError =>
  new DownloadError('html', url, `answered with a page for people instead of the file: ${byHand}`);

const hashError = (url: string, expected: string, found: string): DownloadError =>
  new DownloadError(
    'hash',
    url,
    `expected a file whose SHA-256 begins with ${expected}, found ${found}: it was thrown away; try again, and if that does not help, do not trust it`,
  );

const shortError = (url: string, bytes: number, total: number | undefined, cause?: Error): DownloadError =>
  new DownloadError('short', url, `ended after ${bytes} ${total === undefined ? '' : `of ${total} `}bytes: try again`, { cause });

const tooLarge = (url: string, most: number): DownloadError =>
  new DownloadError('long', url, `expected at most ${most} bytes, and it is larger: ${byHand}`);

/** A page is not told why. */
function unreachable(url: string, cause: DownloadError): DownloadError {
  if ((globalThis as { readonly navigator?: Navigator }).navigator?.onLine === false)
    return new DownloadError('offline', url, 'is not kept here, and there is no connection: try again when there is one', { cause });
  return new DownloadError('network', url, `cannot be reached, or lets no page of another origin read it: try again, or ${byHand}`, {
    cause,
  });
}

function statusError(url: string, status: number): DownloadError {
  const again = status === 429 || status >= 500;
  return new DownloadError('status', url, `answered ${status}: ${again ? 'try again later' : byHand}`);
}
