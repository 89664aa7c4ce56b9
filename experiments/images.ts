import { join } from 'node:path';
import type { Network } from '../src/classifier/network.js';
import { createModel } from '../src/models/index.js';
import type { ModelOptions } from '../src/models/model.js';
import type { CifarSplit } from '../src/node/images/cifar.js';
import { openImages } from '../src/node/images/images.js';
import { openLoader } from '../src/node/images/loader.js';
import { type Tensor, zerosLike } from '../src/tensor.js';
import { compile } from '../src/wasm/session.js';
import type { Weights } from '../src/wasm/weights.js';

/** What a network says of one image. */
export interface Seen {
  readonly label: number;
  readonly logits: Float32Array;
  /** The excitations, by module path; empty for a network without. */
  readonly gates: ReadonlyMap<string, Float32Array>;
}

export interface Images {
  /** The folder that has `train` and `test`. */
  readonly data: string;
  readonly split: CifarSplit;
  /** One image in so many, which are in the order of their classes. @defaultValue 1 */
  readonly every?: number;
}

const batch = 100;

/** A network of other options or weights than the one that was opened: what a finding changes. */
export interface Variant {
  readonly options?: ModelOptions;
  readonly weights?: Weights;
}

/** Shows images to a network. */
export async function* look(
  network: Network<Weights>,
  { data, split, every = 1 }: Images,
  { options, weights = network.weights }: Variant = {},
): AsyncGenerator<Seen> {
  const set = await openImages(join(data, split), { split, classes: classNames(network) });
  using loader = openLoader(set);
  const graph = createModel(network.id, { ...network.options, ...options, classes: network.classes, batch, gates: true });
  using session = await compile(graph, weights, { threads: 2 });
  const { mean, std } = network.preset;
  const order = [...set.labels.keys()].filter((image) => image % every === 0);
  const wanted = { order, size: batch, seed: 0, epoch: 0, steps: [], normalisation: { mean, std } };
  for await (const { input, labels } of loader.batches(wanted)) {
    const outputs = await session.runAsync(filledUp(input));
    for (const [n, label] of labels.entries()) {
      const of = ({ shape, data: values }: Tensor): Float32Array => {
        const each = values.length / (shape[0] as number); // a gate that nothing squeezes has a value a pixel
        return values.subarray(n * each, (n + 1) * each) as Float32Array;
      };
      const gates = new Map([...outputs].filter(([name]) => name !== 'logits').map(([name, value]) => [name, of(value)]));
      yield { label, logits: of(outputs.get('logits') as Tensor), gates };
    }
  }
}

export const classNames = ({ labels = [] }: Pick<Network, 'labels'>): readonly string[] => labels.map(({ name }) => name);

/** For each image, 1 if the network gets it right, else 0. */
export async function rights(network: Network<Weights>, images: Images, variant: Variant = {}): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const { label, logits } of look(network, images, variant)) found.push(logits.indexOf(Math.max(...logits)) === label ? 1 : 0);
  return found;
}

/** A batch with blank images behind it. */
function filledUp(images: Tensor): Tensor {
  const whole = zerosLike(images, [batch, ...images.shape.slice(1)]);
  whole.data.set(images.data);
  return whole;
}
