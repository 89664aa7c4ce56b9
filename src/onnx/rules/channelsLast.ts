import type { Value } from '../../ops/op.js';
import { type Shape, sameShape, sizeOf } from '../../tensor.js';
import { NodeCall } from '../arguments.js';
import { axisOf } from '../axes.js';
import { as, transposed } from '../fold.js';
import { type Fixed, isFixed, type Known, type Live, rearranged, settled } from '../values.js';
import { arithmetic } from './arithmetic.js';
import { pointwiseRules } from './pointwise.js';
import { reducedOver } from './reducedOver.js';
import { axesToReduce, reductions } from './reductions.js';
import type { Rule, Rules } from './rule.js';
import { views } from './views.js';

/*
 * Planes whose channels come last, [N, H, W, C], as Keras has them: files transpose them before each convolution, and back. What lies between two of these is computed
 * of [N, C, H, W] here, and the transposed value made of that beside it. Where nothing reads it, it is left out of the graph. So gates are found, and kernels fused.
 */

/** Of a value with channels last, the one that it was made of. */
const origins = new WeakMap<Value, Live>();

const originOf = (known: Known | undefined): Live | undefined =>
  known !== undefined && !isFixed(known) && known.shape.length === 4 ? origins.get(known.value) : undefined;

const last: Shape = [0, 2, 3, 1];
const moved = (shape: Shape, order: Shape): Shape => order.map((axis) => shape[axis] as number);

/** A value of [N, C, H, W] with its channels last. */
function channelsLast(y: Live): Live {
  const x = settled(y);
  const shape = moved(y.shape, last);
  if (sizeOf(shape.slice(1, 3)) === 1) return { value: x.value, shape }; // in the same order
  const turned = rearranged(x, { order: last }, shape);
  origins.set(turned.value, y);
  return turned;
}

const transpose: Rule = (call, make) => {
  const [x] = call.inputs;
  const perm = call.ints('perm') ?? [];
  const origin = originOf(x);
  if (origin !== undefined && sameShape(perm, [0, 3, 1, 2])) return origin;
  const isLast = x !== undefined && !isFixed(x) && x.shape.length === 4 && sameShape(perm, last) && sameShape(x.value.shape, x.shape);
  return isLast ? channelsLast(x) : (views.Transpose as Rule)(call, make);
};

/** Functions of one value: other operands are constants. */
const unary =
  (rule: Rule): Rule =>
  (call, make) => {
    const origin = originOf(call.inputs[0]);
    return origin === undefined ? rule(call, make) : channelsLast(rule(call.of([origin, ...call.inputs.slice(1)]), make) as Live);
  };

/** Another operand beside planes: as they are, or undefined where that is not known. */
function beside(known: Known, planes: Shape): Known | undefined {
  const origin = originOf(known);
  if (origin !== undefined) return origin;
  if (isFixed(known)) return constantBeside(known);
  const { value, shape } = known;
  const [N = 1, H, W, C = 1] = shape;
  const isVector = shape.length === 4 && H === 1 && W === 1 && N === planes[0] && C === planes[1];
  return isVector ? { value, shape: [N, C, 1, 1] } : undefined;
}

function constantBeside({ name, constant }: Fixed): Known | undefined {
  const { shape } = constant;
  if (shape.length > 4) return undefined;
  const [N, H, W, C] = [...Array<number>(4 - shape.length).fill(1), ...shape] as unknown as readonly [number, number, number, number];
  if (H * W === 1 || C === 1) return { name, constant: as(constant, [N, C, H, W]) };
  return { name: `${name}.first`, constant: transposed(as(constant, [N, H, W, C]), [0, 3, 1, 2]) };
}

const binary =
  (rule: Rule): Rule =>
  (call, make) => {
    const [a, b] = call.inputs;
    const planes = originOf(a) ?? originOf(b);
    if (planes === undefined || a === undefined || b === undefined || call.inputs.length > 2) return rule(call, make);
    const operands = [a, b].map((known) => beside(known, planes.shape));
    return operands.includes(undefined) ? rule(call, make) : channelsLast(rule(call.of(operands), make) as Live);
  };

/** Over the plane: a number per channel has the same order, wherever the ones are. */
const reduction =
  (rule: Rule): Rule =>
  (call, make) => {
    const origin = originOf(call.inputs[0]);
    const axes = origin && [...axesToReduce(call, 4)].sort((one, other) => one - other);
    if (origin === undefined || axes === undefined || !sameShape(axes, [1, 2])) return rule(call, make);
    const y = reducedOver(rule, call, make, origin, [2, 3]);
    const [N = 1, C = 1] = origin.shape;
    return call.int('keepdims', 1) === 1 ? { ...y, shape: [N, 1, 1, C] } : y;
  };

const concat: Rule = (call, make) => {
  const origins = call.inputs.map(originOf);
  const axis = axisOf(call.int('axis', 1), 4);
  if (origins.includes(undefined) || axis === 0) return (views.Concat as Rule)(call, make);
  const node = { ...call.node, attributes: new Map([['axis', last[axis] as number]]) };
  return channelsLast((views.Concat as Rule)(new NodeCall(node, call.opset, origins), make) as Live);
};

/** From operator set 11 on, where pads are an input. */
const pad: Rule = (call, make) => {
  const origin = originOf(call.inputs[0]);
  const [, pads, value, axes] = call.inputs;
  if (
    origin === undefined ||
    call.opset < 11 ||
    axes !== undefined ||
    pads === undefined ||
    !isFixed(pads) ||
    pads.constant.data.length !== 8
  )
    return (views.Pad as Rule)(call, make);
  const { data } = pads.constant;
  const order = [0, 3, 1, 2, 4, 7, 5, 6];
  const first: Fixed = {
    name: `${pads.name}.first`,
    constant: { ...pads.constant, data: Float64Array.from(order, (place) => data[place] as number) },
  };
  return channelsLast((views.Pad as Rule)(call.of([origin, first, value]), make) as Live);
};

const all = (names: string, rules: Rules, within: (rule: Rule) => Rule): Rules =>
  Object.fromEntries(names.split(' ').map((name) => [name, within(rules[name] as Rule)]));

/** The same operators, of planes with channels last too. */
export const ofChannelsLast = (rules: Rules): Rules => ({
  ...all('Relu Sigmoid Tanh HardSwish HardSigmoid Clip LeakyRelu Exp Sqrt Neg', pointwiseRules, unary),
  ...all('Elu Erf Gelu Mish Selu Softplus Softsign Reciprocal', rules, unary),
  ...all('Add Sub Mul Div Pow Min Max', arithmetic, binary),
  ...all('ReduceMean ReduceMax ReduceSum', reductions, reduction),
  Transpose: transpose,
  Concat: concat,
  Pad: pad,
});
