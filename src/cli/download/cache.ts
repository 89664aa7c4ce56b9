import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { InputError } from '../../errors.js';
import type { Pretrained } from '../../pretrained/pretrained.js';
import { statOf } from '../files.js';
import { asset } from '../package.js';
import { writeWhole } from '../writeWhole.js';
import { DownloadError } from './error.js';
import { fetchFile, sidecarOf } from './fetchFile.js';

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

/** `source/NAME.TAG/FILE` in the cache, and for another revision than `main` `source/NAME.TAG@REVISION/FILE`. */
export function placeOf({ name, network, origin }: Pretrained, revision = 'main', environment: NodeJS.ProcessEnv = process.env): Place {
  const { HF_ENDPOINT, HF_TOKEN } = environment;
  const source = network.slice(0, network.indexOf('/'));
  const folder = join(cacheFolder(environment), source, revision === 'main' ? name : `${name}@${encodeURIComponent(revision)}`);
  switch (origin.kind) {
    case 'shipped':
      if (revision !== 'main') throw new InputError(`${name} has no revisions: it is part of this package`);
      return { url: origin.file, file: asset(origin.file), hub: false };
    case 'hub': {
      const endpoint = (HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
      if (!URL.canParse(endpoint)) throw new InputError(`HF_ENDPOINT: expected an address, found ${HF_ENDPOINT}`);
      const url = `${endpoint}/${origin.repository}/resolve/${encodeURIComponent(revision)}/${origin.file}`;
      return { url, file: join(folder, origin.file), hub: true, token: HF_TOKEN || undefined };
    }
    case 'url':
      if (revision !== 'main') throw new InputError(`${name} has no revisions: it comes from ${origin.url}`);
      return { url: origin.url, file: join(folder, origin.url.slice(origin.url.lastIndexOf('/') + 1)), hub: false, sha256: origin.sha256 };
    case 'page':
      throw new InputError(`${name} cannot be downloaded by a program: fetch it from ${origin.url} and name it with --weights`);
  }
}

export interface EnsureOptions {
  readonly offline: boolean;
  readonly onProgress?: (bytes: number, of: number | undefined) => void;
}

/**
 * The file in the cache, downloaded if it is not there; its SHA-256 is checked either way.
 *
 * @throws DownloadError; InputError if what is in the cache has changed since it was downloaded.
 */
export async function ensure({ url, file, hub, sha256, token }: Place, { offline, onProgress }: EnsureOptions): Promise<void> {
  if (await statOf(file)) return await checkCached(file, sha256);
  if (offline) throw new DownloadError('offline', url, `is not in the cache (${file}): run the command once without --offline`);
  await fetchFile(url, file, { hub, sha256, token, ...(onProgress && { onProgress }) });
}

/** Weights in the cache, whole or in part. */
export interface Cached {
  /** `timm/seresnet50.ra2_in1k`. */
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  /** False while it is, or was, being downloaded. */
  readonly complete: boolean;
}

/** The cache's folders of weights are `source/NAME/`, each with a file of weights, its SHA-256 and perhaps parts. */
export async function listCache(): Promise<readonly Cached[]> {
  const root = cacheFolder();
  const found: Cached[] = [];
  for (const source of await namesIn(root))
    for (const name of await namesIn(join(root, source)))
      for (const entry of await namesIn(join(root, source, name))) {
        if (entry.endsWith('.sha256') || entry.endsWith('.part.json')) continue;
        const file = join(root, source, name, entry);
        found.push({ name: `${source}/${name}`, file, bytes: (await stat(file)).size, complete: !entry.endsWith('.part') });
      }
  return found;
}

const namesIn = async (folder: string): Promise<readonly string[]> => (await readdir(folder).catch(() => [])).sort();

/** Removes what the cache has under a name that `listCache` gave. */
export async function removeCached(name: string): Promise<void> {
  await rm(join(cacheFolder(), name), { recursive: true, force: true });
}

/** A file without a SHA-256 beside it was put there by hand: it gets one. */
async function checkCached(file: string, published: string | undefined): Promise<void> {
  const noted = await readFile(sidecarOf(file), 'utf8').catch(() => undefined);
  const expected = noted?.slice(0, 64) ?? published ?? '';
  const found = await sha256Of(file);
  if (!found.startsWith(expected))
    throw new InputError(
      `${file}: expected a file whose SHA-256 is ${expected}, found ${found}: remove it (\`senet cache rm\`) to download it anew`,
    );
  if (noted === undefined) await writeWhole(sidecarOf(file), `${found}  ${basename(file)}\n`);
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
