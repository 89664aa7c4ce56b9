import { Command } from 'commander';
import { InputError } from '../../errors.js';
import { nearest } from '../../graph/nearest.js';
import { findDetector } from '../../models/detection/index.js';
import { placeOf } from '../../node/download/cache.js';
import { statOf } from '../../node/files.js';
import { print, printJson } from '../../node/output.js';
import { publishedDetectors } from '../../pretrained/detectors.js';
import { listPretrained } from '../../pretrained/index.js';
import { fullName } from '../../pretrained/names.js';
import type { Origin, Pretrained, PublishedWeights } from '../../pretrained/pretrained.js';
import { table } from '../../report/table.js';

/** `senet weights`: the published weights. */
export function weightsCommand(): Command {
  return new Command('weights')
    .description(
      'list the published weights that --model takes, with the images that they expect; those of detectors are for `senet detect`',
    )
    .argument('[text]', 'only names that contain it', '')
    .option('--json', 'print them as JSON')
    .action(run);
}

async function run(text: string, { json }: { readonly json?: true }): Promise<void> {
  const named = (entry: PublishedWeights): boolean => fullName(entry).includes(text);
  const [networks, detectors] = [listPretrained().filter(named), publishedDetectors.filter(named)];
  if (networks.length + detectors.length === 0)
    throw new InputError(
      `no published weights have ${text} in their name${nearest(text, [...listPretrained(), ...publishedDetectors].map(fullName))}`,
    );
  const rows = await Promise.all(networks.map(networkRow));
  const detectorRows = await Promise.all(detectors.map(detectorRow));
  if (json) return printJson([...rows, ...detectorRows]);
  if (rows.length > 0) print(networkTable(rows));
  if (detectorRows.length > 0) print(`${rows.length > 0 ? '\n' : ''}${detectorTable(detectorRows)}`);
}

const isCached = async (entry: PublishedWeights): Promise<boolean> =>
  entry.origin.kind !== 'page' && (await statOf(placeOf(entry).file))?.isFile() === true;

async function networkRow(entry: Pretrained) {
  const { network, preset, origin, labels, accuracy = null } = entry;
  return { name: fullName(entry), network, labels, ...preset, accuracy, from: addressOf(origin), cached: await isCached(entry) };
}

async function detectorRow(entry: PublishedWeights) {
  const { network, origin } = entry;
  const { minSize, maxSize } = findDetector(network).settings;
  return { name: fullName(entry), network, labels: 'coco', minSize, maxSize, from: addressOf(origin), cached: await isCached(entry) };
}

const cachedText = (cached: boolean): string => (cached ? 'cached' : '');

function networkTable(rows: readonly Awaited<ReturnType<typeof networkRow>>[]): string {
  const shown = rows.map(({ name, size, cropRatio, filter, accuracy, cached, from }) => [
    name,
    String(size),
    String(Number(cropRatio.toFixed(4))),
    filter,
    accuracy?.[0].toFixed(2) ?? '',
    cachedText(cached),
    from,
  ]);
  return table([['name', 'pixels', 'crop', 'filter', 'top-1, %', '', 'from'], ...shown]);
}

function detectorTable(rows: readonly Awaited<ReturnType<typeof detectorRow>>[]): string {
  const shown = rows.map(({ name, minSize, maxSize, cached, from }) => [name, `${minSize} to ${maxSize}`, cachedText(cached), from]);
  return table([['detector', 'pixels', '', 'from'], ...shown]);
}

function addressOf(origin: Origin): string {
  if (origin.kind === 'shipped') return 'this package';
  return origin.kind === 'hub' ? `huggingface.co/${origin.repository}` : origin.url;
}
