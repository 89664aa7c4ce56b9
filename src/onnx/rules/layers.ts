import type { Box, Pair, Value } from '../../ops/op.js';
import { transposed } from '../fold.js';
import type { Constant } from '../tensor.js';
import { cannot, type Fixed, type Live, live, plain, planes, rows } from '../values.js';
import { fixedInput, liveInput, type Rule, type Rules } from './rule.js';
import { paddingOf, pairOf } from './windows.js';

/** The bias of O outputs, if there is one. */
function biasOf(call: Parameters<Rule>[0], make: Parameters<Rule>[1], input: number, O: number): readonly Value[] {
  return call.inputs[input] === undefined ? [] : [make.param(fixedInput(call, input, 'the bias'), [O])];
}

const conv: Rule = (call, make) => {
  const x = liveInput(call);
  const weight = fixedInput(call, 1, 'the filter');
  const { shape } = weight.constant;
  if (shape.length !== 4 || x.shape.length !== 4) cannot('only convolutions of planes are known');
  const [O, , P, Q] = shape as readonly [number, number, number, number];
  const [stride, dilation] = [pairOf(call, 'strides', [1, 1]), pairOf(call, 'dilations', [1, 1])];
  const groups = call.int('group', 1);
  const plane = x.shape.slice(2) as unknown as Pair;
  const own = paddingOf(call, plane, [(P - 1) * dilation[0] + 1, (Q - 1) * dilation[1] + 1], stride);
  const filter = make.param(weight, shape);
  const bias = biasOf(call, make, 2, O);
  if (x.value.shape.length === 2) {
    // a 1×1 convolution of [N, C, 1, 1], which is our [N, C]: a fully connected layer
    if (groups !== 1 || P * Q !== 1 || own.some((side) => side > 0))
      cannot('of [N, C, 1, 1] after a pool only ungrouped 1x1 convolutions without padding are known');
    return live(make.emit('linear', [x.value, filter, ...bias], {}), [x.shape[0] as number, O, 1, 1]);
  }
  const padding = own.map((side, i) => side + (x.border?.[i] ?? 0)) as unknown as Box;
  return live(make.emit('conv2d', [bare(x), filter, ...bias], { stride, padding, dilation, groups }));
};

/** The planes without the border that the convolution pads. */
const bare = ({ value, shape, border }: Live): Value =>
  border === undefined ? planes({ value, shape }) : planes({ value, shape: value.shape });

const scaled =
  (factor: number, change = (constant: Constant): Constant => constant) =>
  (constant: Constant): Constant['data'] => {
    const { data } = change(constant);
    return factor === 1 ? data : Float64Array.from(data, (value) => factor * value);
  };

/** y = α · x · B + β · C, as a fully connected layer whose weights are [O, K]. */
function matrix(call: Parameters<Rule>[0], make: Parameters<Rule>[1], isTransposed: boolean, alpha: number): Value {
  const weight = fixedInput(call, 1, 'the matrix');
  const { shape } = weight.constant;
  if (shape.length !== 2) cannot('only matrices of two extents are known');
  const [first, second] = shape as Pair;
  const factor = alpha === 1 ? '' : `·${alpha}`;
  if (isTransposed) return make.param(weight, [first, second], factor, alpha === 1 ? undefined : scaled(alpha));
  return make.param(
    weight,
    [second, first],
    `.T${factor}`,
    scaled(alpha, (constant) => transposed(constant, [1, 0])),
  );
}

const gemm: Rule = (call, make) => {
  if (call.int('transA', 0) !== 0) cannot('a transposed value is not known');
  const x = rows(liveInput(call));
  const w = matrix(call, make, call.int('transB', 0) !== 0, call.number('alpha', 1));
  const O = w.shape[0] as number;
  const beta = call.number('beta', 1);
  const given = call.inputs[2] === undefined || beta === 0 ? undefined : fixedInput(call, 2, 'the bias');
  return live(make.emit('linear', given ? [x, w, vectorParam(make, given, O, beta)] : [x, w], {}));
};

/** A bias of O values, of which a file may write one for all. */
function vectorParam(make: Parameters<Rule>[1], given: Fixed, O: number, factor: number): Value {
  const { data } = given.constant;
  if (data.length === O && factor === 1) return make.param(given, [O]);
  if (data.length !== O && data.length !== 1) cannot(`a bias of ${data.length} values for ${O} outputs is not known`);
  return make.param(given, [O], factor === 1 ? '.all' : `·${factor}`, (constant) =>
    Float64Array.from({ length: O }, (_, i) => factor * ((constant.data.length === 1 ? constant.data[0] : constant.data[i]) as number)),
  );
}

const matMul: Rule = (call, make) => {
  const x = rows(liveInput(call));
  return live(make.emit('linear', [x, matrix(call, make, false, 1)], {}));
};

const batchNormalization: Rule = (call, make) => {
  if (call.int('training_mode', 0) !== 0) cannot('statistics of the batch, as in training, are not known');
  if (call.int('spatial', 1) !== 1) cannot('statistics per cell of the plane are not known');
  const given = liveInput(call);
  const x = plain(given);
  const C = [x.shape[1] as number];
  const vectors = ['scale', 'bias', 'mean', 'variance'].map((what, i) => make.param(fixedInput(call, i + 1, `the ${what}`), C));
  return live(make.emit('batchNorm', [x, ...vectors], { eps: call.number('epsilon', 1e-5) }), given.shape);
};

export const layers: Rules = { Conv: conv, Gemm: gemm, MatMul: matMul, BatchNormalization: batchNormalization };
