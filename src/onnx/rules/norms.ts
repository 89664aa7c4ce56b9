import type { NodeCall } from '../arguments.js';
import { axisOf } from '../axes.js';
import type { Maker } from '../maker.js';
import { cannot, cellAt, type Known, type Live, rearranged, settled, spendCells } from '../values.js';
import { applied, combined, scalar } from './elementwise.js';
import { isInTraining, layers } from './layers.js';
import { reduced } from './reductions.js';
import { liveInput, type Rule, type Rules } from './rule.js';
import { liveOf } from './views.js';

interface Normalised {
  readonly y: Live;
  readonly mean: Live;
  readonly variance: Live;
  /** 1 / √(σ² + ε) */
  readonly inverse: Live;
}

/** (x − μ) / √(σ² + ε), μ and σ² over some axes. */
function normalised(make: Maker, x: Live, axes: readonly number[], eps: number): Normalised {
  const mean = reduced(make, x, 'mean', axes);
  const centred = combined(make, 'subtract', x, mean);
  const variance = reduced(make, applied(make, centred, 'power', 2), 'mean', axes);
  const inverse = applied(make, combined(make, 'add', variance, scalar(eps)), 'power', -0.5);
  return { y: combined(make, 'multiply', centred, inverse), mean, variance, inverse };
}

/** By a scale and a shift, if they are there. */
function scaled(make: Maker, y: Live, scale: Known | undefined, shift: Known | undefined): Live {
  const product = scale === undefined ? y : combined(make, 'multiply', y, scale);
  return shift === undefined ? product : combined(make, 'add', product, shift);
}

/** Ba 2016 (arXiv:1607.06450). */
const layerNormalization: Rule = (call, make) => {
  const x = liveInput(call);
  const rank = x.shape.length;
  const first = axisOf(call.int('axis', -1), rank);
  const axes = Array.from({ length: rank - first }, (_, i) => first + i);
  const { y, mean, inverse } = normalised(make, x, axes, call.number('epsilon', Math.fround(1e-5)));
  return [scaled(make, y, call.inputs[1], call.inputs[2]), mean, inverse];
};

/** A vector of C numbers along axis 1 of x. */
function alongChannels(call: NodeCall, input: number, rank: number): Known {
  const known = call.inputs[input] ?? cannot(`input ${input} is missing`);
  const shape = ['constant' in known ? known.constant.shape : known.shape].flatMap(([C = 1]) => [
    C,
    ...Array.from({ length: rank - 2 }, () => 1),
  ]);
  return 'constant' in known ? { ...known, constant: { ...known.constant, shape } } : { ...known, shape };
}

/** By the statistics of the batch, which running averages take up: ONNX's momentum is the part of those that stays. */
const batchNormalization: Rule = (call, make) => {
  if (!isInTraining(call.node, call.opset)) return layers.BatchNormalization(call, make);
  const x = liveInput(call);
  const rank = x.shape.length;
  const channels = [x.shape[1] as number];
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const { y, mean, variance } = normalised(make, x, axes, call.number('epsilon', Math.fround(1e-5)));
  const momentum = call.number('momentum', Math.fround(0.9));
  const running = (input: number, ofBatch: Live): Live => {
    const stays = combined(make, 'multiply', liveOf(make, alongChannels(call, input, rank)), scalar(momentum));
    const comes = combined(make, 'multiply', ofBatch, scalar(1 - momentum));
    return { ...combined(make, 'add', comes, stays), shape: channels };
  };
  const result = scaled(make, y, alongChannels(call, 1, rank), alongChannels(call, 2, rank));
  return [result, running(3, mean), running(4, variance), { ...mean, shape: channels }, { ...variance, shape: channels }];
};

/** Ulyanov 2016 (arXiv:1607.08022). */
const instanceNormalization: Rule = (call, make) => {
  const x = liveInput(call);
  const rank = x.shape.length;
  if (rank < 3) cannot('there is no plane to normalise over');
  const axes = Array.from({ length: rank - 2 }, (_, i) => i + 2);
  const { y } = normalised(make, x, axes, call.number('epsilon', Math.fround(1e-5)));
  return scaled(make, y, alongChannels(call, 1, rank), alongChannels(call, 2, rank));
};

/** Wu 2018 (arXiv:1803.08494); a scale and a shift per channel, before operator set 21 per group. */
const groupNormalization: Rule = (call, make) => {
  const x = settled(liveInput(call));
  const [N = 1, C = 1, ...plane] = x.shape;
  const groups = call.int('num_groups', 1);
  if (groups < 1 || C % groups !== 0) cannot(`${groups} groups of ${C} channels`);
  const grouped = { ...x, shape: [N, groups, C / groups, ...plane] };
  const axes = grouped.shape.slice(2).map((_, i) => i + 2);
  const { y } = normalised(make, grouped, axes, call.number('epsilon', Math.fround(1e-5)));
  if (call.opset >= 21)
    return scaled(make, { ...y, shape: x.shape }, alongChannels(call, 1, x.shape.length), alongChannels(call, 2, x.shape.length));
  const rank = grouped.shape.length;
  return { ...scaled(make, y, alongChannels(call, 1, rank), alongChannels(call, 2, rank)), shape: x.shape };
};

/** Krizhevsky 2012, §3.3: x / (κ + α/n · Σ x²)^β, summed over n neighbouring channels. */
const localResponse: Rule = (call, make) => {
  const x = liveInput(call);
  const [, C = 1] = x.shape;
  const size = call.int('size', 1);
  if (size < 1) cannot(`size ${size}`);
  const squares = applied(make, x, 'power', 2);
  spendCells(x, size * C);
  const neighbours = Array.from({ length: size }, (_, k) => {
    const inside = Array.from({ length: C }, (__, c) => cellAt(c + k - Math.floor((size - 1) / 2), C));
    return rearranged(squares, { cells: x.shape.map((_, axis) => (axis === 1 ? inside : null)) }, x.shape);
  });
  const sum = neighbours.reduce((total, one) => combined(make, 'add', total, one));
  const share = combined(make, 'multiply', sum, scalar(call.number('alpha', Math.fround(1e-4)) / size));
  const shifted = combined(make, 'add', share, scalar(call.number('bias', 1)));
  return combined(make, 'multiply', x, applied(make, shifted, 'power', -call.number('beta', 0.75)));
};

export const norms = {
  LRN: localResponse,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
} satisfies Rules;
