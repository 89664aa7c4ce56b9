import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { InputError } from '../errors.js';
import { nearest } from '../graph/nearest.js';
import { findPretrained } from '../pretrained/index.js';
import { cacheFolder, placeOf } from './download/cache.js';
import { print, printJson, table } from './output.js';

/** Weights in the cache, whole or in part. */
interface Cached {
  /** `timm/seresnet50.ra2_in1k`. */
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  /** False while it is, or was, being downloaded. */
  readonly complete: boolean;
}

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
  const rows = await cached();
  if (json) return printJson(rows);
  const shown = rows.map(({ name, file, bytes, complete }) => [name, (bytes / 2 ** 20).toFixed(1), complete ? '' : 'in part', file]);
  print(table([['name', 'MiB', '', 'file'], ...shown]));
}

async function remove(names: readonly string[], { all }: { readonly all?: true }): Promise<void> {
  if ((names.length === 0) !== (all === true)) throw new InputError('name what to remove, or give --all');
  const rows = await cached();
  const known = [...new Set(rows.map(({ name }) => name))];
  for (const name of all ? known : names) {
    if (!known.includes(name)) throw new InputError(`${name} is not in the cache${nearest(name, known)}; \`senet cache ls\` lists what is`);
    for (const { file } of rows.filter((row) => row.name === name)) await rm(dirname(file), { recursive: true, force: true });
    print(`removed ${name}`);
  }
}

/** Folders of the cache are `source/NAME/`, each with a file of weights, its SHA-256 and perhaps parts. */
async function cached(): Promise<readonly Cached[]> {
  const root = cacheFolder();
  const found: Cached[] = [];
  for (const source of await entries(root))
    for (const name of await entries(join(root, source)))
      for (const file of await entries(join(root, source, name))) {
        if (file.endsWith('.sha256') || file.endsWith('.part.json')) continue;
        const path = join(root, source, name, file);
        found.push({ name: `${source}/${name}`, file: path, bytes: (await stat(path)).size, complete: !file.endsWith('.part') });
      }
  return found;
}

const entries = async (folder: string): Promise<readonly string[]> => (await readdir(folder).catch(() => [])).sort();
