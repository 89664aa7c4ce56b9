import { UnsupportedError } from '../errors.js';
import type { Source } from '../io/source.js';
import { type FetchPublishedOptions, fetchPublished } from '../pretrained/download/published.js';
import type { PublishedWeights } from '../pretrained/pretrained.js';
import { hasNodeThreads } from '../wasm/workers.js';

/** A file of published weights that is here. */
export interface OpenPublished {
  readonly source: Source;
  /** What it is called in messages. */
  readonly file: string;
  /** What could not be done on the way, for people. */
  readonly notes?: readonly string[];
  close?(): Promise<void>;
}

/**
 * Published weights, downloaded where they are not kept yet: in the cache of the `senet` command where there is a file system, else in the browser's.
 *
 * @param mostBytes the largest file that can be of them
 * @throws DownloadError; InputError and UnsupportedError for weights that cannot be downloaded here; the signal's reason
 */
export const openPublished = (
  named: PublishedWeights,
  mostBytes: (named: PublishedWeights) => number,
  options: Omit<FetchPublishedOptions, 'maxBytes'>,
): Promise<OpenPublished> =>
  hasNodeThreads() ? inCache(named, options) : fetchPublished(named, { ...options, maxBytes: mostBytes(named) });

/** What of `senet/node` is used. */
interface NodePart {
  openPublished(
    published: PublishedWeights,
    options: { readonly endpoint?: string; readonly onProgress?: (bytes: number, of: number | undefined) => void },
  ): Promise<OpenPublished>;
}

/** By the package's own name, in a variable, so that bundlers for browsers do not look for it. */
async function inCache(
  named: PublishedWeights,
  { onProgress, endpoint }: FetchPublishedOptions,
  name = 'senet/node',
): Promise<OpenPublished> {
  let part: NodePart;
  try {
    part = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  } catch (cause) {
    throw new UnsupportedError(`${named.name} is not downloaded here: fetch its file, and hand its bytes in as weights`, { cause });
  }
  return await part.openPublished(named, {
    ...(endpoint !== undefined && { endpoint }),
    ...(onProgress && { onProgress: (received, total) => onProgress({ received, total }) }),
  });
}
