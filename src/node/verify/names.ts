import { existsSync } from 'node:fs';
import { InputError, WeightsError } from '../../errors.js';
import { parameters } from '../../graph/count.js';
import type { Graph } from '../../graph/graph.js';
import type { Kind } from '../../io/schema.js';
import { readJsonAs } from '../json.js';

const namesFile: Kind<readonly unknown[]> = {
  what: 'a list of names and shapes',
  read(value) {
    if (!Array.isArray(value)) throw new InputError('expected a list of names and shapes');
    return value;
  },
};

/** @throws WeightsError if the network differs from a file, should that be there: a state dict's names and shapes, in order */
export async function checkNames(path: string, graph: Graph): Promise<void> {
  if (!existsSync(path)) return;
  const list = await readJsonAs(path, namesFile);
  const expected = list.map((tensor) => JSON.stringify(tensor));
  const found = parameters(graph).map(({ name, shape }) => JSON.stringify([name, shape]));
  for (let i = 0; i < Math.max(found.length, expected.length); i++)
    if (found[i] !== expected[i])
      throw new WeightsError(`tensor ${i} is ${found[i] ?? 'missing'}, and in ${path} ${expected[i] ?? 'missing'}`);
}
