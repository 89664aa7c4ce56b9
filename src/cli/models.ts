import { Command } from 'commander';
import { count } from '../graph/count.js';
import { createModel, listModels } from '../models/index.js';
import { giga, print, printJson, table, thousands } from './output.js';

/** `senet models`: the zoo. */
export function modelsCommand(): Command {
  return new Command('models')
    .description('list the networks with their parameters and multiply-adds')
    .option('--json', 'print them as JSON')
    .action(({ json }: { readonly json?: true }) => {
      const rows = listModels().map(({ id, family, se, size, variant }) => ({
        id,
        family,
        ...count(createModel(id)),
        input: size,
        se,
        variant: variant ?? null,
      }));
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
