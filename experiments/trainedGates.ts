import { join } from 'node:path';
import { Command } from 'commander';
import { print } from '../src/node/output.js';
import { root } from '../src/node/package.js';
import { writeWhole } from '../src/node/writeWhole.js';
import { table } from '../src/report/table.js';
import { begin, originOf } from './origin.js';
import { answers, direction, finding, qvac, reading, rightOf } from './trainedNetworks.js';

/**
 * `npm run experiment:trained-gates`: how many pictures networks of others get right with the gates that were trained, with gates of 1, as if there were no SE, and with gates of 1/2. A
 * gate that is computed wrongly shows as wrong answers.
 */

interface Flags {
  readonly out?: string;
}

const values = { trained: 'trained', one: 1, half: 0.5 } as const;

const command = new Command('experiment:trained-gates')
  .exitOverride()
  .option('--out <file>', 'the result (default: experiments/results/trained-gates.json)')
  .action(async ({ out }: Flags) => {
    const networks = [];
    for (const open of [qvac, direction, reading, finding]) {
      const network = await open(join(root, 'networks'));
      const right: Record<string, number> = {};
      for (const [name, value] of Object.entries(values)) right[name] = rightOf(network, await answers(network, value));
      networks.push({ network: network.name, gates: network.gates.length, pictures: network.asked.length, right });
    }
    const images = 'photographs of @qvac/classification-ggml, and lines of text on two of them';
    const result = { ...originOf('trained-gates'), images, networks };
    await writeWhole(out ?? join(root, 'experiments/results/trained-gates.json'), `${JSON.stringify(result, undefined, 1)}\n`);
    const rows = networks.map(({ network, gates, pictures, right }) => [
      network,
      ...[gates, pictures, ...Object.keys(values).map((name) => right[name])].map(String),
    ]);
    print(table([['network', 'gates', 'pictures', 'right as trained', 'with gates of 1', 'of 0.5'], ...rows]));
  });
await begin(command);
