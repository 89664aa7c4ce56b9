import { open } from 'node:fs/promises';
import { mostBytes } from '../classifier/named.js';
import type { Source } from '../io/source.js';
import type { Pretrained } from '../pretrained/pretrained.js';
import { type EnsureOptions, ensure, placeOf } from './download/cache.js';
import { unreadable } from './files.js';
import { fileSource } from './weightsFile.js';

export interface PublishedOptions extends Partial<EnsureOptions> {
  /** Branch, tag or commit of a hub's repository. @defaultValue 'main' */
  readonly revision?: string;
  /** A hub. @defaultValue `$HF_ENDPOINT`, else Hugging Face's */
  readonly endpoint?: string;
}

/** Where a file of published weights lies, and where it comes from: in the package, or in the cache once it was downloaded. */
export async function publishedFile(pretrained: Pretrained, { revision, endpoint, ...options }: PublishedOptions = {}): Promise<string> {
  const place = placeOf(pretrained, revision, { ...process.env, ...(endpoint !== undefined && { HF_ENDPOINT: endpoint }) });
  if (pretrained.origin.kind !== 'shipped')
    await ensure(place, {
      offline: false,
      maxBytes: mostBytes(pretrained),
      ...options,
    });
  return place.file;
}

/** The same file, open to be read by ranges. The caller closes it. @throws DownloadError; InputError if it cannot be read */
export async function openPublished(
  pretrained: Pretrained,
  options?: PublishedOptions,
): Promise<{ readonly source: Source; readonly file: string; close(): Promise<void> }> {
  const file = await publishedFile(pretrained, options);
  try {
    const handle = await open(file);
    return { source: fileSource(handle, (await handle.stat()).size), file, close: () => handle.close() };
  } catch (cause) {
    throw unreadable(file, cause);
  }
}
