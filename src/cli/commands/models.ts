import { Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../../errors.js';
import { count } from '../../graph/count.js';
import { nearest } from '../../graph/nearest.js';
import { createModel, listModels } from '../../models/index.js';
import { sources } from '../../models/model.js';
import { print, printJson } from '../../node/output.js';
import { giga, thousands } from '../../report/format.js';
import { table } from '../../report/table.js';

interface Filters {
  readonly source?: string;
  readonly family?: string;
  readonly se?: boolean;
  readonly maxParams?: number;
  readonly maxMacs?: number;
}

/** `senet models`: the zoo. */
export function modelsCommand(): Command {
  const given = new Set<string>(); // of two flags for one thing, the library keeps the last
  return new Command('models')
    .description('list the networks with their parameters and multiply-adds')
    .addOption(new Option('--source <name>', 'only those of one source').choices(sources))
    .option('--family <name>', 'only those of one family')
    .option('--se', 'only those with SE blocks')
    .option('--no-se', 'only those without')
    .option('--max-params <number>', 'only those of at most so many parameters: 5M, 2500000', quantity)
    .option('--max-macs <number>', 'only those of at most so many multiply-adds: 4G, 300M', quantity)
    .option('--json', 'print them as JSON')
    .on('option:se', () => given.add('--se'))
    .on('option:no-se', () => given.add('--no-se'))
    .action(({ json, ...filters }: Filters & { readonly json?: true }) => {
      if (given.size > 1) throw new InputError('--se and --no-se contradict each other: give one of them, or none');
      const rows = rowsOf(filters);
      if (json) return printJson(rows);
      const shown = rows.map(({ id, family, params, macs, input, se, variant }) => [
        id,
        family,
        thousands(params),
        giga(macs),
        String(input),
        se ? 'SE' : '',
        variant ?? '',
      ]);
      print(table([['id', 'family', 'parameters', 'GMAC', 'input', 'gates', 'variant'], ...shown]));
      print('\nA bare name is looked up in the order of this list. v1 strides in the first 1x1 of a bottleneck, v1.5 in its 3x3.');
    });
}

/** @throws InputError for a family that no network is of, and where none is left. */
function rowsOf({ source, family, se, maxParams = Infinity, maxMacs = Infinity }: Filters) {
  const families = [...new Set(listModels().map((model) => model.family))];
  if (family !== undefined && !families.includes(family))
    throw new InputError(`no network is of family ${family}${nearest(family, families)}; there are ${families.join(', ')}`);
  const rows = listModels()
    .filter((model) => source === undefined || model.id.startsWith(`${source}/`))
    .filter((model) => family === undefined || model.family === family)
    .filter((model) => se === undefined || model.se === se)
    .map(({ id, family, se, size, version }) => ({ id, family, ...count(createModel(id)), input: size, se, variant: version ?? null }))
    .filter(({ params, macs }) => params <= maxParams && macs <= maxMacs);
  if (rows.length === 0) throw new InputError('no network is all that: leave out one of the options');
  return rows;
}

/** For commander: `5M`, `4.1G`, `2500000`. */
function quantity(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([kMG]?)$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('Expected a number, or one with k, M or G.');
  return Number(digits) * { '': 1, k: 1e3, M: 1e6, G: 1e9 }[unit as '' | 'k' | 'M' | 'G'];
}
