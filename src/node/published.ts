import { open } from 'node:fs/promises';
import { mostBytes } from '../classifier/named.js';
import { mostBytesOfDetector } from '../detector/named.js';
import { InputError, naming } from '../errors.js';
import { flag, object, objectWith, optional, plain, positive, text } from '../io/schema.js';
import type { Source } from '../io/source.js';
import { detectorNamed } from '../models/detection/index.js';
import type { Origin, PublishedWeights } from '../pretrained/pretrained.js';
import { shown } from '../tensor.js';
import { type EnsureOptions, ensure, placeOf } from './download/cache.js';
import { unreadable } from './files.js';
import { fileSource } from './weightsFile.js';

export interface PublishedOptions extends Partial<EnsureOptions> {
  /** Branch, tag or commit of a hub's repository. @defaultValue 'main' */
  readonly revision?: string;
  /** A hub. @defaultValue `$HF_ENDPOINT`, else Hugging Face's */
  readonly endpoint?: string;
}

/** Infinity, which allows a file of any size, is among them. */
const bytes = plain<number>('a number above 0', (value) => typeof value === 'number' && value > 0);

const publishedOptions = object({
  revision: optional(text),
  endpoint: optional(text),
  offline: optional(flag, false),
  stallMs: optional(positive),
  maxBytes: optional(bytes),
  onProgress: optional(plain<NonNullable<PublishedOptions['onProgress']>>('a function', (value) => typeof value === 'function')),
});

const fields: { readonly [K in Origin['kind']]: ReturnType<typeof objectWith> } = {
  shipped: objectWith({ file: text }),
  hub: objectWith({ repository: text, file: text }),
  url: objectWith({ url: plain('an address', (value) => typeof value === 'string' && URL.canParse(value)) }),
  page: objectWith({ url: text }),
};

/** @throws InputError for what is no published file */
function checkPublished(given: unknown): void {
  const { name, network, origin } = (given ?? {}) as Partial<PublishedWeights>;
  if (typeof name !== 'string' || typeof network !== 'string' || !Object.hasOwn(fields, origin?.kind ?? ''))
    throw new InputError(`expected a row of listPretrained(), as findPretrained(name) is, found ${shown(given)}`);
  fields[(origin as Origin).kind].read(origin, 'origin');
}

/**
 * Where a file of published weights lies: in the package, or in the cache once it was downloaded.
 *
 * @throws DownloadError; InputError for other arguments, and for weights that no program can fetch
 */
export async function publishedFile(published: PublishedWeights, options: PublishedOptions = {}): Promise<string> {
  const { revision, endpoint, offline, stallMs, maxBytes, onProgress } = naming('published weights', () => {
    checkPublished(published);
    return publishedOptions.read(options, 'options');
  });
  const { name, network, origin } = published;
  if (origin.kind === 'page')
    throw new InputError(`${name} cannot be downloaded by a program: fetch it from ${origin.url} and hand its bytes in as weights`);
  const place = placeOf(published, revision, process.env, endpoint);
  if (origin.kind !== 'shipped')
    await ensure(place, {
      offline,
      maxBytes: maxBytes ?? (detectorNamed(network) ? mostBytesOfDetector(published) : mostBytes(published)),
      ...(stallMs !== undefined && { stallMs }),
      ...(onProgress && { onProgress }),
    });
  return place.file;
}

/** The same file, open to be read by ranges. The caller closes it. @throws as `publishedFile`; InputError if it cannot be read */
export async function openPublished(
  published: PublishedWeights,
  options?: PublishedOptions,
): Promise<{ readonly source: Source; readonly file: string; close(): Promise<void> }> {
  const file = await publishedFile(published, options);
  try {
    const handle = await open(file);
    return { source: fileSource(handle, (await handle.stat()).size), file, close: () => handle.close() };
  } catch (cause) {
    throw unreadable(file, cause);
  }
}
