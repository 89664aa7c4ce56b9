import { showShape } from '../errors.js';
import { eachOffset, repeatedStrides } from '../ops/broadcast.js';
import { type Shape, sameShape, sizeOf } from '../tensor.js';
import type { NodeCall } from './arguments.js';
import { axesOf, axisOf, broadcast, flattened, reshaped, sliced, squeezed, stridesOf, unsqueezed } from './axes.js';
import type { OnnxNode } from './node.js';
import { afterReduction, axesToReduce } from './rules/reductions.js';
import type { Fold, Folds } from './rules/rule.js';
import { type Constant, dtypeName, kindOfType, type OnnxTensor, typeOf } from './tensor.js';
import { cannot } from './values.js';

/** Folded values that need no operand's behind them, 8 MiB at most: shapes are short, and a file may ask for any. */
const mostValues = 2 ** 20;

/**
 * @param behind how many values the largest operand has
 * @param like what they are of: floats are rounded to float32 unless that is float64
 */
export function zeros(
  shape: Shape,
  behind = 0,
  { kind, isDouble }: Pick<Constant, 'kind' | 'isDouble'> = { kind: 'int' },
): Constant['data'] {
  const size = sizeOf(shape);
  const most = Math.max(mostValues, 4 * behind);
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) || !(size <= most))
    cannot(`a constant of ${showShape(shape)} is no shape, or more than ${most} values`);
  return kind === 'float' && !isDouble ? new Float32Array(size) : new Float64Array(size);
}

/** The same type. */
const like = ({ kind, dtype, isDouble }: Constant): Pick<Constant, 'kind' | 'dtype' | 'isDouble'> => ({
  kind,
  ...(dtype && { dtype }),
  ...(isDouble && { isDouble }),
});

/** Visits each place of a shape with that of each operand, whose axes are repeated as broadcasting has it. */
function eachPlace(shape: Shape, operands: readonly Shape[], visit: (at: number, places: readonly number[]) => void): void {
  const strides = operands.map((own) => repeatedStrides([...shape.slice(own.length).map(() => 1), ...own], shape));
  eachOffset(shape, strides, visit);
}

/** Another shape of the same values. What is said of each place of the first axis holds as long as it has as many. */
export function as(x: Constant, shape: Shape): Constant {
  const { data, shape: before, stored } = x;
  const holds = stored && (stored.scales.length + stored.zeroPoints.length === 2 || (stored.axis === 0 && shape[0] === before[0]));
  return { ...like(x), shape, data, ...(holds && { stored }) };
}

/** Elements of x at `offset` + Σ index · stride. */
export function strided(x: Constant, shape: Shape, strides: readonly number[], offset = 0): Constant {
  const data =
    sizeOf(shape) === x.data.length ? new (x.data.constructor as Float64ArrayConstructor)(x.data.length) : zeros(shape, x.data.length, x);
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < data.length; i++) {
    data[i] = x.data[at] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      at -= (strides[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return { ...like(x), shape, data };
}

export function transposed(x: Constant, perm: readonly number[]): Constant {
  const strides = stridesOf(x.shape);
  const axes = axesOf(perm, x.shape.length);
  if (new Set(axes).size !== x.shape.length) cannot(`perm ${showShape(perm)} is no order of ${x.shape.length} axes`);
  return strided(
    x,
    axes.map((axis) => x.shape[axis] as number),
    axes.map((axis) => strides[axis] as number),
  );
}

export function expanded(x: Constant, shape: Shape): Constant {
  if (sameShape(x.shape, shape)) return x;
  const own = stridesOf(x.shape);
  const missing = shape.length - x.shape.length;
  return strided(
    x,
    shape,
    shape.map((_, axis) => (axis < missing || x.shape[axis - missing] === 1 ? 0 : (own[axis - missing] as number))),
  );
}

/** An element-wise function of constants that broadcast. Whole numbers stay exact. */
export function elementwise(f: (a: number, b: number, whole: boolean) => number, kind?: Constant['kind']): Fold {
  return (_, [first, ...others]) => {
    let result = first as Constant;
    if (others.length === 0) result = pairwise(result, result);
    for (const other of others) result = pairwise(result, other);
    return result;
  };
  function pairwise(a: Constant, b: Constant): Constant {
    const shape = broadcast(a.shape, b.shape);
    const whole = a.kind !== 'float' && b.kind !== 'float';
    const type = { kind: kind ?? a.kind, ...(kind === undefined && a.isDouble && { isDouble: true as const }) };
    const data = zeros(shape, Math.max(a.data.length, b.data.length), type);
    eachPlace(shape, [a.shape, b.shape], (at, [i = 0, j = 0]) => {
      data[at] = f(a.data[i] as number, b.data[j] as number, whole);
    });
    if (whole && !data.every(Number.isSafeInteger)) cannot('whole numbers beyond 2^53 are not exact here');
    return { ...type, shape, data };
  }
}

/** Of one operand. */
export const each = (f: (value: number) => number): Fold => elementwise((a) => f(a));
export const question = (f: (a: number, b: number) => boolean): Fold => elementwise((a, b) => Number(f(a, b)), 'bool');

/** Along any axes: what f makes of all, one after another, and `last` of that and how many there are. */
export function reduced(
  f: (total: number, value: number) => number,
  start = 0,
  last = (total: number, _count: number): number => total,
): Fold {
  return (call, [x]) => {
    const { shape, data, kind, isDouble } = x as Constant;
    const axes = axesToReduce(call, shape.length);
    const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    const totals = zeros(kept, data.length).fill(start); // in float64, and rounded once
    eachPlace(shape, [kept], (at, [place = 0]) => {
      totals[place] = f(totals[place] as number, data[at] as number);
    });
    const count = data.length / totals.length;
    const type = { kind, ...(isDouble && { isDouble }) };
    const results = zeros(kept, data.length, type);
    for (const [i, total] of totals.entries()) results[i] = last(total, count);
    return { ...type, shape: afterReduction(call, shape, axes), data: results };
  };
}

export const whole = (shape: Shape, values: readonly number[]): Constant => ({ kind: 'int', shape, data: Float64Array.from(values) });

/** The tensor that a Constant node holds, if it is one. */
export function heldTensor(attributes: OnnxNode['attributes']): OnnxTensor | undefined {
  const value = attributes.get('value') ?? attributes.get('sparse_value');
  return typeof value === 'object' && 'read' in value ? value : undefined;
}

/** What a Constant node holds: one of its attributes. */
function held({ node: { attributes } }: NodeCall): Constant {
  const tensor = heldTensor(attributes);
  if (tensor !== undefined) return tensor.read();
  const numbers = (name: string): readonly number[] | undefined => {
    const found = attributes.get(name);
    if (typeof found === 'number') return [found];
    return Array.isArray(found) && found.every((entry) => typeof entry === 'number') ? (found as number[]) : undefined;
  };
  for (const kind of ['int', 'float'] as const) {
    const [one, list] = [numbers(`value_${kind}`), numbers(`value_${kind}s`)];
    const found = one ?? list;
    if (found) return { kind, shape: one ? [] : [found.length], data: Float64Array.from(found) };
  }
  return cannot(`a Constant of ${[...attributes.keys()].slice(0, 4).join(', ') || 'nothing'} is not read`);
}

function gathered(call: NodeCall, [x, indices]: readonly Constant[]): Constant {
  const [from, by] = [x as Constant, indices as Constant];
  const axis = axisOf(call.int('axis', 0), from.shape.length);
  const extent = from.shape[axis] as number;
  const inner = sizeOf(from.shape.slice(axis + 1));
  const outer = sizeOf(from.shape.slice(0, axis));
  const shape = [...from.shape.slice(0, axis), ...by.shape, ...from.shape.slice(axis + 1)];
  const data = zeros(shape, from.data.length, from);
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (const index of by.data) {
      const i = axisOf(index, extent);
      for (let k = 0; k < inner; k++) data[at++] = from.data[(o * extent + i) * inner + k] as number;
    }
  return { ...like(from), shape, data };
}

function joined(call: NodeCall, parts: readonly Constant[]): Constant {
  const first = parts[0] as Constant;
  const axis = axisOf(call.int('axis', 0), first.shape.length);
  const rest = ({ shape }: Constant): Shape => shape.filter((_, i) => i !== axis);
  if (!parts.every((part) => part.shape.length === first.shape.length && sameShape(rest(part), rest(first))))
    cannot('the parts do not fit together');
  const shape = first.shape.map((extent, i) => (i === axis ? parts.reduce((sum, part) => sum + (part.shape[axis] as number), 0) : extent));
  const data = zeros(
    shape,
    [...new Set(parts)].reduce((sum, part) => sum + part.data.length, 0),
    first,
  );
  const outer = sizeOf(shape.slice(0, axis));
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (const part of parts) {
      const size = part.data.length / outer;
      data.set(part.data.subarray(o * size, (o + 1) * size), at);
      at += size;
    }
  return { ...like(first), shape, data };
}

/** Whole numbers are cut to the bits of their type. */
function cast(call: NodeCall, [x]: readonly Constant[]): Constant {
  const { shape, data: from } = x as Constant;
  const to = call.int('to', 0);
  const kind = kindOfType(to) ?? cannot(`Cast to type ${to} is not known`);
  const type = { kind, ...typeOf(to) };
  const [, unsigned, bits = 64] = /^(u?)int(\d+)$/.exec(dtypeName(to)) ?? [];
  const count = 2 ** Number(bits);
  const lowest = unsigned ? 0 : -count / 2;
  const cut = (value: number): number =>
    value >= lowest && value < lowest + count ? value : value - count * Math.floor((value - lowest) / count);
  const change =
    kind === 'bool' ? (value: number) => Number(value !== 0) : Number(bits) < 64 ? (value: number) => cut(Math.trunc(value)) : Math.trunc;
  if (kind === 'float' && (type.isDouble || from instanceof Float32Array)) return { ...type, shape, data: from };
  const data = zeros(shape, from.length, type);
  for (const [i, value] of from.entries()) data[i] = kind === 'float' ? value : change(value);
  return { ...type, shape, data };
}

function range(_: NodeCall, [start, limit, delta]: readonly Constant[]): Constant {
  const [from, to, step] = [start, limit, delta].map((given) => given?.data[0] ?? Number.NaN) as [number, number, number];
  const data = zeros([Math.max(Math.ceil((to - from) / step), 0)], 0, start);
  return { ...like(start as Constant), shape: [data.length], data: data.map((__, i) => from + i * step) };
}

export const usualFolds: Folds = {
  Constant: held,
  Identity: (_, [x]) => x as Constant,
  Dropout: (_, [x]) => x as Constant,
  Shape(call, [x]) {
    return shapeOf(call, (x as Constant).shape);
  },
  Size: (_, [x]) => whole([], [(x as Constant).data.length]),
  ConstantOfShape(call, [shape]) {
    const value = call.node.attributes.get('value') as OnnxTensor | undefined;
    const filling: Constant =
      typeof value === 'object' && 'read' in value ? value.read() : { kind: 'float', shape: [1], data: Float64Array.of(0) };
    const extents = [...(shape as Constant).data];
    return { ...like(filling), shape: extents, data: zeros(extents, 0, filling).fill(filling.data[0] ?? 0) };
  },
  Range: range,
  Cast: cast,
  Gather: gathered,
  Concat: joined,
  Reshape: (call, [x]) => as(x as Constant, reshaped((x as Constant).shape, call.ints('shape') ?? [], call.int('allowzero', 0) === 1)),
  Flatten: (call, [x]) => as(x as Constant, flattened((x as Constant).shape, call.int('axis', 1))),
  Squeeze: (call, [x]) => as(x as Constant, squeezed((x as Constant).shape, call.ints('axes'))),
  Unsqueeze: (call, [x]) => as(x as Constant, unsqueezed((x as Constant).shape, call.ints('axes') ?? [])),
  Transpose: (call, [x]) => transposed(x as Constant, call.ints('perm') ?? (x as Constant).shape.map((_, axis) => axis).reverse()),
  Expand: (_, [x, shape]) => expanded(x as Constant, broadcast((x as Constant).shape, [...(shape as Constant).data])),
  Slice(call, [given]) {
    const x = given as Constant;
    const taken = sliced(x.shape, call.ints('starts') ?? [], call.ints('ends') ?? [], call.ints('axes'), call.ints('steps'));
    const strides = stridesOf(x.shape);
    const offset = taken.reduce((sum, { start }, axis) => sum + start * (strides[axis] as number), 0);
    return strided(
      x,
      taken.map(({ count }) => count),
      taken.map(({ step }, axis) => step * (strides[axis] as number)),
      offset,
    );
  },
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise((a, b, isWhole) => (isWhole ? Math.trunc(a / b) : a / b)),
  Pow: elementwise((a, b) => a ** b),
  Min: elementwise((a, b) => Math.min(a, b)),
  Max: elementwise((a, b) => Math.max(a, b)),
  Neg: each((a) => -a),
  Sqrt: each(Math.sqrt),
  Floor: each(Math.floor),
  Ceil: each(Math.ceil),
  Equal: question((a, b) => a === b),
  Greater: question((a, b) => a > b),
  Less: question((a, b) => a < b),
  Where(_, [condition, a, b]) {
    const [c, x, y] = [condition, a, b] as [Constant, Constant, Constant];
    const shape = broadcast(broadcast(c.shape, x.shape), y.shape);
    const data = zeros(shape, Math.max(c.data.length, x.data.length, y.data.length), x);
    eachPlace(shape, [c.shape, x.shape, y.shape], (at, [i = 0, j = 0, k = 0]) => {
      data[at] = (c.data[i] ? x.data[j] : y.data[k]) as number;
    });
    return { ...like(x), shape, data };
  },
  ReduceProd: reduced((a, b) => a * b, 1),
  ReduceSum: reduced((a, b) => a + b),
};

/** How many operands an operator needs, where that is not one. */
const operandsOf: Readonly<Record<string, number>> = {
  Constant: 0,
  Range: 3,
  Where: 3,
  BatchNormalization: 5,
  ...Object.fromEntries(
    'Gather Expand DequantizeLinear QuantizeLinear CastLike CumSum Add Sub Mul Div Mod Pow Equal Greater Less GreaterOrEqual LessOrEqual And Or'
      .split(' ')
      .map((op) => [op, 2]),
  ),
};

/** What an operator makes of its operands, all of them constants. */
export function folded(fold: Fold, call: NodeCall, operands: readonly (Constant | undefined)[]): readonly Constant[] {
  const { op } = call.node;
  const isMissing = (operand: Constant | undefined, i: number): boolean => operand === undefined && (i < least || variadic.has(op));
  const least = operandsOf[op] ?? 1;
  if (operands.length < least || operands.some(isMissing)) cannot('an operand is missing');
  return [fold(call, operands as readonly Constant[])].flat();
}
const variadic = new Set(['Concat', 'Min', 'Max']);

/** Shape, from operator set 15 on of a part of the axes. */
export function shapeOf(call: NodeCall, shape: Shape): Constant {
  const bound = (at: number): number => Math.min(Math.max(at < 0 ? at + shape.length : at, 0), shape.length);
  const part = shape.slice(bound(call.int('start', 0)), bound(call.int('end', shape.length)));
  return whole([part.length], part);
}
