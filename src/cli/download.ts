import { Option } from 'commander';
import { placeOf } from '../node/download/cache.js';
import { progress } from '../node/progress.js';
import { publishedFile } from '../node/published.js';
import type { PublishedWeights } from '../pretrained/pretrained.js';
import { mebibytes } from '../report/format.js';
import { count, positive } from './options.js';

/** How published weights are fetched. */
export interface DownloadFlags {
  readonly revision?: string;
  readonly offline?: true;
  readonly maxBytes?: number;
  readonly timeout?: number;
}

/** Those of any publisher; `--revision` is a hub's. */
export const downloadOptions = (): readonly Option[] => [
  new Option('--offline', 'never download: use what the cache holds'),
  new Option('--max-bytes <number>', 'the largest download (default: 16 bytes a parameter)').argParser(count),
  new Option('--timeout <seconds>', 'how long a download may stand still, or crawl (default: 20)').argParser(positive),
];

/** The file of published weights, downloaded if the cache does not have it, which is shown. @throws as `publishedFile` */
export async function downloaded(named: PublishedWeights, { revision, offline, maxBytes, timeout }: DownloadFlags): Promise<string> {
  const { url } = placeOf(named, revision);
  const shown = progress();
  return await publishedFile(named, {
    ...(revision !== undefined && { revision }),
    offline: offline === true,
    ...(maxBytes !== undefined && { maxBytes }),
    ...(timeout !== undefined && { stallMs: 1000 * timeout }),
    onProgress: (bytes, of) => shown.show(`${url}: ${mebibytes(bytes)}${of === undefined ? '' : ` of ${mebibytes(of)}`} MiB`),
  }).finally(() => shown.clear());
}
