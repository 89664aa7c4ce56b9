import { Command } from 'commander';
import { InputError } from '../errors.js';
import { nearest } from '../graph/nearest.js';
import { findPretrained } from '../pretrained/index.js';
import { cacheFolder, listCache, placeOf, removeCached } from './download/cache.js';
import { mebibytes, print, printJson, table } from './output.js';

/** `senet cache`: the downloads that are kept. */
export function cacheCommand(): Command {
  const cache = new Command('cache').description('list, remove and find downloaded weights');
  const subcommands = [
    new Command('ls').description('list them').option('--json', 'print them as JSON').action(list),
    new Command('rm')
      .description('remove them')
      .argument('[name...]', 'as `senet cache ls` has them')
      .option('--all', 'remove every one')
      .action(remove),
    new Command('path')
      .description('print the folder, or the file of published weights, whether it is there or not')
      .argument('[name]', 'published weights')
      .action((name?: string) => print(name === undefined ? cacheFolder() : placeOf(findPretrained(name)).file)),
  ];
  for (const subcommand of subcommands) cache.addCommand(subcommand.exitOverride());
  return cache;
}

async function list({ json }: { readonly json?: true }): Promise<void> {
  const rows = await listCache();
  if (json) return printJson(rows);
  const shown = rows.map(({ name, file, bytes, complete }) => [name, mebibytes(bytes), complete ? '' : 'in part', file]);
  print(table([['name', 'MiB', '', 'file'], ...shown]));
}

async function remove(names: readonly string[], { all }: { readonly all?: true }): Promise<void> {
  if ((names.length === 0) !== (all === true)) throw new InputError('name what to remove, or give --all');
  const known = [...new Set((await listCache()).map(({ name }) => name))];
  const stranger = names.find((name) => !known.includes(name)); // before anything is removed
  if (stranger !== undefined)
    throw new InputError(`${stranger} is not in the cache${nearest(stranger, known)}; \`senet cache ls\` lists what is`);
  for (const name of all ? known : new Set(names)) {
    await removeCached(name);
    print(`removed ${name}`);
  }
}
