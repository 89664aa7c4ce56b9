import type { FunctionName } from '../../ops/functionNames.js';
import type { PointwiseOp, Value } from '../../ops/op.js';
import { type Shape, sizeOf } from '../../tensor.js';
import { axisOf, flattened } from '../axes.js';
import type { Maker } from '../maker.js';
import { type Live, live, rearranged, settled, shaped } from '../values.js';
import { softmaxAxis } from '../versions.js';
import { applied } from './elementwise.js';
import { liveInput, type Rule, type Rules } from './rule.js';

const pointwise =
  (op: PointwiseOp): Rule =>
  (call, make) => {
    const x = liveInput(call);
    return live(make.emit(op, [plainOrRows(x)], {}), x.shape);
  };

/** Of each value it does not matter how the shape is written. */
const plainOrRows = (x: Live): Value => settled(x).value;

/** Whether a float32 or a float64 is a number's nearest. */
export const isNearest = (found: number, number: number): boolean => found === number || found === Math.fround(number);

/** max(0, min(1, α · x + β)): ours has α = 1/6 and β = 1/2. Of others it is ours of 6α · x + 6β − 3. */
const hardSigmoid: Rule = (call, make) => {
  const x = liveInput(call);
  const [alpha, beta] = [call.number('alpha', Math.fround(0.2)), call.number('beta', 0.5)];
  const value = plainOrRows(x);
  const inner = isNearest(alpha, 1 / 6)
    ? beta === 0.5
      ? value
      : make.affine(value, call.node.outputs[0] as string, { shift: [6 * beta - 3] })
    : make.affine(value, call.node.outputs[0] as string, { gain: [6 * alpha], shift: [6 * beta - 3] });
  return live(make.emit('hardSigmoid', [inner], {}), x.shape);
};

const clip: Rule = (call, make) => {
  const x = liveInput(call);
  const largest = 3.4028234663852886e38; // operator sets before 11 have these for no bound
  const none = call.opset < 11 ? largest : Infinity;
  const [min, max] = [call.number('min', -none), call.number('max', none)];
  if (x.value.integers) return live(make.narrowed(settled(x).value, min, max), x.shape);
  return clipped(make, x, min <= -none ? -Infinity : min, max >= none ? Infinity : max, call.node.outputs[0] as string);
};

/** From min to max, by the name that has it: ReLU, ReLU6, the hard sigmoid of what was scaled and shifted. */
export function clipped(make: Maker, x: Live, min: number, max: number, name: string): Live {
  if (min === -Infinity && max === Infinity) return x;
  const given = plainOrRows(x);
  if (min === 0 && max === Infinity) return live(make.emit('relu', [given], {}), x.shape);
  const made = make.made(given);
  // what is 0 at least already
  const isCut = max > 0 && min <= 0 && made?.op === 'relu';
  const [value, low] = isCut ? [made.inputs[0] as Value, 0] : [given, min];
  if (low === 0 && max === 6) return live(make.emit('relu6', [value], {}), x.shape);
  const { x: base, gain, shift } = make.base(value);
  const isGate = low === 0 && max === 1 && gain.length === 1 && shift.length === 1 && shift[0] === 0.5;
  if (!isGate) return applied(make, live(value, x.shape), 'clip', low, max);
  // max(0, min(1, αx + ½)) is ours of 6αx
  const slope = gain[0] as number;
  const inner = isNearest(slope, 1 / 6) ? base : make.affine(base, name, { gain: [6 * slope] });
  return live(make.emit('hardSigmoid', [inner], {}), x.shape);
}

/** [M, C] of a value and the function's axis: of what follows it as well before operator set 13. `back` writes a result as the value was. */
export function rowsAlong(x: Live, axis: number, opset: number): { readonly rows: Value; readonly back: (y: Value) => Live } {
  const rank = x.shape.length;
  const at = axisOf(axis, rank);
  const isLast = opset < 13 || sizeOf(x.shape.slice(at + 1)) === 1;
  if (isLast) {
    const shape = opset < 13 ? flattened(x.shape, at) : ([sizeOf(x.shape.slice(0, at)), x.shape[at]] as Shape);
    return { rows: shaped(x, shape), back: (y) => live(y, x.shape) };
  }
  const order = [...x.shape.keys()].filter((other) => other !== at);
  const moved = [...order, at];
  const extents = moved.map((other) => x.shape[other] as number);
  const rows = [sizeOf(extents.slice(0, -1)), x.shape[at] as number];
  const { value } = rearranged(x, { order: moved }, extents, rows);
  const back = x.shape.map((_, other) => moved.indexOf(other));
  return { rows: value, back: (y) => rearranged(live(y), { view: extents, order: back }, x.shape) };
}

const softmax: Rule = (call, make) => {
  const { rows, back } = rowsAlong(liveInput(call), call.int('axis', softmaxAxis(call.opset)), call.opset);
  return back(make.emit('softmax', [rows], {}));
};

/** One of ours, whose first number is an attribute. */
export const named =
  (name: FunctionName, attribute?: string, otherwise = 0): Rule =>
  (call, make) =>
    applied(make, liveInput(call), name, attribute === undefined ? otherwise : call.number(attribute, otherwise));

export const times = (make: Maker, { value, shape }: Live, factor: number): Live => live(make.emit('scaleBy', [value], { factor }), shape);

export const pointwiseRules: Rules = {
  Relu: pointwise('relu'),
  Sigmoid: pointwise('sigmoid'),
  Tanh: pointwise('tanh'),
  HardSwish: pointwise('hardSwish'),
  HardSigmoid: hardSigmoid,
  Clip: clip,
  Softmax: softmax,
  LeakyRelu: named('leakyRelu', 'alpha', Math.fround(0.01)),
  Exp: named('exp'),
  Sqrt: named('sqrt'),
  Neg: (call, make) => times(make, settled(liveInput(call)), -1),
};
