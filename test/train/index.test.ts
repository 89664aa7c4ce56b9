import { describe, expect, test } from 'vitest';
import { InputError, SenetError, WeightsError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { grad } from '../../src/graph/grad.js';
import { globalAvgPool, linear } from '../../src/models/layers.js';
import type { Value } from '../../src/ops/op.js';
import { shown, tensor } from '../../src/tensor.js';
import * as train from '../../src/train/index.js';
import { junk } from '../support/junk.js';

const graph = build([1, 3, 2, 2], (image) => linear(globalAvgPool(image), 'fc', 2));
const weights = train.heWeights(graph, 1);
const step = { weights, gradients: weights };
const { state: momentum } = train.sgd(step, { lr: 1 });
const { state: moments } = train.adamW(step, { lr: 1 });

/** Where a loss takes logits under construction. */
const logits = Symbol('logits');

/** Every function of senet/train with arguments that it takes. */
const calls: Record<keyof typeof train, readonly unknown[]> = {
  adamW: [{ ...step, state: moments }, { lr: 0.1 }],
  averageWeights: [weights, weights, 0.5],
  clipByNorm: [weights, 1],
  cosineSchedule: [{ lr: 0.1, steps: 2 }],
  crossEntropy: [logits],
  globalNorm: [weights],
  heWeights: [graph, 1],
  oneCycleSchedule: [{ lr: 0.1, steps: 2 }],
  sgd: [{ ...step, state: momentum }, { lr: 0.1 }],
  stepSchedule: [{ lr: 0.1, at: [1] }],
  targetsOf: [[1], 2, 0.1],
};

const exported: Readonly<Record<string, unknown>> = { ...train };

function thrownBy(name: string, args: readonly unknown[]): unknown {
  const call = exported[name] as (...args: readonly unknown[]) => unknown;
  try {
    if (name === 'crossEntropy') grad(graph, (value) => call(...args.map((arg) => (arg === logits ? value : arg))) as Value);
    else call(...args);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The same call with another value at each place, and at each place of an object that is handed in. */
const misused = (args: readonly unknown[], value: unknown): readonly (readonly unknown[])[] =>
  args.flatMap((arg, i) => {
    const keys = typeof arg === 'object' && arg !== null && !('nodes' in arg) && !Array.isArray(arg) ? Object.keys(arg) : [];
    return [args.with(i, value), ...keys.map((key) => args.with(i, { ...(arg as object), [key]: value }))];
  });

describe.each(Object.entries(calls))('%s', (name, args) => {
  test('takes what the list says', () => {
    expect(thrownBy(name, args)).toBeUndefined();
  });

  test('whatever is handed in, an error is one of ours', () => {
    for (const value of junk)
      for (const given of misused(args, value)) {
        const error = thrownBy(name, given);
        if (error !== undefined && !(error instanceof SenetError)) throw new Error(`${shown(value)}`, { cause: error });
      }
    expect(thrownBy(name, [])).toBeInstanceOf(SenetError);
  });
});

test('the list above is complete', () => {
  expect(Object.keys(calls).sort()).toEqual(Object.keys(train).sort());
});

const any = (value: unknown): never => value as never;

test.each<readonly [() => unknown, string]>([
  [() => train.sgd(step, any({})), 'sgd: options.lr is missing: it must be a number from 0'],
  [
    () => train.sgd(step, any({ learningRate: 0.1 })),
    'sgd: options.learningRate is no key; options has lr, momentum, nesterov, weightDecay',
  ],
  [() => train.sgd(step, any({ lr: 1, momentun: 0.1 })), 'sgd: options.momentun is no key (did you mean momentum?)'],
  [() => train.sgd(step, { lr: Number.NaN }), 'sgd: options.lr must be a number from 0, not NaN'],
  [() => train.sgd(step, { lr: -1 }), 'sgd: options.lr must be a number from 0, not -1'],
  [() => train.sgd(step, { lr: 1, momentum: 2 }), 'sgd: options.momentum must be a number from 0 to 1, not 2'],
  [() => train.sgd(step, { lr: 1, weightDecay: -1 }), 'sgd: options.weightDecay must be a number from 0, not -1'],
  [() => train.sgd(step, any(undefined)), 'sgd: options must be an object of lr, momentum, nesterov, weightDecay, not undefined'],
  [() => train.sgd(any(undefined), { lr: 1 }), 'sgd takes { weights, gradients, state }, not undefined'],
  [() => train.sgd(any(weights), any(weights)), 'sgd takes { weights, gradients, state }, not Map'],
  [() => train.sgd(any({ weights }), { lr: 1 }), 'sgd: gradients must be a Map of tensors by name, not undefined'],
  [() => train.sgd({ ...step, state: any(moments) }, { lr: 1 }), 'sgd: state must be a Map of tensors by name, not Object'],
  [
    () => train.sgd({ ...step, gradients: new Map([['fc.bias', any(null)]]) }, { lr: 1 }),
    'sgd: gradients: tensor fc.bias is no tensor but null',
  ],
  [() => train.adamW({ ...step, state: any(momentum) }, { lr: 1 }), 'adamW: state must be what the step before returned, {'],
  [() => train.adamW({ ...step, state: { ...moments, steps: 0.5 } }, { lr: 1 }), 'adamW: state.steps must be a whole number from 0'],
  [() => train.adamW(step, any({ lr: 1, beta1: 0.9 })), 'adamW: options.beta1 is no key (did you mean betas?)'],
  [() => train.adamW(step, { lr: 1, betas: [2, 0.9] }), 'adamW: options.betas[0] must be a number from 0 to less than 1, not 2'],
  [() => train.cosineSchedule(any({ lr: 1, epochs: 3 })), 'cosineSchedule: options.epochs is no key'],
  [() => train.cosineSchedule({ lr: 1, steps: 0 }), 'cosineSchedule: options.steps must be a whole number from 1, not 0'],
  [() => train.cosineSchedule(any(undefined)), 'cosineSchedule: options must be an object of lr, steps, end, not undefined'],
  [() => train.cosineSchedule({ lr: 1, steps: 2 })(-1), 'a schedule takes a step, a number from 0, not -1'],
  [() => train.oneCycleSchedule(any({ maxLr: 1, steps: 2 })), 'oneCycleSchedule: options.maxLr is no key'],
  [() => train.stepSchedule(any({ lr: 1 })), 'stepSchedule: options.at is missing: it must be a list of values, each'],
  [() => train.heWeights(graph, any(undefined)), 'heWeights: seed must be a whole number from 0, not undefined'],
  [() => train.clipByNorm(weights, -1), 'clipByNorm: most must be a number from 0, not -1'],
  [() => train.clipByNorm(weights, any('x')), 'clipByNorm: most must be a number from 0, not "x"'],
  [() => train.averageWeights(weights, weights, 5), 'averageWeights: decay must be a number from 0 to 1, not 5'],
  [() => train.averageWeights(any([]), weights, 0.5), 'averageWeights: average must be a Map of tensors by name, not Array'],
  [() => train.globalNorm(any({})), 'globalNorm: tensors must be a Map of tensors by name, not Object'],
  [() => train.targetsOf([1], any(undefined)), 'targetsOf: classes must be a whole number from 1, not undefined'],
  [() => train.targetsOf(any(undefined), 2), 'targetsOf: labels must be a list of whole numbers, not undefined'],
  [() => train.crossEntropy(any(weights)), 'crossEntropy takes the logits of a graph under construction'],
])('%s is an InputError that says what is wrong', (call, message) => {
  expect(call).toThrow(InputError);
  expect(call).toThrow(message);
});

test('a state of other tensors is a WeightsError', () => {
  const other = new Map([['fc.bias', tensor([3], [0, 0, 0])]]);
  expect(() => train.sgd({ ...step, state: other }, { lr: 1 })).toThrow(WeightsError);
});

test('bytes as labels, and a norm that clips nothing, are taken', () => {
  expect(train.targetsOf(any(Uint8Array.of(1)), 2)).toEqual(train.targetsOf([1], 2));
  expect(train.clipByNorm(weights, Number.POSITIVE_INFINITY)).toBe(weights);
});
