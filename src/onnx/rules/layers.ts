import { showShape } from '../../errors.js';
import type { Box, Pair, Value } from '../../ops/op.js';
import { type Shape, sameShape, sizeOf } from '../../tensor.js';
import type { NodeCall } from '../arguments.js';
import { broadcast } from '../axes.js';
import { transposed } from '../fold.js';
import type { Maker } from '../maker.js';
import type { OnnxNode } from '../node.js';
import type { Constant } from '../tensor.js';
import { cannot, type Fixed, isFixed, type Known, type Live, live, plain, planes, rearranged, rows, shaped } from '../values.js';
import { combined, shapeOf } from './elementwise.js';
import { fixedInput, liveInput, type Rule, type Rules } from './rule.js';
import { asPlanes, checkKernel, likewise, paddingOf, pairOf, planeOf } from './windows.js';

/** The bias of O outputs, if there is one. */
function biasOf(call: NodeCall, make: Maker, input: number, O: number): readonly Value[] {
  return call.inputs[input] === undefined ? [] : [make.param(fixedInput(call, input, 'the bias'), [O])];
}

/** Of three extents, those of a plane of one row. */
export function filterShape(shape: Shape): readonly [number, number, number, number] {
  const [a = 1, b = 1, c = 1] = shape;
  if (shape.length === 3) return [a, b, 1, c];
  if (shape.length !== 4) cannot('only convolutions of lines and planes are known');
  return shape as readonly number[] as readonly [number, number, number, number];
}

/** What a convolution reads in either direction; `shape` is the filter's, [first, second, P, Q], of one row where it goes over lines. */
export function filterOf(call: NodeCall) {
  const x = liveInput(call);
  const weight = fixedInput(call, 1, 'the filter');
  const shape = filterShape(weight.constant.shape);
  if (x.shape.length !== weight.constant.shape.length) cannot('only convolutions of lines and planes are known');
  checkKernel(call, weight.constant);
  const [stride, dilation] = [pairOf(call, 'strides', [1, 1]), pairOf(call, 'dilations', [1, 1])];
  return { x, weight, shape, stride, dilation, groups: call.int('group', 1) };
}

const conv: Rule = (call, make) => {
  const { x, weight, shape, stride, dilation, groups } = filterOf(call);
  const [O, , P, Q] = shape;
  const plane = planeOf(x);
  const own = paddingOf(call, plane, [(P - 1) * dilation[0] + 1, (Q - 1) * dilation[1] + 1], stride);
  const filter = make.param(weight, shape);
  const bias = biasOf(call, make, 2, O);
  const isLayer = groups === 1 && P * Q === 1 && own.every((side) => side === 0) && Math.max(...stride) === 1;
  // a 1×1 convolution of [N, C, 1, 1], which is our [N, C]: a fully connected layer
  if (x.value.shape.length === 2 && isLayer && sizeOf(plane) === 1 && x.value.shape[0] === x.shape[0])
    return live(make.floats('linear', [x.value, filter, ...bias]), [x.shape[0] as number, O, ...x.shape.slice(2)]);
  if (x.shape.length === 3)
    return likewise(make.emit('conv2d', [asPlanes(x), filter, ...bias], { stride, padding: own, dilation, groups }), x);
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
function matrix(call: NodeCall, make: Maker, isTransposed: boolean, alpha: number): Value {
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

/** A matrix, or its transpose. */
function turned(x: Live, isTransposed: boolean): Live {
  const [rows = 1, columns = 1] = x.shape;
  return isTransposed ? rearranged(x, { order: [1, 0] }, [columns, rows]) : x;
}

const scaledBy = (make: Maker, x: Live, factor: number): Live =>
  factor === 1 ? x : live(make.emit('scaleBy', [x.value], { factor }), x.shape);

/** α · A · B + β · C */
const gemm: Rule = (call, make) => {
  const [a, b, c] = call.inputs;
  if (a === undefined || b === undefined || shapeOf(a).length !== 2 || shapeOf(b).length !== 2) return cannot('it takes two matrices');
  const [transA, transB] = [call.int('transA', 0) !== 0, call.int('transB', 0) !== 0];
  const [alpha, beta] = [call.number('alpha', 1), call.number('beta', 1)];
  const added = beta === 0 ? undefined : c;
  const [M, N] = [shapeOf(a)[transA ? 1 : 0] as number, shapeOf(b)[transB ? 0 : 1] as number];
  if (added !== undefined && !sameShape(broadcast(shapeOf(added), [M, N]), [M, N]))
    cannot(`C of ${showShape(shapeOf(added))} is larger than the product, ${showShape([M, N])}`);
  if (isFixed(a) || !isFixed(b)) {
    const turn = (known: Known, isTransposed: boolean): Known =>
      isFixed(known) ? turnedConstant(known, isTransposed) : turned(known, isTransposed);
    const y = scaledBy(make, multiplied(make, turn(a, transA), turn(b, transB)), alpha);
    return added === undefined ? y : combined(make, 'add', y, factored(make, added, beta));
  }
  const x = rows(turned(a, transA));
  const w = matrix(call, make, transB, alpha);
  const O = w.shape[0] as number;
  const isVector = (shape: Shape): boolean => shape.slice(0, -1).every((extent) => extent === 1) && [1, O].includes(shape.at(-1) ?? 1);
  if (added !== undefined && isFixed(added) && isVector(added.constant.shape))
    return live(make.floats('linear', [x, w, vectorParam(make, added, O, beta)]));
  const y = live(make.floats('linear', [x, w]));
  return added === undefined ? y : combined(make, 'add', y, factored(make, added, beta));
};

function turnedConstant(known: Fixed, isTransposed: boolean): Fixed {
  return isTransposed ? { name: `${known.name}.T`, constant: transposed(known.constant, [1, 0]) } : known;
}

function factored(make: Maker, known: Known, factor: number): Known {
  if (factor === 1) return known;
  if (!isFixed(known)) return scaledBy(make, known, factor);
  const { kind, shape, data } = known.constant;
  return { name: `${known.name}·${factor}`, constant: { kind, shape, data: Float64Array.from(data, (value) => factor * value) } };
}

/** A · B as ONNX and NumPy have it, either of them a value: axes before the last two are broadcast. */
function multiplied(make: Maker, a: Known, b: Known): Live {
  const [p, q] = [shapeOf(a), shapeOf(b)];
  if (p.length === 0 || q.length === 0) cannot('a number is no matrix');
  const [left, right] = [p.length === 1 ? [1, ...p] : p, q.length === 1 ? [...q, 1] : q];
  const [batchA, batchB] = [left.slice(0, -2), right.slice(0, -2)];
  const batch = broadcast(batchA, batchB);
  const [M, K, L] = [left.at(-2), left.at(-1), right.at(-1)] as [number, number, number];
  if (right.at(-2) !== K) cannot(`${showShape(p)} by ${showShape(q)} do not fit together`);
  const merged = (own: Shape): readonly [number, number] => {
    const aligned = [...Array.from({ length: batch.length - own.length }, () => 1), ...own];
    if (aligned.length <= 2) return [aligned.length === 2 ? (aligned[0] as number) : 1, aligned.at(-1) ?? 1];
    const [outer, inner] = [aligned.slice(0, -1), aligned.at(-1) as number];
    const isWhole = sameShape(outer, batch.slice(0, -1)) || sizeOf(outer) === 1;
    return isWhole ? [sizeOf(outer), inner] : cannot(`${showShape(p)} by ${showShape(q)} need more than four axes`);
  };
  const written = (known: Known, shape: Shape): Value => (isFixed(known) ? make.param(known, shape) : shaped(known, shape));
  const operands = [written(a, [...merged(batchA), M, K]), written(b, [...merged(batchB), K, L])];
  return live(make.emit('matMul', operands, {}), [...batch, ...(p.length === 1 ? [] : [M]), ...(q.length === 1 ? [] : [L])]);
}

/** A bias of O values, of which a file may write one for all. */
function vectorParam(make: Maker, given: Fixed, O: number, factor: number): Value {
  const { data } = given.constant;
  if (data.length === O && factor === 1) return make.param(given, [O]);
  if (data.length !== O && data.length !== 1) cannot(`a bias of ${data.length} values for ${O} outputs is not known`);
  return make.param(given, [O], factor === 1 ? '.all' : `·${factor}`, (constant) =>
    Float64Array.from({ length: O }, (_, i) => factor * ((constant.data.length === 1 ? constant.data[0] : constant.data[i]) as number)),
  );
}

const matMul: Rule = (call, make) => {
  const [a, b] = call.inputs;
  if (a === undefined || b === undefined) return cannot('it takes two operands');
  const isLayer = !isFixed(a) && isFixed(b) && b.constant.shape.length === 2 && a.shape.length > 1;
  if (!isLayer) return multiplied(make, a, b);
  return live(make.floats('linear', [rows(a), matrix(call, make, false, 1)]), [...a.shape.slice(0, -1), b.constant.shape[1] as number]);
};

/** Whether a BatchNormalization is by the statistics of the batch. Before operator set 14 those that also put out statistics are. */
export const isInTraining = ({ op, attributes, outputs }: OnnxNode, opset: number): boolean =>
  op === 'BatchNormalization' && (opset < 14 ? outputs.slice(1).some((name) => name !== '') : (attributes.get('training_mode') ?? 0) !== 0);

const batchNormalization: Rule = (call, make) => {
  if (call.int('spatial', 1) !== 1) cannot('statistics per cell of the plane are not known');
  const given = liveInput(call);
  const x =
    given.value.shape[1] === given.shape[1] && given.value.shape[0] === given.shape[0] && given.border === undefined
      ? given.value
      : plain(given);
  const C = [x.shape[1] as number];
  const vectors = ['scale', 'bias', 'mean', 'variance'].map((what, i) => make.param(fixedInput(call, i + 1, `the ${what}`), C));
  return live(make.emit('batchNorm', [x, ...vectors], { eps: call.number('epsilon', 1e-5) }), given.shape);
};

export const layers = {
  Conv: conv,
  Gemm: gemm,
  MatMul: matMul,
  BatchNormalization: batchNormalization,
} satisfies Rules;
