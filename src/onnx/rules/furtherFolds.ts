import { halfToEven, type Shape, sizeOf } from '../../tensor.js';
import type { NodeCall } from '../arguments.js';
import { axisOf, flattened, stridesOf } from '../axes.js';
import { as, each, elementwise, question, reduced, strided, zeros } from '../fold.js';
import type { Constant } from '../tensor.js';
import { cannot } from '../values.js';
import { softmaxAxis } from '../versions.js';
import { choiceOfConstants } from './choices.js';
import { isInTraining } from './layers.js';
import type { Fold, Folds } from './rule.js';
import { storedConstants } from './storedConstants.js';
import { splitSizes } from './views.js';

/** A function of each value that the node's arguments say. */
const said =
  (functionOf: (call: NodeCall) => (value: number) => number): Fold =>
  (call, inputs) =>
    each(functionOf(call))(call, inputs.slice(0, 1));

const clip = said((call) => {
  const [low, high] = [call.number('min', -Infinity), call.number('max', Infinity)];
  return (value) => Math.min(Math.max(value, low), high);
});

const split: Fold = (call, [given]) => {
  const x = given as Constant;
  const axis = axisOf(call.int('axis', 0), x.shape.length);
  const strides = stridesOf(x.shape);
  let begin = 0;
  return splitSizes(call, x.shape[axis] as number).map((size) => {
    const offset = begin * (strides[axis] as number);
    begin += size;
    return strided(
      x,
      x.shape.map((extent, i) => (i === axis ? size : extent)),
      strides,
      offset,
    );
  });
};

/** Each axis behind one along which nothing moves. */
const tile: Fold = (_, [given, repeats]) => {
  const x = given as Constant;
  const counts = [...(repeats as Constant).data];
  if (counts.length !== x.shape.length) cannot(`${counts.length} repeats are not one for each of ${x.shape.length} axes`);
  const strides = stridesOf(x.shape);
  const wide = strided(
    x,
    x.shape.flatMap((extent, axis) => [counts[axis] as number, extent]),
    strides.flatMap((stride) => [0, stride]),
  );
  return as(
    wide,
    x.shape.map((extent, axis) => extent * (counts[axis] as number)),
  );
};

/** Along an axis, and before operator set 13 along all that follow it too. */
const softmax: Fold = (call, [given]) => {
  const x = given as Constant;
  const axis = axisOf(call.int('axis', softmaxAxis(call.opset)), x.shape.length);
  const [outer, extent] =
    call.opset < 13 ? (flattened(x.shape, axis) as [number, number]) : [sizeOf(x.shape.slice(0, axis)), x.shape[axis] as number];
  const inner = x.data.length / (outer * extent);
  const y = zeros(x.shape, x.data.length, x);
  for (let row = 0; row < outer * inner; row++) {
    const first = Math.floor(row / inner) * extent * inner + (row % inner);
    const places = Array.from({ length: extent }, (_, i) => first + i * inner);
    const values = places.map((place) => x.data[place] as number);
    const largest = values.reduce((most, value) => Math.max(most, value), -Infinity);
    const total = values.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    for (const [i, place] of places.entries()) y[place] = Math.exp((values[i] as number) - largest) / total;
  }
  return { ...x, data: y };
};

/** [..., K] by [K] or [K, N]. */
const matMul: Fold = (_, [given, other]) => {
  const [a, b] = [given as Constant, other as Constant];
  const [K = 0, N = 1] = b.shape;
  if (a.shape.length === 0 || a.shape.at(-1) !== K || b.shape.length < 1 || b.shape.length > 2)
    cannot('of constants it is known by a matrix');
  const rows = a.data.length / K;
  const shape: Shape = [...a.shape.slice(0, -1), ...b.shape.slice(1)];
  const y = zeros(shape, Math.max(a.data.length, b.data.length), a);
  for (let r = 0; r < rows; r++)
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += (a.data[r * K + k] as number) * (b.data[k * N + n] as number);
      y[r * N + n] = sum;
    }
  return { kind: a.kind, shape, data: y };
};

/** Filters are standardised so: NFNet's, by the statistics of each (Brock 2021, arXiv:2101.08692). */
const batchNormalization: Fold = (call, [given, scale, bias, mean, variance]) => {
  const [x, gain, shift, m, v] = [given, scale, bias, mean, variance] as [Constant, Constant, Constant, Constant, Constant];
  const [N = 1, C = 1] = x.shape;
  const plane = sizeOf(x.shape.slice(2));
  for (const { data } of [gain, shift, m, v]) if (data.length !== C) cannot(`${data.length} values for ${C} channels`);
  const inTraining = isInTraining(call.node, call.opset);
  const meanOf = (c: number, f: (value: number) => number): number => {
    let sum = 0;
    for (let n = 0; n < N; n++) for (let i = 0; i < plane; i++) sum += f(x.data[(n * C + c) * plane + i] as number);
    return sum / (N * plane);
  };
  const eps = call.number('epsilon', Math.fround(1e-5));
  const y = zeros(x.shape, x.data.length, x);
  for (let c = 0; c < C; c++) {
    const own = inTraining ? meanOf(c, (value) => value) : (m.data[c] as number);
    const spread = inTraining ? meanOf(c, (value) => (value - own) ** 2) : (v.data[c] as number);
    const factor = (gain.data[c] as number) / Math.sqrt(spread + eps);
    for (let n = 0; n < N; n++)
      for (let i = (n * C + c) * plane; i < (n * C + c + 1) * plane; i++)
        y[i] = ((x.data[i] as number) - own) * factor + (shift.data[c] as number);
  }
  return { ...x, data: y };
};

/** Each number and all before it along an axis. */
const cumulated: Fold = (call, [given, along]) => {
  const x = given as Constant;
  const axis = axisOf((along as Constant).data[0] as number, x.shape.length);
  const [extent, inner] = [x.shape[axis] as number, sizeOf(x.shape.slice(axis + 1))];
  const [isExclusive, isReverse] = [call.int('exclusive', 0) !== 0, call.int('reverse', 0) !== 0];
  const y = zeros(x.shape, x.data.length, x);
  for (let row = 0; row < x.data.length / Math.max(extent, 1); row++) {
    const first = Math.floor(row / inner) * extent * inner + (row % inner);
    let sum = 0;
    for (let k = 0; k < extent; k++) {
      const place = first + (isReverse ? extent - 1 - k : k) * inner;
      const value = x.data[place] as number;
      y[place] = isExclusive ? sum : sum + value;
      sum += value;
    }
  }
  return { ...x, data: y };
};

const castLike: Fold = (_, [given, other]) => {
  const [x, like] = [given as Constant, other as Constant];
  if (like.kind === 'float') return { kind: 'float', shape: x.shape, data: x.data };
  return like.kind === x.kind ? x : cannot('a cast to other than floats is not known');
};

/** What few files make of constants alone. */
export const furtherFolds = {
  ...storedConstants,
  Sigmoid: each((a) => 1 / (1 + Math.exp(-a))),
  Relu: each((a) => Math.max(a, 0)),
  Tanh: each(Math.tanh),
  Log: each(Math.log),
  Sign: each(Math.sign),
  Sin: each(Math.sin),
  Cos: each(Math.cos),
  Softplus: each((a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)))),
  HardSigmoid: said((call) => {
    const [alpha, beta] = [call.number('alpha', Math.fround(0.2)), call.number('beta', 0.5)];
    return (a) => Math.min(Math.max(alpha * a + beta, 0), 1);
  }),
  LeakyRelu: said((call) => {
    const alpha = call.number('alpha', Math.fround(0.01));
    return (a) => (a < 0 ? alpha * a : a);
  }),
  Elu: said((call) => {
    const alpha = call.number('alpha', 1);
    return (a) => (a < 0 ? alpha * Math.expm1(a) : a);
  }),
  Clip: clip,
  Split: split,
  Tile: tile,
  Softmax: softmax,
  MatMul: matMul,
  BatchNormalization: batchNormalization,
  Mod: (call, inputs) =>
    elementwise((a, b, isWhole) => (isWhole && call.int('fmod', 0) === 0 ? a - b * Math.floor(a / b) : (a % b) + 0))(call, inputs),
  Exp: each(Math.exp),
  Reciprocal: each((a) => 1 / a),
  Round: each(halfToEven),
  GreaterOrEqual: question((a, b) => a >= b),
  LessOrEqual: question((a, b) => a <= b),
  And: question((a, b) => a !== 0 && b !== 0),
  Or: question((a, b) => a !== 0 || b !== 0),
  Not: question((a) => a === 0),
  ReduceMean: reduced(
    (a, b) => a + b,
    0,
    (sum, count) => sum / count,
  ),
  ReduceMax: reduced(Math.max, -Infinity),
  ReduceMin: reduced(Math.min, Infinity),
  If: choiceOfConstants,
  CastLike: castLike,
  CumSum: cumulated,
  Abs: each(Math.abs),
  ReduceL2: reduced((a, b) => a + b * b, 0, Math.sqrt),
  ReduceL1: reduced((a, b) => a + Math.abs(b)),
  ReduceSumSquare: reduced((a, b) => a + b * b),
} satisfies Folds;
