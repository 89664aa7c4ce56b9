import { Command } from 'commander';
import { InputError } from '../../errors.js';
import { nearest } from '../../graph/nearest.js';
import { placeOf } from '../../node/download/cache.js';
import { statOf } from '../../node/files.js';
import { print, printJson } from '../../node/output.js';
import { fullName, listPretrained } from '../../pretrained/index.js';
import type { Origin } from '../../pretrained/pretrained.js';
import { table } from '../../report/table.js';

/** `senet weights`: the published weights. */
export function weightsCommand(): Command {
  return new Command('weights')
    .description('list the published weights that --model takes, with the images that they expect')
    .argument('[text]', 'only names that contain it', '')
    .option('--json', 'print them as JSON')
    .action(run);
}

async function run(text: string, { json }: { readonly json?: true }): Promise<void> {
  const entries = listPretrained().filter((entry) => fullName(entry).includes(text));
  if (entries.length === 0)
    throw new InputError(`no published weights have ${text} in their name${nearest(text, listPretrained().map(fullName))}`);
  const rows = await Promise.all(
    entries.map(async (entry) => {
      const { network, preset, origin, labels, accuracy = null } = entry;
      const cached = origin.kind !== 'page' && (await statOf(placeOf(entry).file))?.isFile() === true;
      return { name: fullName(entry), network, labels, ...preset, accuracy, from: addressOf(origin), cached };
    }),
  );
  if (json) return printJson(rows);
  const shown = rows.map(({ name, size, cropRatio, filter, accuracy, cached, from }) => [
    name,
    String(size),
    String(Number(cropRatio.toFixed(4))),
    filter,
    accuracy?.[0].toFixed(2) ?? '',
    cached ? 'cached' : '',
    from,
  ]);
  print(table([['name', 'pixels', 'crop', 'filter', 'top-1, %', '', 'from'], ...shown]));
}

function addressOf(origin: Origin): string {
  if (origin.kind === 'shipped') return 'this package';
  return origin.kind === 'hub' ? `huggingface.co/${origin.repository}` : origin.url;
}
