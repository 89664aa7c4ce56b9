import type { Inputs } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import type { Node } from '../ops/op.js';
import type { Tensor } from '../tensor.js';
import { clipByNorm } from './clip.js';
import type { TrainingConfig } from './config.js';
import { averageWeights } from './ema.js';
import { targetsOf } from './loss.js';
import type { Tensors } from './optimiser.js';
import type { Optimiser, Slots } from './recipe.js';
import type { Schedule } from './schedule.js';

/** All that a run changes as it goes, so that it goes on from a copy as if nothing had happened. */
export interface TrainingState {
  /** Steps taken. */
  readonly steps: number;
  readonly weights: Tensors;
  readonly slots: Slots;
  /** The moving average of the weights, where one is kept. */
  readonly average: Tensors | undefined;
}

/** Images [N, 3, H, W] and their classes. */
export interface Batch {
  readonly input: Tensor;
  readonly labels: readonly number[];
}

/** Runs `grad(training(network), crossEntropy)`: its outputs by name, from the weights and `{ input, targets }`. */
export type Gradients = (weights: Tensors, inputs: Inputs) => Promise<Tensors>;

/** What a step is made with. */
export interface Recipe extends Pick<TrainingConfig, 'smoothing' | 'clip' | 'average'> {
  readonly gradients: Gradients;
  readonly classes: number;
  /** The parameters that have gradients; the others are running statistics. */
  readonly trainable: ReadonlySet<string>;
  readonly optimiser: Optimiser;
  readonly schedule: Schedule;
}

/** What a step found before it changed the weights. */
export interface Found {
  readonly loss: number;
  /** Images whose class had the largest logit. */
  readonly correct: number;
  readonly images: number;
  readonly lr: number;
}

export const trainableOf = ({ nodes, parameters }: Graph): ReadonlySet<string> =>
  new Set(parameters.map((id) => (nodes[id] as Node<'param'>).attrs).flatMap(({ name, trainable }) => (trainable ? [name] : [])));

/** One step of a run: forward, backward, the optimiser, the running statistics, the average. Nothing in `state` is written to. */
export async function trainStep(
  { steps, weights, slots, average }: TrainingState,
  { input, labels }: Batch,
  recipe: Recipe,
): Promise<{ readonly state: TrainingState; readonly found: Found }> {
  const { classes, trainable, smoothing, clip, average: decay } = recipe;
  const lr = recipe.schedule(steps);
  const outputs = await recipe.gradients(weights, { input, targets: targetsOf(labels, classes, smoothing) });
  const all = new Map([...outputs].filter(([name]) => trainable.has(name)));
  const gradients = clip === undefined ? all : clipByNorm(all, clip);
  const stepped = recipe.optimiser({ weights, gradients, slots, steps, lr });
  const next = new Map([...stepped.weights].map(([name, w]) => [name, trainable.has(name) ? w : (outputs.get(name) ?? w)]));
  const found = {
    loss: outputs.get('loss')?.data[0] as number,
    correct: countCorrect(outputs.get('logits') as Tensor, labels),
    images: labels.length,
    lr,
  };
  const state = {
    steps: steps + 1,
    weights: next,
    slots: stepped.slots,
    average: decay === undefined ? undefined : averageWeights(average ?? weights, next, decay),
  };
  return { state, found };
}

/** Images whose class has the largest of the logits [N, K]; of those beyond the labels, which fill a batch up, none count. */
export function countCorrect({ shape, data }: Tensor, labels: readonly number[]): number {
  const classes = shape[1] as number;
  return labels.filter((label, n) => {
    const logits = data.subarray(n * classes, (n + 1) * classes);
    return logits.indexOf(Math.max(...logits)) === label;
  }).length;
}

/** Whether a step's loss and all it made of the weights are numbers. */
export const allFinite = ({ weights }: TrainingState, { loss }: Found): boolean =>
  Number.isFinite(loss) && [...weights.values()].every(({ data }) => data.every(Number.isFinite));
