import { join } from 'node:path';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { readComparison } from '../../src/node/dump.js';
import type { Node } from '../../src/ops/op.js';
import type { Shape, Tensor } from '../../src/tensor.js';
import type { Draw } from '../draw.js';
import { mutated } from '../make/mutate.js';
import type { Reader } from '../reader.js';
import { small, smallWeights } from './small.js';

/** Dumps that `senet compare` reads, up to where the network itself would be run. */

const strangers = [
  '__proto__',
  'constructor',
  '',
  '.',
  'input',
  '.2',
  'layer1.0.relu',
  'fc.weight',
  '\u001b[2J',
  '.'.repeat(3000),
  'a'.repeat(3000),
];

export async function openDumps(): Promise<Reader> {
  const weights = saveSafetensors(smallWeights());
  const size = 8;
  const graph = createModel(small, { size, gates: true });
  const shapes = [...(graph.modules ?? [])].map(([name, [id]]) => [name, (graph.nodes[id as number] as Node).shape] as const);

  const tensor = (shape: Shape, draw: Draw): Tensor => {
    const values = syntheticTensor('input', shape, draw.whole(0, 99));
    if (values.data.length > 0 && draw.once(20))
      values.data[draw.whole(0, values.data.length - 1)] = draw.pick([Number.NaN, Infinity, 3e38]);
    return values;
  };
  const dump = (draw: Draw): Uint8Array => {
    const tensors = new Map<string, Tensor>();
    const odd = (): Shape => draw.several(5, () => draw.pick([0, 1, 1, 2, 3, 8, 33]));
    if (!draw.once(20))
      tensors.set('input', tensor(draw.once(10) ? odd() : [draw.once(4) ? 2 : 1, 3, size, draw.once(12) ? 1 : size], draw));
    for (const [name, shape] of draw.several(4, () => draw.pick(shapes))) tensors.set(name, tensor(draw.once(10) ? odd() : shape, draw));
    if (draw.once(5)) tensors.set(draw.pick(strangers), tensor(odd(), draw));
    const file = saveSafetensors(tensors);
    return draw.once(3) ? mutated(file, draw) : file;
  };
  return {
    make: (draw) => ({ 'dump.safetensors': dump(draw), 'weights.safetensors': weights }),
    async read(files, place) {
      const folder = place.write(files);
      await readComparison(join(folder, 'dump.safetensors'), small, join(folder, 'weights.safetensors'));
    },
  };
}
