import { InputError } from '../../errors.js';
import { grad } from '../../graph/grad.js';
import type { Graph } from '../../graph/graph.js';
import { training } from '../../graph/training.js';
import { createModel } from '../../models/index.js';
import type { ModelOptions } from '../../models/model.js';
import type { TrainingConfig } from '../../train/config.js';
import { crossEntropy } from '../../train/loss.js';
import type { Tensors } from '../../train/optimiser.js';
import type { Gradients } from '../../train/step.js';
import { compile } from '../../wasm/session.js';
import { note } from '../output.js';

/** Options of `createModel` that other keys decide, or the data. */
const decided = ['classes', 'size', 'batch', 'gates'] as const;

/** The network of a configuration, in inference mode, for its batches. @throws InputError for options that are not the network's. */
export function networkOf({ model, options, size, batch }: TrainingConfig, classes: number): Graph {
  const wrong = decided.find((key) => options[key] !== undefined);
  if (wrong !== undefined)
    throw new InputError(
      `options.${wrong} is no option here: size and batch are keys of their own, classes come from the data, gates are not trained on`,
    );
  return createModel(model, { ...(options as ModelOptions), classes, batch, ...(size !== undefined && { size }) });
}

/** What computes gradients, and holds memory and threads meanwhile. */
export interface Trainer extends Disposable {
  readonly run: Gradients;
}

export async function openTrainer(network: Graph, weights: Tensors, { threads, kernels, algorithms }: TrainingConfig): Promise<Trainer> {
  const session = await compile(grad(training(network), crossEntropy), weights, { threads, kernels, algorithms });
  if (session.threadsNote) note(`one thread: ${session.threadsNote}`);
  return {
    run(changed, inputs) {
      session.update(changed);
      return session.runAsync(inputs); // signals are heard meanwhile
    },
    [Symbol.dispose]: () => session.dispose(),
  };
}
