import { Command } from 'commander';
import { namedDetector, publishedOf } from '../../detector/named.js';
import { InputError } from '../../errors.js';
import { nearest } from '../../graph/nearest.js';
import { detectorNamed } from '../../models/detection/index.js';
import { cacheFolder, placeOf } from '../../node/download/cache.js';
import { cachedIn, type Holding, listHoldings, removeFiles } from '../../node/download/holdings.js';
import { filesOf } from '../../node/download/part.js';
import { sidecarOf } from '../../node/download/sidecar.js';
import { note, print, printJson } from '../../node/output.js';
import { listKept, removeKept } from '../../node/packedCache.js';
import { splitName } from '../../pretrained/names.js';
import type { PublishedWeights } from '../../pretrained/pretrained.js';
import { mebibytes } from '../../report/format.js';
import { table } from '../../report/table.js';
import { weightsNamed } from '../network.js';

/** `senet cache`: the downloads that are kept. */
export function cacheCommand(): Command {
  const cache = new Command('cache').description('list, remove and find downloaded weights, and packed ones');
  const subcommands = [
    new Command('ls').description('list them').option('--json', 'print them as JSON').action(list),
    new Command('rm')
      .description('remove them, and nothing else that is in the folder')
      .argument('[name...]', 'as `senet cache ls` has them')
      .option('--all', 'remove every one that this program downloaded')
      .action(remove),
    new Command('path')
      .description('print the folder, or the file of published weights, whether it is there or not')
      .argument('[name]', 'published weights, as `--model` takes them')
      .action((name?: string) => print(name === undefined ? cacheFolder() : placeOf(publishedAs(name)).file)),
  ];
  for (const subcommand of subcommands) cache.addCommand(subcommand);
  return cache;
}

/** Of a network, or of a detector. @throws InputError if no weights are so called */
const publishedAs = (name: string): PublishedWeights =>
  detectorNamed(splitName(name).network) ? publishedOf(namedDetector(name)) : weightsNamed(name);

async function list({ json }: { readonly json?: true }): Promise<void> {
  const kept = (await listKept()).map(({ file, bytes }) => ({ name: packedName, file, bytes, complete: true }));
  const rows = [...(await listHoldings()).flatMap(cachedIn), ...kept];
  if (json) return printJson(rows);
  const shown = rows.map(({ name, file, bytes, complete }) => [name, mebibytes(bytes), complete ? '' : 'in part', file]);
  print(table([['name', 'MiB', '', 'file'], ...shown]));
}

/** What packed weights are called together: each start of another network makes some. */
const packedName = 'packed';

async function remove(names: readonly string[], { all }: { readonly all?: true }): Promise<void> {
  if ((names.length === 0) !== (all === true)) throw new InputError('name what to remove, or give --all');
  const holdings = await listHoldings();
  const kept = await listKept();
  const known = [...holdings.map(({ name }) => name), ...(kept.length > 0 ? [packedName] : [])];
  const stranger = names.find((name) => !known.includes(name)); // before anything is removed
  if (stranger !== undefined)
    throw new InputError(`${stranger} is not in the cache${nearest(stranger, known)}; \`senet cache ls\` lists what is`);
  for (const holding of all ? holdings : holdings.filter(({ name }) => names.includes(name))) {
    const { name, file, noted, busy } = holding;
    const strange = all === true && file !== undefined && !noted;
    const files = removable(holding, strange);
    await removeFiles(files);
    if (files.length > 0) print(`removed ${name}`);
    if (strange)
      note(`left ${file.file}: no SHA-256 lies beside it, so somebody else may have put it there; \`senet cache rm ${name}\` removes it`);
    for (const part of busy) note(`left ${part.file}: another process is downloading it`);
  }
  if (kept.length > 0 && (all || names.includes(packedName))) {
    await removeKept(kept.map(({ file }) => file));
    print(`removed ${packedName}`);
  }
}

/** The files of a holding; where the weights may be somebody else's, all but those. */
function removable({ file, parts, notes }: Holding, strange: boolean): readonly string[] {
  const weights = file === undefined || strange ? [] : [file.file, sidecarOf(file.file)];
  return [...weights, ...parts.flatMap((part) => filesOf(part.file)), ...notes];
}
