import { InputError } from '../../errors.js';
import { count } from '../../graph/count.js';
import { grad } from '../../graph/grad.js';
import type { Graph } from '../../graph/graph.js';
import { training } from '../../graph/training.js';
import { syntheticTensor, syntheticWeights } from '../../io/synthetic.js';
import { createModel } from '../../models/index.js';
import { relativeError } from '../../stats/error.js';
import { sameShape, type Tensor } from '../../tensor.js';
import { crossEntropy, targetsOf } from '../../train/loss.js';
import type { Tensors } from '../../train/optimiser.js';
import { type SgdState, sgd } from '../../train/sgd.js';
import { type Check, check, exactly } from '../check.js';
import type { Summary, TrainingFile } from './trainingFile.js';

/** A network in training, and what a file trains it on. */
export interface TrainingSetup {
  /** Inputs `input` and `targets`; outputs `logits`, `loss`, each parameter's gradient and each running statistic, by their names. */
  readonly graph: Graph;
  readonly parameters: number;
  readonly weights: Tensors;
  readonly input: Tensor;
}

/** @throws InputError for a network that is not here, or whose batch norms have another ε than the file's */
export function trainedOf(file: TrainingFile): TrainingSetup {
  const { id, classes, seed, bn } = file;
  const [batch, , height, width] = file.input;
  const network = createModel(id, { classes, batch, size: [height, width] });
  const norm = network.nodes.find(({ op, attrs }) => op === 'batchNorm' && attrs.eps !== bn.eps);
  if (norm?.op === 'batchNorm') throw new InputError(`bn.eps: expected ${norm.attrs.eps}, which ${id} has, found ${bn.eps}`);
  return {
    graph: grad(training(network, { momentum: bn.momentum }), crossEntropy),
    parameters: count(network).params,
    weights: syntheticWeights(network, file),
    input: syntheticTensor('input', file.input, seed),
  };
}

/** One pass there and back with these weights: the graph's outputs. */
export type Pass = (weights: Tensors, targets: Tensor) => Tensors;

/** How far an engine can be held to a file. */
export interface Limits {
  /** Of the logits, relative to the largest. */
  readonly logits: number;
  /** Of a loss, relative to it. */
  readonly loss: number;
  /** Of running statistics: of a norm relative to it, of a value relative to the tensor's root mean square. */
  readonly statistics: number;
  /** Of gradients and of weights after the last step, likewise; of a gradient's sum relative to norm · √n. */
  readonly gradients: number;
}

/** How much of a file is compared, and how far an engine may be from it. */
export interface TrainingStandard {
  readonly limits: Limits;
  /** Loss, and with `gradients` their norms, with labels smoothed: one more pass. */
  readonly smoothed: boolean;
  readonly gradients: boolean;
  /** Each is a pass there and back, of as many as the file has. The weights after its last are compared. */
  readonly steps: number;
}

/**
 * Limits lie between what right programs reach and what the least mistake does (test/fixtures/training/README.md). A second program in float64 is within 2e-8,
 * which is the rounding of nine digits. Programs in float32 are within 8e-7 of the logits, 9e-8 of the losses, 3e-7 of the statistics and 1e-5 of the gradients;
 * each of the mistakes that were tried moves one of them by more than direct algorithms are allowed. Fast ones have ten times as much, as of a network that infers.
 *
 * Files are made so that no ReLU's input is next to 0 at the start, by some five times the rounding of float32's direct sums. From the second step on one
 * may flip, and with Winograd's sums in the first pass: it hardly moves what goes forward, but some gradients by 0.2 to 3 %.
 */
export const trainingStandards = {
  float64: {
    limits: { logits: 1e-7, loss: 1e-7, statistics: 1e-7, gradients: 1e-7 },
    smoothed: true,
    gradients: true,
    steps: Number.POSITIVE_INFINITY,
  },
  direct: { limits: { logits: 1e-5, loss: 1e-6, statistics: 2e-6, gradients: 3e-5 }, smoothed: true, gradients: true, steps: 1 },
  fast: { limits: { logits: 1e-4, loss: 1e-5, statistics: 2e-5, gradients: 3e-4 }, smoothed: true, gradients: false, steps: 0 },
} as const satisfies Readonly<Record<string, TrainingStandard>>;

/** What a file has beside what `pass` computes. */
export function trainingChecks(file: TrainingFile, trained: TrainingSetup, pass: Pass, standard: TrainingStandard): readonly Check[] {
  const { parameters, weights: start } = trained;
  const { limits, smoothed, gradients } = standard;
  const targets = targetsOf(file.labels, file.classes);
  const first = pass(start, targets);
  return [
    exactly('parameters', [parameters], [file.parameters]),
    check('logits', relativeError(first.get('logits')?.data ?? [], file.logits), limits.logits),
    check('loss', relative(lossOf(first), file.loss), limits.loss),
    ...file.runningStats.flatMap(({ name, shape, ...expected }) =>
      summaryChecks(name, ofShape(first, name, shape), expected, limits.statistics),
    ),
    ...(gradients ? gradientChecks(file, first, limits) : []),
    ...(smoothed ? smoothedChecks(file, pass(start, targetsOf(file.labels, file.classes, file.labelSmoothing)), standard) : []),
    ...stepChecks(file, start, first, (weights) => pass(weights, targets), standard),
  ];
}

const gradientChecks = ({ tensors }: TrainingFile, outputs: Tensors, limits: Limits): readonly Check[] =>
  tensors.flatMap(({ name, shape, grad: expected }) => {
    const found = ofShape(outputs, name, shape);
    const sum = check(`${name}: gradient, sum`, sumError(found, expected), limits.gradients);
    return [...summaryChecks(`${name}: gradient`, found, expected, limits.gradients), sum];
  });

const smoothedChecks = (
  { smoothedLoss, tensors }: TrainingFile,
  outputs: Tensors,
  { limits, gradients }: TrainingStandard,
): readonly Check[] => [
  check('smoothedLoss', relative(lossOf(outputs), smoothedLoss), limits.loss),
  ...(gradients ? tensors : []).map(({ name, smoothedGradNorm }) =>
    check(`${name}: smoothed gradient, norm`, relative(normOf(outputs.get(name)), smoothedGradNorm), limits.gradients),
  ),
];

function stepChecks(
  file: TrainingFile,
  start: Tensors,
  first: Tensors,
  pass: (weights: Tensors) => Tensors,
  { limits, steps }: TrainingStandard,
): readonly Check[] {
  const checks: Check[] = [];
  const trained = new Set(file.tensors.map(({ name }) => name));
  let [outputs, weights, state]: [Tensors, Tensors, SgdState | undefined] = [first, start, undefined];
  for (let step = 1; step <= Math.min(steps, file.steps); step++) {
    const gradients = new Map([...outputs].filter(([name]) => trained.has(name)));
    ({ weights, state } = sgd({ weights, gradients, state }, file.sgd));
    outputs = pass(weights);
    checks.push(check(`losses[${step}]`, relative(lossOf(outputs), file.losses[step] as number), limits.loss));
  }
  if (steps < file.steps) return checks;
  const last = file.tensors.flatMap(({ name, shape, final }) =>
    summaryChecks(`${name}: final`, ofShape(weights, name, shape), final, limits.gradients),
  );
  return [...checks, ...last];
}

const lossOf = (outputs: Tensors): number => outputs.get('loss')?.data[0] ?? Number.NaN;

/** The tensor, if it has the file's shape. */
function ofShape(tensors: Tensors, name: string, shape: readonly number[]): Tensor | undefined {
  const found = tensors.get(name);
  return found && sameShape(found.shape, shape) ? found : undefined;
}

/** Where the file says 0, anything else is infinitely far. */
const relative = (found: number, expected: number): number => (found === expected ? 0 : Math.abs(found - expected) / Math.abs(expected));

const normOf = (x: Tensor | undefined): number => (x ? Math.sqrt(sumOf(x, (value) => value ** 2)) : Number.NaN);

function sumOf({ data }: Tensor, of: (value: number) => number): number {
  let sum = 0;
  for (const value of data) sum += of(value);
  return sum;
}

/** A tensor's norm and first values; a missing one fails both. */
function summaryChecks(name: string, found: Tensor | undefined, { norm, first }: Summary, limit: number): readonly Check[] {
  const rms = norm / Math.sqrt(found?.data.length ?? 1);
  const errors = first.map((value, i) => (found?.data[i] === value ? 0 : Math.abs((found?.data[i] ?? Number.NaN) - value) / rms));
  return [check(`${name}, norm`, relative(normOf(found), norm), limit), check(`${name}, first`, Math.max(0, ...errors), limit)];
}

/** Sums cancel: theirs is told by what they are sums of. */
function sumError(found: Tensor | undefined, { norm, sum }: Summary & { readonly sum: number }): number {
  if (found === undefined) return Number.NaN;
  const total = sumOf(found, (value) => value);
  return total === sum ? 0 : Math.abs(total - sum) / (norm * Math.sqrt(found.data.length));
}
