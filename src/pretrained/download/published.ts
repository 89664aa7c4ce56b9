import { InputError, UnsupportedError } from '../../errors.js';
import { onAbort } from '../../io/signal.js';
import { blobSource, type Source } from '../../io/source.js';
import type { Origin, PublishedWeights } from '../pretrained.js';
import { endpointOf, hubListUrl, hubUrl, usualHub } from './address.js';
import { type FetchBlobOptions, fetchBlob, keptBlob } from './fetchBlob.js';

export interface FetchPublishedOptions extends Pick<FetchBlobOptions, 'signal' | 'onProgress' | 'maxBytes'> {
  /** A hub. @defaultValue Hugging Face's */
  readonly endpoint?: string | undefined;
}

/** What a hub says of a file. */
type HubFacts = Pick<FetchBlobOptions, 'sha256' | 'size'>;

/**
 * Published weights where there is no file system: from what the browser keeps, else from where they are published.
 *
 * @throws DownloadError; InputError for weights that no program can fetch, or an endpoint that is none; UnsupportedError for those that ship as a file of the
 *   package; the signal's reason, if it is aborted
 */
export async function fetchPublished(
  { name, origin }: PublishedWeights,
  { endpoint = usualHub, ...options }: FetchPublishedOptions = {},
): Promise<{ readonly source: Source; readonly file: string; readonly notes: readonly string[] }> {
  const { url, facts } = placeOf(name, origin, endpointOf(endpoint, 'endpoint'));
  const known = origin.kind === 'url' ? origin.sha256 : undefined;
  const kept = await keptBlob(url, known);
  options.signal?.throwIfAborted();
  if (kept) return { source: blobSource(kept), file: name, notes: [] };
  const { blob, notes } = await fetchBlob(url, { ...options, ...(await facts(options.signal)) });
  return { source: blobSource(blob), file: name, notes };
}

function placeOf(
  name: string,
  origin: Origin,
  endpoint: string,
): { url: string; facts(signal: FetchBlobOptions['signal']): Promise<HubFacts> } {
  switch (origin.kind) {
    case 'hub':
      return {
        url: hubUrl(origin, 'main', endpoint),
        facts: (signal) => factsOf(hubListUrl(origin, 'main', endpoint), origin.file, signal),
      };
    case 'url':
      return { url: origin.url, facts: async () => ({ sha256: origin.sha256 }) };
    case 'shipped':
      throw new UnsupportedError(
        `${name} is a file of the package, senet/assets/${origin.file}: serve it, fetch it, and hand its bytes in as weights`,
      );
    case 'page':
      throw new InputError(`${name} cannot be downloaded by a program: fetch it from ${origin.url} and hand its bytes in as weights`);
  }
}

/** Nothing where a hub does not say: a mirror may have the files alone. What is wrong with the connection, the file's own request tells. */
async function factsOf(url: string, file: string, signal: FetchBlobOptions['signal']): Promise<HubFacts> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const deafen = signal && onAbort(signal, abort);
  try {
    const response = await fetch(url, { signal: controller.signal, credentials: 'omit' });
    const list = (response.ok ? await response.json() : []) as readonly HubEntry[];
    const { lfs } = list.find(({ path }) => path === file) ?? {};
    if (lfs === undefined || !/^[0-9a-f]{64}$/.test(lfs.oid) || !Number.isSafeInteger(lfs.size)) return {};
    return { sha256: lfs.oid, size: lfs.size };
  } catch {
    return {};
  } finally {
    deafen?.();
  }
}

/** A row of a hub's list of files. */
interface HubEntry {
  readonly path: string;
  readonly lfs?: { readonly oid: string; readonly size: number };
}
