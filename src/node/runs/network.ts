import { InputError } from '../../errors.js';
import { grad } from '../../graph/grad.js';
import type { Graph } from '../../graph/graph.js';
import { training } from '../../graph/training.js';
import { createModel } from '../../models/index.js';
import type { ModelOptions } from '../../models/model.js';
import { fakeQuantised } from '../../quant/fake.js';
import type { TrainingConfig } from '../../train/config.js';
import { crossEntropy } from '../../train/loss.js';
import type { Tensors } from '../../train/optimiser.js';
import type { Gradients } from '../../train/step.js';
import { compile } from '../../wasm/session.js';
import { note } from '../output.js';
import type { QuantisedNetwork } from './quantised.js';

/** Options of `createModel` that other keys decide, or the data. */
const decided = ['classes', 'size', 'batch', 'gates', 'quantised'] as const;

/** The network of a configuration, in inference mode, for its batches. @throws InputError for options that are not the network's. */
export function networkOf({ model, options, size, batch }: TrainingConfig, classes: number): Graph {
  const wrong = decided.find((key) => options[key] !== undefined);
  if (wrong !== undefined)
    throw new InputError(
      `options.${wrong} is no option here: size, batch and quantise are keys of their own, classes come from the data, gates are not trained on`,
    );
  return createModel(model, { ...(options as ModelOptions), classes, batch, ...(size !== undefined && { size }) });
}

/** What computes gradients, and holds memory and threads meanwhile. */
export interface Trainer extends Disposable {
  readonly run: Gradients;
}

/** @param quantised what is trained for integers: their weights are rounded in every step, and the gradients are those of the weights before */
export async function openTrainer(
  network: Graph,
  weights: Tensors,
  { threads, kernels, algorithms }: TrainingConfig,
  quantised?: QuantisedNetwork,
): Promise<Trainer> {
  const graph = quantised ? fakeQuantised(network, quantised.recipe) : training(network);
  const seen = (of: Tensors): Tensors => (quantised ? quantised.rounded(of) : of);
  const session = await compile(grad(graph, crossEntropy), seen(weights), { threads, kernels, algorithms });
  if (session.threadsNote) note(`one thread: ${session.threadsNote}`);
  return {
    run(changed, inputs) {
      session.update(seen(changed));
      return session.runAsync(inputs); // signals are heard meanwhile
    },
    [Symbol.dispose]: () => session.dispose(),
  };
}
