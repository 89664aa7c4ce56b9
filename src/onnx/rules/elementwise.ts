import { showShape } from '../../errors.js';
import type { CombinationName, FunctionName, Value } from '../../ops/op.js';
import { type Shape, sameShape, sizeOf } from '../../tensor.js';
import { broadcast } from '../axes.js';
import type { Maker } from '../maker.js';
import { cannot, type Fixed, isFixed, type Known, type Live, live, settled, shaped } from '../values.js';

/** f on each value, however its shape is written. */
export function applied(make: Maker, x: Live, name: FunctionName, a = 0, b = 0): Live {
  const { value, shape } = settled(x);
  return live(make.emit('apply', [value], { function: name, a, b }), shape);
}

/** A constant that is one number. */
export const numberOf = (known: Known | undefined): number | undefined =>
  known !== undefined && isFixed(known) && known.constant.data.length === 1 ? known.constant.data[0] : undefined;

/** One number, under a name that no file gives. */
export const scalar = (value: number): Fixed => ({
  name: `= ${value}`,
  constant: { kind: 'float', shape: [], data: Float64Array.of(value) },
});

/** Whole numbers and truths as values have them. */
export function asFloats(known: Fixed): Fixed;
export function asFloats(known: Known): Known;
export function asFloats(known: Known): Known {
  return isFixed(known) ? { ...known, constant: { ...known.constant, kind: 'float' } } : known;
}

export const shapeOf = (known: Known): Shape => (isFixed(known) ? known.constant.shape : known.shape);

/** a ∘ b of anything that NumPy broadcasts and that needs four axes at most; constants become parameters. */
export function combined(make: Maker, combination: CombinationName, a: Known, b: Known): Live {
  const shape = broadcast(shapeOf(a), shapeOf(b));
  if (sizeOf(shape) === 0) cannot(`a value of shape ${showShape(shape)} is empty`);
  const [x, y] = isFixed(a) || isFixed(b) ? [a, b] : [settled(a), settled(b)];
  const groups = groupsOf(shapeOf(x), shapeOf(y), [x, y].some(isPlanes));
  const written = (known: Known): Value => {
    const own = groups.map(({ axes }) => sizeOf(extentsOf(shapeOf(known), shape.length, axes)));
    return isFixed(known) ? make.param(known, own) : shaped(known, own);
  };
  return live(make.emit('combine', [written(x), written(y)], { combination }), shape);
}

const isPlanes = (known: Known): boolean => !isFixed(known) && known.shape.length === 4 && sameShape(known.value.shape, known.shape);

const extentsOf = (shape: Shape, rank: number, axes: readonly number[]): Shape =>
  axes.map((axis) => shape[axis - rank + shape.length] ?? 1);

interface AxesGroup {
  readonly axes: readonly number[];
}

/** Neighbouring axes along which both operands are of one extent, or the same one is repeated, are one; planes stay planes. */
function groupsOf(a: Shape, b: Shape, keep: boolean): readonly AxesGroup[] {
  const rank = Math.max(a.length, b.length);
  const aligned = (shape: Shape, axis: number): number => shape[axis - rank + shape.length] ?? 1;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  if (keep && rank === 4) return axes.map((axis) => ({ axes: [axis] }));
  const kindOf = (axis: number): 'both' | 'a' | 'b' | 'one' => {
    const [x, y] = [aligned(a, axis), aligned(b, axis)];
    return x === y ? (x === 1 ? 'one' : 'both') : x === 1 ? 'a' : 'b';
  };
  const groups: { kind: string; axes: number[] }[] = [];
  for (const axis of axes) {
    const kind = kindOf(axis);
    const last = groups.at(-1);
    if (last !== undefined && (kind === 'one' || last.kind === 'one' || kind === last.kind)) {
      last.axes.push(axis);
      if (last.kind === 'one') last.kind = kind;
    } else groups.push({ kind, axes: [axis] });
  }
  if (groups.length > 4) cannot(`${showShape(a)} and ${showShape(b)} need more than four axes`);
  return asOurs(groups);
}

/** As many groups as a shape of ours has extents: 2 or 4. */
function asOurs(groups: readonly AxesGroup[]): readonly AxesGroup[] {
  const none = { axes: [] };
  if (groups.length < 2) return [none, groups[0] ?? none];
  return groups.length === 3 ? [...groups, none] : groups;
}
