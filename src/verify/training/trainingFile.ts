import { InputError } from '../../errors.js';
import { atLeast, flag, listOf, number, objectWith, positive, share, shareBelow1, text, wholeFrom } from '../../io/schema.js';
import type { Shape } from '../../tensor.js';
import type { SgdOptions } from '../../train/sgd.js';
import { parseVector } from '../vector.js';

/** What PyTorch computes in float64 when a network on generated weights is trained on one minibatch: a pass there and back, then steps of SGD. */
export interface TrainingFile {
  /** Our id of the network, `source/name`. */
  readonly id: string;
  readonly classes: number;
  readonly parameters: number;
  readonly seed: number;
  readonly gain: number;
  /** The minibatch's shape, [N, C, H, W]. */
  readonly input: readonly [number, number, number, number];
  /** One class an image. */
  readonly labels: readonly number[];
  /** Of batch norm; the momentum is the weight of the minibatch in the running statistics. */
  readonly bn: { readonly eps: number; readonly momentum: number };
  readonly sgd: SgdOptions;
  readonly steps: number;
  readonly labelSmoothing: number;
  /** Initial weights, [N · classes]. */
  readonly logits: readonly number[];
  readonly loss: number;
  readonly smoothedLoss: number;
  /** Before each step, and after the last. */
  readonly losses: readonly number[];
  /** After exactly one pass. */
  readonly runningStats: readonly TensorSummary[];
  /** Of each parameter, in the checkpoint's order. */
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: Shape;
    /** Of `loss`, at the initial weights. */
    readonly grad: Summary & { readonly sum: number };
    /** Of the gradient of `smoothedLoss`, there too. */
    readonly smoothedGradNorm: number;
    /** The parameter after the last step. */
    readonly final: Summary;
  }[];
}

/** What a file keeps of a tensor. */
export interface Summary {
  /** The root of the sum of squares. */
  readonly norm: number;
  /** Its first values, in row-major order. */
  readonly first: readonly number[];
}

interface TensorSummary extends Summary {
  readonly name: string;
  readonly shape: Shape;
}

/** More steps than a float64 reference does in an hour. */
const mostSteps = 100;

const named = { name: text, shape: listOf(wholeFrom(1)) };
const summary = { norm: atLeast(0), first: listOf(number) };

const fields = objectWith({
  labels: listOf(wholeFrom(0)),
  bn: objectWith({ eps: positive, momentum: share }),
  sgd: objectWith({ lr: atLeast(0), momentum: share, weightDecay: atLeast(0), nesterov: flag, steps: wholeFrom(1, mostSteps) }),
  labelSmoothing: shareBelow1,
  logits: listOf(number),
  loss: number,
  smoothedLoss: number,
  losses: listOf(number),
  runningStats: listOf(objectWith({ ...named, ...summary })),
  tensors: listOf(
    objectWith({
      ...named,
      grad: objectWith({ ...summary, sum: number }),
      smoothedGradNorm: atLeast(0),
      final: objectWith(summary),
    }),
  ),
});

/** @throws InputError that names the field which is missing or not what the format has */
export function parseTrainingFile(json: unknown): TrainingFile {
  const { id, classes, parameters, seed, gain, input } = parseVector(json);
  const { sgd, ...file } = fields.read(json, '');
  const { steps, ...options } = sgd;
  if (file.labels.length !== input[0]) throw new InputError(`labels must be one for each of ${input[0]} images, not ${file.labels.length}`);
  const strange = file.labels.find((label) => label >= classes);
  if (strange !== undefined) throw new InputError(`labels must be below ${classes}, the number of classes, not ${strange}`);
  if (file.losses.length !== steps + 1)
    throw new InputError(`losses must be ${steps + 1}, before each of ${steps} steps and after the last, not ${file.losses.length}`);
  return { id, classes, parameters, seed, gain, input, ...file, sgd: options, steps };
}
