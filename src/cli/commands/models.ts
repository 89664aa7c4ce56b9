import { Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../../errors.js';
import { count } from '../../graph/count.js';
import { nearest } from '../../graph/nearest.js';
import { listDetectors } from '../../models/detection/index.js';
import { createModel, listModels } from '../../models/index.js';
import { sources } from '../../models/model.js';
import { print, printJson } from '../../node/output.js';
import { publishedDetectors } from '../../pretrained/detectors.js';
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
    .description('list the networks and detectors with their parameters and multiply-adds')
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
      const detectors = detectorRows(filters);
      if (rows.length + detectors.length === 0) throw new InputError('no network is all that: leave out one of the options');
      if (json) return printJson([...rows, ...detectors]);
      if (rows.length > 0) print(networkTable(rows));
      if (detectors.length > 0) print(`${rows.length > 0 ? '\n' : ''}${detectorTable(detectors)}`);
    });
}

function networkTable(rows: ReturnType<typeof rowsOf>): string {
  const shown = rows.map(({ id, family, params, macs, input, se, variant }) => [
    id,
    family,
    thousands(params),
    giga(macs),
    String(input),
    se ? 'SE' : '',
    variant ?? '',
  ]);
  return `${table([['id', 'family', 'parameters', 'GMAC', 'input', 'gates', 'variant'], ...shown])}

A bare name is looked up in the order of this list. v1 strides in the first 1x1 of a bottleneck, v1.5 in its 3x3.`;
}

function detectorTable(rows: ReturnType<typeof detectorRows>): string {
  const shown = rows.map(({ id, params, macs, input, se, weights }) => [
    id,
    thousands(params),
    giga(macs),
    input.join('x'),
    se ? 'SE' : '',
    weights ?? '',
  ]);
  return `${table([['detector', 'parameters', 'GMAC', 'input', 'gates', 'published weights'], ...shown])}

Of detectors the input is the largest that an image becomes, height by width, and multiply-adds are of as many regions as are proposed at most.`;
}

/** @throws InputError for a family that no network is of. */
function rowsOf({ source, family, se, maxParams = Infinity, maxMacs = Infinity }: Filters) {
  const families = [...new Set([...listModels().map((model) => model.family), detectorFamily])];
  if (family !== undefined && !families.includes(family))
    throw new InputError(`no network is of family ${family}${nearest(family, families)}; there are ${families.join(', ')}`);
  return listModels()
    .filter((model) => source === undefined || model.id.startsWith(`${source}/`))
    .filter((model) => family === undefined || model.family === family)
    .filter((model) => se === undefined || model.se === se)
    .map(({ id, family, se, size, version }) => ({ id, family, ...count(createModel(id)), input: size, se, variant: version ?? null }))
    .filter(({ params, macs }) => params <= maxParams && macs <= maxMacs);
}

/** Of all detectors. */
const detectorFamily = 'fasterrcnn';

function detectorRows({ source, family = detectorFamily, se, maxParams = Infinity, maxMacs = Infinity }: Filters) {
  return listDetectors()
    .filter((model) => source === undefined || model.id.startsWith(`${source}/`))
    .filter((model) => family === detectorFamily && (se === undefined || model.se === se))
    .map(({ id, se, settings: { minSize, maxSize }, create }) => {
      const input = [minSize, maxSize] as const;
      const origin = publishedDetectors.find(({ network }) => network === id)?.origin;
      const weights = origin?.kind === 'url' ? origin.url : null;
      return { id, family: detectorFamily, ...count(create({ size: input })), input, se, variant: null, weights };
    })
    .filter(({ params, macs }) => params <= maxParams && macs <= maxMacs);
}

/** For commander: `5M`, `4.1G`, `2500000`. */
function quantity(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([kMG]?)$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('Expected a number, or one with k, M or G.');
  return Number(digits) * { '': 1, k: 1e3, M: 1e6, G: 1e9 }[unit as '' | 'k' | 'M' | 'G'];
}
