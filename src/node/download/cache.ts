import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { InputError } from '../../errors.js';
import { endpointOf, hubUrl, usualHub } from '../../pretrained/download/address.js';
import { DownloadError } from '../../pretrained/download/error.js';
import { sourceName } from '../../pretrained/names.js';
import type { PublishedWeights } from '../../pretrained/pretrained.js';
import { statOf } from '../files.js';
import { asset } from '../package.js';
import { writeWhole } from '../writeWhole.js';
import { type FetchOptions, fetchFile } from './fetchFile.js';
import { readSidecar, sha256Of, sidecarOf, sidecarText } from './sidecar.js';

/** Where downloads are kept: `$SENET_CACHE`, else `senet` in `$XDG_CACHE_HOME` or `~/.cache`. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { SENET_CACHE, XDG_CACHE_HOME } = environment;
  if (SENET_CACHE) return SENET_CACHE;
  // the XDG specification has relative paths ignored
  return join(XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'senet');
}

/** A published file of weights: where it comes from and where it is kept. */
export interface Place {
  readonly url: string;
  readonly file: string;
  readonly hub: boolean;
  readonly sha256?: string | undefined;
  readonly token?: string | undefined;
}

/** What a file of weights that is downloaded is called; undefined for those that are not. */
export function fileNameOf({ origin }: PublishedWeights): string | undefined {
  if (origin.kind === 'hub') return origin.file;
  return origin.kind === 'url' ? basename(new URL(origin.url).pathname) : undefined;
}

/**
 * `source/NAME.TAG/FILE` in the cache, and for another revision than `main` `source/NAME.TAG@REVISION/FILE`.
 *
 * @param hub in place of `$HF_ENDPOINT`
 */
export function placeOf(entry: PublishedWeights, revision = 'main', environment: NodeJS.ProcessEnv = process.env, hub?: string): Place {
  const { name, origin } = entry;
  const { HF_ENDPOINT, HF_TOKEN } = environment;
  const folder = join(cacheFolder(environment), sourceName(entry), revision === 'main' ? name : `${name}@${encodeURIComponent(revision)}`);
  const file = join(folder, fileNameOf(entry) ?? '');
  switch (origin.kind) {
    case 'shipped':
      if (revision !== 'main') throw new InputError(`${name} has no revisions: it is part of this package`);
      return { url: origin.file, file: asset(origin.file), hub: false };
    case 'hub': {
      const endpoint = hub === undefined ? endpointOf(HF_ENDPOINT || usualHub, 'HF_ENDPOINT') : endpointOf(hub, 'endpoint');
      return { url: hubUrl(origin, revision, endpoint), file, hub: true, token: HF_TOKEN?.trim() || undefined };
    }
    case 'url':
      if (revision !== 'main') throw new InputError(`${name} has no revisions: it comes from ${origin.url}`);
      return { url: origin.url, file, hub: false, sha256: origin.sha256 };
    case 'page':
      throw new InputError(`${name} cannot be downloaded by a program: fetch it from ${origin.url} and name it with --weights`);
  }
}

export interface EnsureOptions extends Pick<FetchOptions, 'stallMs' | 'maxBytes' | 'onProgress'> {
  readonly offline: boolean;
}

/**
 * The file in the cache, downloaded if it is not there; its SHA-256 is checked either way.
 *
 * @throws DownloadError; InputError if what is in the cache has changed since it was downloaded.
 */
export async function ensure({ url, file, hub, sha256, token }: Place, { offline, ...options }: EnsureOptions): Promise<void> {
  if (await statOf(file)) return await checkCached(file, sha256);
  if (offline) throw new DownloadError('offline', url, `is not in the cache (${file}), and nothing is downloaded offline`);
  await fetchFile(url, file, { hub, sha256, token, ...options });
}

/**
 * What is published is held to, whatever lies beside the file; else what was noted when it came. A file with nothing beside it was put there by
 * hand: it gets its SHA-256. Where what is noted is damaged and nothing is published, nobody can say what the file should be.
 */
async function checkCached(file: string, published: string | undefined): Promise<void> {
  const anew = 'remove it (`senet cache rm`) to download it anew';
  const noted = await readSidecar(file);
  if (noted === null && published === undefined)
    throw new InputError(
      `${sidecarOf(file)}: expected the SHA-256 of the file beside it, 64 hexadecimal digits, found something else: ${anew}`,
    );
  const found = await sha256Of(file);
  const other = [published, noted ?? undefined].find((digits) => digits !== undefined && !found.startsWith(digits.toLowerCase()));
  if (other !== undefined) throw new InputError(`${file}: expected a file whose SHA-256 is ${other}, found ${found}: ${anew}`);
  if (!noted) await writeWhole(sidecarOf(file), sidecarText(found, file));
}
