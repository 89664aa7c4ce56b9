import type { Node, PoolAttrs, TrainingAttrs } from '../ops/op.js';
import type { Quantisation } from '../ops/quantised/quantisation.js';
import { type Shape, sizeOf } from '../tensor.js';
import { activations } from './activation.js';
import { conv2dGradWeight, linearGradWeight } from './filterGrad.js';
import { conv2dGradInput, linearGradInput } from './inputGrad.js';
import { denseLayout, flatLayout, type Layout } from './layout.js';
import { factorOf, normalise, sum } from './norm.js';
import { pixelsOf } from './pointwise.js';
import { at, type LoweringRule, lastOf, type PlanWriter } from './writer.js';

/** Of a graph with an op of training: those ops, and what is another there. */
export type TrainingRules = { readonly [K in keyof TrainingAttrs | 'batchNorm']: LoweringRule<K> };

/**
 * How ops of training become kernel calls. What has a parameter's shape, a gradient or a running statistic, lies flat, as the
 * checkpoint has it.
 */
export const trainingRules: TrainingRules = {
  batchNorm: normalise,

  conv2dGradInput,
  conv2dGradWeight,
  linearGradInput,
  linearGradWeight,

  channelSum(plan, { id, inputs, shape }) {
    sum(plan, id, flatLayout(sizeOf(shape)), { kind: 'values', a: plan.value(inputs[0]), divisor: 1 });
  },

  channelMean(plan, { id, inputs, shape }) {
    const a = plan.value(inputs[0]);
    sum(plan, id, flatLayout(sizeOf(shape)), { kind: 'values', a, divisor: pixelsOf(a.layout) });
  },

  channelVariance(plan, { id, inputs, shape }) {
    const a = plan.value(inputs[0]);
    sum(plan, id, flatLayout(sizeOf(shape)), { kind: 'squares', a, mean: plan.flat(inputs[1]), divisor: pixelsOf(a.layout) });
  },

  batchNormGradScale(plan, { id, inputs, attrs: { eps }, shape }) {
    const [x, mean, variance, dy] = inputs;
    const operands = { a: plan.value(x), b: plan.value(dy), mean: plan.flat(mean), variance: plan.flat(variance) };
    sum(plan, id, flatLayout(sizeOf(shape)), { kind: 'normalised', ...operands, divisor: 1, eps });
  },

  planeDot(plan, { id, inputs, shape }) {
    const [a, b] = inputs;
    sum(plan, id, denseLayout(shape), { kind: 'products', a: plan.value(a), b: plan.value(b), perImage: true, divisor: 1 });
  },

  batchNormGradMean(plan, node) {
    vectorGrad(plan, node, { k: -1, root: 1 });
  },

  batchNormGradVariance(plan, node) {
    vectorGrad(plan, node, { k: -0.5, root: 0 });
  },

  /** Alone, or with what the variance and the mean send to the same value, in one pass. */
  batchNormGradInput(plan, { inputs, attrs }, members) {
    const [gamma, variance, dyId] = inputs;
    const dy = plan.value(dyId);
    const { pixel, channels } = dy.layout;
    const factor = factorOf(plan, plan.flat(gamma), plan.flat(variance), channels, attrs.eps);
    const [, ofVariance, , ofMean] = members.map((id) => plan.node(id));
    const rows = pixelsOf(dy.layout);
    if (ofVariance === undefined || ofMean === undefined) {
      const y = plan.define(lastOf(members), dy.layout, [dy.buffer]);
      return plan.step('scaleAddRelu', members, rows, { u: at(dy), s: factor, residual: 0, y, pixel, rows, lowest: -Infinity });
    }
    const [xId, mean, dVariance] = ofVariance.inputs;
    const x = plan.value(xId);
    const y = plan.define(lastOf(members), dy.layout, [dy.buffer, x.buffer]);
    const vectors = { factor, mean: plan.flat(mean), dVariance: plan.flat(dVariance), dMean: plan.flat(ofMean.inputs[0]) };
    plan.step('normGrad', members, rows, { dy: at(dy), x: at(x), ...vectors, y, pixel, twoNth: 2 / rows, nth: 1 / rows });
  },

  channelVarianceGrad(plan, { id, inputs }) {
    const [xId, mean, d] = inputs;
    const x = plan.value(xId);
    const { pixel } = x.layout;
    const rows = pixelsOf(x.layout);
    const y = plan.define(id, x.layout, [x.buffer]);
    plan.step('varianceGrad', [id], rows, { x: at(x), mean: plan.flat(mean), dVariance: plan.flat(d), y, pixel, twoNth: 2 / rows });
  },

  meanGrad(plan, { inputs: [dy], attrs: { shape, axes } }, members) {
    const layout = axes.length === 0 && shape.length < 2 ? flatLayout(sizeOf(shape)) : denseLayout(shape);
    const { pixel, channels } = layout;
    const pixels = pixelsOf(layout);
    const residual = plan.residual(members);
    const y = plan.define(lastOf(members), layout, residual ? [residual.buffer] : []);
    if (axes.length === 0) return plan.step('fill', members, pixels, { x: plan.flat(dy), y, value: 1, n: sizeOf(shape), pixel, channels });
    const rows = axes.length === 1 ? pixels : pixels / layout.images;
    const nth = (axes.length === 1 ? channels : layout.images * channels) / sizeOf(shape);
    plan.step('spread', members, pixels, { z: plan.flat(dy), residual: residual ? at(residual) : 0, y, pixel, rows, nth });
  },

  movingAverage(plan, { id, inputs, shape, attrs: { momentum, correction } }) {
    const layout = flatLayout(sizeOf(shape));
    const [p, q] = inputs.map((input) => plan.flat(input)) as [ReturnType<typeof at>, ReturnType<typeof at>];
    plan.step('blend', [id], layout.pixel / 4, { p, q, y: plan.define(id, layout), a: 1 - momentum, b: momentum * correction });
  },

  pointwiseGrad(plan, { id, inputs, attrs: { of } }) {
    const [xId, dyId] = inputs;
    const [x, dy] = [plan.value(xId), plan.value(dyId)];
    const { pixel } = dy.layout;
    const dx = plan.define(id, dy.layout, [dy.buffer, x.buffer]);
    plan.step('activationGrad', [id], pixelsOf(dy.layout), { x: at(x), dy: at(dy), dx, pixel, kind: activations.indexOf(of) });
  },

  maxPool2dGrad: largestGrad,

  /** One window a plane. */
  globalMaxPoolGrad(plan, node) {
    const { height, width } = plan.value(node.inputs[0]).layout;
    largestGrad(plan, { ...node, attrs: { kernel: [height, width], stride: [1, 1], padding: [0, 0, 0, 0] } });
  },

  avgPool2dGrad(plan, { id, inputs, attrs, shape }) {
    const dy = plan.value(inputs[0]);
    const {
      kernel: [windowH, windowW],
      stride: [strideH, strideW],
      padding: [top, right, bottom, left],
      divisor,
    } = attrs;
    const layout = denseLayout(shape);
    const { images, height, width, pixel } = layout;
    const { height: outHeight, width: outWidth } = dy.layout;
    const dx = plan.define(id, layout);
    const windows = { windowH, windowW, strideH, strideW, top, left, bottom, right, inside: Number(divisor === 'inside') };
    plan.step('avgPoolGrad', [id], images, { dy: at(dy), dx, pixel, height, width, outHeight, outWidth, ...windows });
  },

  adaptiveAvgPool2dGrad(plan, { id, inputs, shape }) {
    const dy = plan.value(inputs[0]);
    const layout = denseLayout(shape);
    const { images, height, width, pixel } = layout;
    const { height: outHeight, width: outWidth } = dy.layout;
    plan.step('adaptiveAvgPoolGrad', [id], images, { dy: at(dy), dx: plan.define(id, layout), pixel, height, width, outHeight, outWidth });
  },

  dropout(plan, { id, inputs, attrs: { rate } }) {
    const [x, mask] = [plan.value(inputs[0]), plan.value(inputs[1])];
    const { pixel } = x.layout;
    const rows = pixelsOf(x.layout);
    const y = plan.define(id, x.layout, [x.buffer, mask.buffer]);
    plan.step('multiply', [], rows, { a: at(x), b: at(mask), y, pixel });
    const s = plan.pack(`factor ${1 / (1 - rate)}`, { kind: 'constant', value: 1 / (1 - rate), size: pixel / 4 });
    plan.step('scaleAddRelu', [id], rows, { u: y, s, residual: 0, y, pixel, rows, lowest: -Infinity });
  },

  fakeQuantise(plan, { id, inputs, attrs: { y: of } }) {
    const x = plan.value(inputs[0]);
    const { pixel } = x.layout;
    const y = plan.define(id, x.layout, [x.buffer]);
    plan.step('fakeQuantise', [id], pixelsOf(x.layout), { x: at(x), y, pixel, ...clipOf(of) });
  },

  fakeQuantiseGrad(plan, { id, inputs, attrs: { y: of } }) {
    const [x, dy] = [plan.value(inputs[0]), plan.value(inputs[1])];
    const { pixel } = dy.layout;
    const dx = plan.define(id, dy.layout, [dy.buffer, x.buffer]);
    plan.step('fakeQuantiseGrad', [id], pixelsOf(dy.layout), { x: at(x), dy: at(dy), dx, pixel, ...clipOf(of) });
  },

  softmaxGrad(plan, { id, inputs }) {
    const [y, dy] = [plan.value(inputs[0]), plan.value(inputs[1])];
    const { pixel } = dy.layout;
    plan.step('softmaxGrad', [id], pixelsOf(dy.layout), { y: at(y), dy: at(dy), dx: plan.define(id, dy.layout), pixel });
  },

  crossEntropy(plan, { id, inputs }) {
    const [x, t] = [plan.value(inputs[0]), plan.value(inputs[1])];
    const { images, channels: classes, pixel } = x.layout;
    plan.step('crossEntropy', [id], images, { x: at(x), t: at(t), y: plan.define(id, flatLayout(images)), pixel, classes });
  },

  crossEntropyGrad(plan, { id, inputs }) {
    const [x, t] = [plan.value(inputs[0]), plan.value(inputs[1])];
    const { images, channels: classes, pixel } = x.layout;
    const dx = plan.define(id, x.layout);
    plan.step('crossEntropyGrad', [id], images, { x: at(x), t: at(t), dy: plan.flat(inputs[2]), dx, pixel, classes });
  },

  mean(plan, { id, inputs }) {
    const x = plan.value(inputs[0]);
    plan.step('meanOfAll', [id], 1, { x: at(x), y: plan.define(id, flatLayout(1)), size: sizeOf(plan.node(inputs[0]).shape) });
  },

  fill(plan, { id, shape, attrs: { value } }) {
    const layout = shape.length === 2 || shape.length === 4 ? denseLayout(shape) : flatLayout(sizeOf(shape));
    const { pixel, channels } = layout;
    plan.step('fill', [id], pixelsOf(layout), { x: 0, y: plan.define(id, layout), value, n: 1, pixel, channels });
  },
};

/** A pool's node, and a window that may be the plane. */
interface Largest extends Pick<Node, 'id' | 'inputs'> {
  readonly attrs: Pick<PoolAttrs, 'kernel' | 'stride' | 'padding'>;
}

function largestGrad(plan: PlanWriter, { id, inputs, attrs }: Largest): void {
  const [x, dy] = [plan.value(inputs[0]), plan.value(inputs[1])];
  const {
    kernel: [windowH, windowW],
    stride: [strideH, strideW],
    padding: [top, , , left],
  } = attrs;
  const { images, height, width, pixel } = x.layout;
  const { height: outHeight, width: outWidth } = dy.layout;
  const windows = { windowH, windowW, strideH, strideW, top, left };
  const dx = plan.define(id, x.layout);
  plan.step('maxPoolGrad', [id], images, { x: at(x), dy: at(dy), dx, pixel, height, width, outHeight, outWidth, ...windows });
}

/** y = k · γ / √(σ² + ε) · d, or without the root: vectors. */
function vectorGrad(
  plan: PlanWriter,
  { id, inputs, attrs: { eps }, shape }: Node<'batchNormGradMean' | 'batchNormGradVariance'>,
  { k, root }: { readonly k: number; readonly root: 0 | 1 },
): void {
  const layout: Layout = flatLayout(sizeOf(shape as Shape));
  const [gamma, variance, d] = inputs;
  const operands = { gamma: plan.flat(gamma), variance: plan.flat(variance), d: plan.flat(d) };
  plan.step('normFactor', [id], layout.pixel / 4, { ...operands, y: plan.define(id, layout), k, eps, root });
}

/** Integers less their zero point, between which those of a value lie. */
const clipOf = ({ scale, zeroPoint, range: [lowest, highest] }: Quantisation) => ({
  scale,
  lowest: lowest - zeroPoint,
  highest: highest - zeroPoint,
});
