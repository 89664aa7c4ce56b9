import type { Graph } from '../../graph/graph.js';
import { forwards } from '../../ops/forwards.js';
import { type Shape, sizeOf, type Tensor } from '../../tensor.js';
import type { TrainingConfig } from '../../train/config.js';
import { targetsOf } from '../../train/loss.js';
import { nothing, type Score, scoreOf, type Tally, tallied } from '../../train/metrics.js';
import type { Tensors } from '../../train/optimiser.js';
import { type Batch, countCorrect } from '../../train/step.js';
import { compile } from '../../wasm/session.js';

/** What a network makes of a test set, by its running statistics. Undefined if `stopped` says so before the end. */
export async function scoreOn(
  batches: AsyncIterable<Batch>,
  network: Graph,
  weights: Tensors,
  { threads, kernels, algorithms }: Pick<TrainingConfig, 'threads' | 'kernels' | 'algorithms'>,
  stopped: () => boolean,
): Promise<Score | undefined> {
  using session = await compile(network, weights, { threads, kernels, algorithms });
  let tally = nothing;
  for await (const { input, labels } of batches) {
    if (stopped()) return undefined;
    const outputs = await session.runAsync(filledUp(input, network.nodes[0]?.shape as Shape));
    tally = tallied(tally, tallyOf(outputs.get('logits') as Tensor, labels));
  }
  return scoreOf(tally);
}

/** A batch with blank images behind it, as many as the network takes. */
function filledUp({ shape, data }: Tensor, whole: Shape): Tensor {
  if (shape[0] === whole[0]) return { shape, data };
  const filled = new Float32Array(sizeOf(whole));
  filled.set(data);
  return { shape: whole, data: filled };
}

/** The logits of blank images behind those with labels do not count. */
function tallyOf({ shape, data }: Tensor, labels: readonly number[]): Tally {
  const classes = shape[1] as number;
  const logits = { shape: [labels.length, classes], data: data.subarray(0, labels.length * classes) };
  let loss = 0;
  for (const one of forwards.crossEntropy([logits, targetsOf(labels, classes)], {}).data) loss += one;
  return { images: labels.length, correct: countCorrect(logits, labels), loss };
}
