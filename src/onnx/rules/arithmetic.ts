import type { Value } from '../../ops/op.js';
import { type Shape, sameShape, sizeOf } from '../../tensor.js';
import type { NodeCall } from '../arguments.js';
import { broadcast } from '../axes.js';
import { gateOf } from '../excitation.js';
import type { Maker } from '../maker.js';
import { cannot, type Fixed, isFixed, isVector, type Known, type Live, live, plain, planes, settled, vector } from '../values.js';
import { applied, asFloats, combined, numberOf, shapeOf } from './elementwise.js';
import { clipped, isNearest } from './pointwise.js';
import type { Rule, Rules } from './rule.js';

type Two = { readonly x: Live; readonly c: Fixed; readonly swapped: boolean } | { readonly a: Live; readonly b: Live };

/** Both operands: two values, or a value and a constant. */
function operandsOf({ inputs: [a, b] }: NodeCall): Two {
  if (a === undefined || b === undefined) return cannot('it takes two operands');
  if (isFixed(a)) return isFixed(b) ? cannot('both operands are constants') : { x: b, c: a, swapped: true };
  return isFixed(b) ? { x: a, c: b, swapped: false } : { a, b };
}

/** The numbers of a constant: one for all, or one per channel; undefined of any other. */
function perChannel(x: Live, { constant: { shape, data, kind } }: Fixed): readonly number[] | undefined {
  const rank = x.shape.length;
  const aligned: Shape = [...Array.from({ length: Math.max(rank - shape.length, 0) }, () => 1), ...shape];
  const fits = aligned.length === rank && aligned.every((extent, axis) => extent === 1 || (axis === 1 && extent === x.shape[1]));
  if (!fits || kind !== 'float') return undefined;
  const isOurs = data.length === 1 || (x.value.shape[1] === x.shape[1] && x.value.shape[0] === x.shape[0]);
  return isOurs ? [...data] : undefined;
}

/** Shape of x with a number per channel or for all: any writing of [N, C, ...] will do. */
const channelled = (x: Live): Value => settled(x).value;

const nameOf = ({ node }: NodeCall): string => node.outputs[0] as string;

/** x · gain + shift of constants. */
function affine(
  call: NodeCall,
  make: Maker,
  x: Live,
  numbers: { readonly gain?: readonly number[]; readonly shift?: readonly number[] },
): Live {
  return live(make.affine(channelled(x), nameOf(call), numbers), x.shape);
}

/** A layer without a bias gets the constant that is added to its outputs, if that has a number for each of them along their axis alone. */
function biased(make: Maker, x: Live, c: Fixed): Live | undefined {
  const made = make.made(x.value);
  const [rows, O] = x.value.shape as readonly [number, number];
  if ((made?.op !== 'linear' && made?.op !== 'conv2d') || made.inputs.length !== 2 || x.border !== undefined) return undefined;
  const { shape, data } = c.constant;
  const areRows = made.op === 'linear' && x.shape.at(-1) === O && sizeOf(x.shape) === rows * O;
  const isRow = areRows && shape.length <= x.shape.length && shape.at(-1) === O && data.length === O;
  if (!isRow && perChannel(x, c)?.length !== O) return undefined;
  const inputs = [...made.inputs, make.param(c, [O])];
  return live(make.emit(made.op, inputs, made.attrs as never), x.shape);
}

const both = ({ inputs: [a, b] }: NodeCall): readonly [Known, Known] => [a as Known, b as Known];

const add: Rule = (call, make) => {
  const two = operandsOf(call);
  if ('a' in two) return sum(make, two.a, two.b);
  const shift = perChannel(two.x, two.c);
  return biased(make, two.x, two.c) ?? (shift ? affine(call, make, two.x, { shift }) : combined(make, 'add', two.x, two.c));
};

function sum(make: Maker, a: Live, b: Live): Live {
  if (!sameShape(a.shape, b.shape)) return combined(make, 'add', a, b);
  const [x, y] = alike(a, b);
  return live(make.emit('add', [x, y], {}), a.shape);
}

/** Two values of one shape in one layout. */
function alike(given: Live, other: Live): readonly [Value, Value] {
  const [a, b] = [settled(given), settled(other)];
  if (sameShape(a.value.shape, b.value.shape)) return [a.value, b.value];
  return isVector(a) || isVector(b) ? [vector(a), vector(b)] : [plain(a), plain(b)];
}

const sub: Rule = (call, make) => {
  const two = operandsOf(call);
  const numbers = 'a' in two ? undefined : perChannel(two.x, two.c);
  if ('a' in two || numbers === undefined) return combined(make, 'subtract', ...both(call));
  return affine(call, make, two.x, two.swapped ? { gain: [-1], shift: numbers } : { shift: numbers.map((value) => -value) });
};

const mul: Rule = (call, make) => {
  const two = operandsOf(call);
  if ('a' in two) return product(call, make, two.a, two.b);
  const gain = perChannel(two.x, two.c);
  return gain ? times(call, make, two.x, gain) : combined(make, 'multiply', two.x, two.c);
};

const div: Rule = (call, make) => {
  const two = operandsOf(call);
  const numbers = 'a' in two || two.swapped ? undefined : perChannel(two.x, two.c);
  if ('a' in two || numbers === undefined || numbers.includes(0)) return combined(make, 'divide', ...both(call));
  return times(
    call,
    make,
    two.x,
    numbers.map((value) => 1 / value),
  );
};

/** relu6(x + 3) / 6 is the hard sigmoid, and x · relu6(x + 3) / 6 hard swish, as they were written before they were operators. */
function times(call: NodeCall, make: Maker, given: Live, gain: readonly number[]): Live {
  const x = settled(given);
  if (gain.length === 1 && isNearest(gain[0] as number, 1 / 6)) {
    const inner = shiftedBy3(make, x.value);
    if (inner) return live(make.emit('hardSigmoid', [inner], {}), x.shape);
    const made = make.made(x.value);
    if (made?.op === 'multiply') {
      const [a, b] = made.inputs as readonly [Value, Value];
      for (const [u, s] of [
        [a, b],
        [b, a],
      ] as const)
        if (shiftedBy3(make, s)?.id === u.id) return live(make.emit('hardSwish', [u], {}), x.shape);
    }
  }
  return affine(call, make, x, { gain });
}

/** The x of relu6(x + 3). */
function shiftedBy3(make: Maker, value: Value): Value | undefined {
  const clipped = make.made(value);
  const shifted = clipped?.op === 'relu6' ? make.made(clipped.inputs[0] as Value) : undefined;
  return shifted?.op === 'shift' && shifted.attrs.by === 3 ? shifted.inputs[0] : undefined;
}

function product(call: NodeCall, make: Maker, given: Live, other: Live): Live {
  const [a, b] = [unrepeated(given, other), unrepeated(other, given)].map(settled) as [Live, Live];
  const [u, s] = a.value.shape.length >= b.value.shape.length && sizeOf(a.shape) >= sizeOf(b.shape) ? [a, b] : [b, a];
  // of a plane that is one cell ONNX has one shape for what we have two of
  const isGated = u.value.shape.length === 4 && s.value.shape.length === 2 && s.shape.length === 4;
  if (sameShape(a.shape, b.shape) && !isGated) {
    const swished = swish(make, a.value, b.value) ?? swish(make, b.value, a.value);
    return live(swished ?? make.emit('multiply', alike(a, b), {}), a.shape);
  }
  const [N, C] = u.shape;
  const { shape: ours } = u.value;
  const isPlanes = u.shape.length === 4 || (u.shape.length > 2 && ours.length === 4 && ours[0] === N && ours[1] === C);
  if (!isPlanes || u.shape.length !== s.shape.length || !isVector(s) || s.shape[1] !== C || s.shape[0] !== N)
    return combined(make, 'multiply', a, b);
  const [planesOf, gate] = [u.shape.length === 4 ? planes(u) : u.value, vector(s)];
  const found = gateOf(make, planesOf, gate);
  if (found !== undefined) make.gate(nameOfGate(call, u === a ? 1 : 0), gate, found);
  return live(make.emit('scale', [planesOf, found?.value ?? gate], {}), u.shape);
}

/** What an Expand repeated, if it is repeated here all the same. */
const unrepeated = (x: Live, { shape }: Live): Live =>
  x.repeats !== undefined && sameShape(broadcast(x.repeats.shape, shape), x.shape) ? x.repeats : x;

/** A gate is called as ONNX calls its value. */
const nameOfGate = ({ node }: NodeCall, input: number): string => node.inputs[input] as string;

/** x · σ(x). */
function swish(make: Maker, x: Value, gate: Value): Value | undefined {
  const made = make.made(gate);
  if (made?.inputs[0]?.id !== x.id) return undefined;
  if (made.op === 'hardSigmoid') return make.emit('hardSwish', [x], {});
  return made.op === 'sigmoid' ? make.emit('silu', [x], {}) : undefined;
}

/** Of one operand or of any number. */
const ofAll =
  (fold: (make: Maker, a: Known, b: Known) => Live, after: (make: Maker, y: Live, count: number) => Live = (_, y) => y): Rule =>
  (call, make) => {
    const [first, ...others] = call.inputs.map((input) => input ?? cannot('an operand is missing'));
    const result = others.reduce<Known>((total, value) => fold(make, total, value), first ?? cannot('it takes an operand'));
    return isFixed(result) ? cannot('all operands are constants') : after(make, result, call.inputs.length);
  };

const added = (make: Maker, a: Known, b: Known): Live => (isFixed(a) || isFixed(b) ? combined(make, 'add', a, b) : sum(make, a, b));

/** A limit that is one number clips. */
const limited =
  (combination: 'minimum' | 'maximum') =>
  (make: Maker, a: Known, b: Known): Live => {
    const limit = numberOf(a) ?? numberOf(b);
    const x = isFixed(a) ? b : a;
    if (limit === undefined || isFixed(x)) return combined(make, combination, a, b);
    const [least, most] = combination === 'minimum' ? [-Infinity, limit] : [limit, Infinity];
    return broadcastTo(a, b, clipped(make, x, least, most, `${combination} of ${limit}`));
  };

/** What a function of one value gave, in the shape of both: a constant of one value may have more axes. */
function broadcastTo(a: Known, b: Known, y: Live): Live {
  const shape = broadcast(shapeOf(a), shapeOf(b));
  return sameShape(shape, y.shape) ? y : live(settled(y).value, shape);
}

const pow: Rule = (call, make) => {
  const [a, b] = call.inputs;
  if (a === undefined || b === undefined) return cannot('it takes two operands');
  const exponent = numberOf(b);
  if (exponent === undefined || isFixed(a)) return combined(make, 'power', a, asFloats(b)); // which may be whole numbers where the base is not
  return broadcastTo(a, b, exponent === 1 ? a : applied(make, a, 'power', exponent));
};

export const arithmetic: Rules = {
  Add: add,
  Sub: sub,
  Mul: mul,
  Div: div,
  Pow: pow,
  Sum: ofAll(added),
  Mean: ofAll(added, (make, y, count) => live(make.emit('scaleBy', [settled(y).value], { factor: 1 / count }), y.shape)),
  Min: ofAll(limited('minimum')),
  Max: ofAll(limited('maximum')),
};
