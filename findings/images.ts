import { openImages } from '../src/cli/data/images.js';
import { openLoader } from '../src/cli/data/loader.js';
import type { Network } from '../src/cli/network.js';
import type { CifarSplit } from '../src/cli/data/cifar.js';
import type { Graph } from '../src/graph/graph.js';
import { createModel } from '../src/models/index.js';
import type { ModelOptions } from '../src/models/model.js';
import type { Tensor } from '../src/tensor.js';
import { compile } from '../src/wasm/session.js';
import { join } from 'node:path';

/** What a network says of one image. */
export interface Seen {
  readonly label: number;
  readonly logits: Float32Array;
  /** The excitations, by module path; empty for a network without. */
  readonly gates: ReadonlyMap<string, Float32Array>;
}

export interface Look {
  /** The folder that has `train` and `test`, or CIFAR's binary files. */
  readonly data: string;
  readonly split: CifarSplit;
  /** The first so many images, of an order by class; all of them if it is left out. */
  readonly every?: number;
}

const batch = 100;

/** A network of other options or weights than the one that was opened: what a finding changes. */
export interface Variant {
  readonly options?: ModelOptions;
  readonly weights?: ReadonlyMap<string, Tensor>;
}

/** Shows the images of a split to a network, one in `every`. */
export async function* look(network: Network, { data, split, every = 1 }: Look, { options, weights = network.weights }: Variant = {}): AsyncGenerator<Seen> {
  const classes = network.labels?.map(({ name }) => name) ?? [];
  const set = await openImages(join(data, split), { split, classes });
  using loader = openLoader(set);
  const graph: Graph = createModel(network.id, { ...options, classes: network.classes, batch, gates: true });
  using session = await compile(graph, weights, { threads: 2 });
  const { mean, std } = network.preset;
  const order = [...set.labels.keys()].filter((image) => image % every === 0);
  const whole = order.slice(0, Math.floor(order.length / batch) * batch); // the splits are multiples of a batch
  for await (const { input, labels } of loader.batches({ order: whole, size: batch, seed: 0, epoch: 0, steps: [], normalisation: { mean, std } })) {
    const outputs = await session.runAsync(input);
    for (const [n, label] of labels.entries()) {
      const of = ({ shape, data: values }: Tensor): Float32Array => {
        const each = shape[1] as number;
        return values.subarray(n * each, (n + 1) * each) as Float32Array;
      };
      const gates = new Map([...outputs].filter(([name]) => name !== 'logits').map(([name, value]) => [name, of(value)]));
      yield { label, logits: of(outputs.get('logits') as Tensor), gates };
    }
  }
}

/** The share of a split's images that a network gets right. */
export async function accuracy(network: Network, images: Look, variant: Variant = {}): Promise<number> {
  let [right, all] = [0, 0];
  for await (const { label, logits } of look(network, images, variant)) {
    all++;
    if (logits.indexOf(Math.max(...logits)) === label) right++;
  }
  return right / all;
}
