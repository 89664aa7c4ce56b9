import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportCommand } from '../../src/cli/commands/report.js';
import { InputError } from '../../src/errors.js';
import { createModel } from '../../src/models/index.js';
import { verify } from '../../src/node/verify/file.js';
import { parseVector } from '../../src/verify/vector.js';
import { bulkJson, nearlyJson } from '../make/json.js';
import { root } from '../place.js';
import type { Reader } from '../reader.js';
import { runIn } from './command.js';

/** Results that `senet report` draws, and vectors that `senet verify` checks. */

const bulkOnce = 300;
const sizes = [2 ** 14, 2 ** 17, 2 ** 19];

const jsonOf = (folder: string): readonly unknown[] =>
  readdirSync(new URL(folder, root))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(folder + name, root), 'utf8')) as unknown);

/** The same document with the first few of each of its lists. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 4).map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, shortened(below)]));
}

export async function openResults(): Promise<Reader> {
  const good = ['experiments/results/', 'bench/results/training/'].flatMap(jsonOf).map((result) => JSON.stringify(shortened(result)));
  return {
    make: (draw) => ({ 'result.json': draw.once(bulkOnce) ? bulkJson(draw.pick(sizes), draw) : nearlyJson(draw.pick(good), draw) }),
    read: async (files, place) => runIn(reportCommand(), join(place.write(files), 'result.json')),
  };
}

const small = 'se_resnet8_cifar10';
const vector = JSON.stringify({
  model: 'small',
  source: `senet ${small}`,
  seed: 7,
  gain: 1,
  input: [1, 3, 32, 32],
  parameters: 78042,
  logits: Array.from({ length: 10 }, (_, i) => i / 10),
  gates: {},
});
const names = JSON.stringify([['conv1.weight', [16, 3, 3, 3]]]);

/** A vector may ask for any network on an image of any size, so only small ones are run. */
export async function openVectors(): Promise<Reader> {
  return {
    make: (draw) => ({
      'vector.json': draw.once(bulkOnce) ? bulkJson(draw.pick(sizes), draw) : nearlyJson(vector, draw),
      ...(draw.once(8) && { 'vector.names.json': nearlyJson(names, draw) }),
    }),
    async read(files, place) {
      const file = join(place.write(files), 'vector.json');
      const { id, classes, input, gates } = parseVector(parsed(files['vector.json'] as Uint8Array));
      const [batch, , height, width] = input;
      createModel(id, { classes, batch, size: [height, width], gates: [...gates.keys()] });
      const isSmall = id === `senet/${small}` && batch * height * width <= 2048 && classes <= 1000;
      if (isSmall) await verify(file, { engine: 'wasm' });
    },
  };
}

/** As the command reads it, whose own reading `verify` then repeats. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new InputError('is not JSON', { cause });
  }
}
