import { showShape } from '../../errors.js';
import type { ReductionName } from '../../ops/functionNames.js';
import { type Shape, sameShape, sizeOf } from '../../tensor.js';
import type { NodeCall } from '../arguments.js';
import { axesOf } from '../axes.js';
import type { Maker } from '../maker.js';
import { cannot, type Live, live, settled, shaped } from '../values.js';
import { liveInput, type Rule, type Rules } from './rule.js';

/** Over some axes, which stay as extents of 1. */
export function reduced(make: Maker, given: Live, reduction: ReductionName, axes: readonly number[]): Live {
  const x = settled(given);
  const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  if (sizeOf(x.shape) === 0) cannot(`a value of shape ${showShape(x.shape)} is empty`);
  if (x.shape.length === 4 && sameShape(x.value.shape, x.shape)) return live(make.emit('reduce', [x.value], { reduction, axes }), kept);
  // neighbouring axes that are all reduced, or all kept, are one
  const groups: { over: boolean; extent: number }[] = [];
  for (const [axis, extent] of x.shape.entries()) {
    const over = axes.includes(axis);
    const last = groups.at(-1);
    if (last !== undefined && (last.over === over || extent === 1)) last.extent *= extent;
    else groups.push({ over, extent });
  }
  if (groups.length > 4) cannot(`axes ${axes.join(', ')} of ${showShape(x.shape)} are too many apart`);
  while (groups.length < 2) groups.unshift({ over: false, extent: 1 });
  if (groups.length === 3) groups.push({ over: false, extent: 1 });
  const value = shaped(
    x,
    groups.map(({ extent }) => extent),
  );
  const own = groups.flatMap(({ over }, axis) => (over ? [axis] : []));
  return live(make.emit('reduce', [value], { reduction, axes: own }), kept);
}

/** The axes that a reduction names: all, unless it says that none means none. */
export function axesToReduce(call: NodeCall, rank: number): readonly number[] {
  const named = call.ints('axes');
  if (named !== undefined && named.length > 0) return axesOf(named, rank);
  return call.int('noop_with_empty_axes', 0) === 1 ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

/** Without the axes that are gone, unless `keepdims`. */
export const afterReduction = (call: NodeCall, shape: Shape, axes: readonly number[]): Shape =>
  call.int('keepdims', 1) === 1
    ? shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
    : shape.filter((_, axis) => !axes.includes(axis));

export type LiveFunction = (make: Maker, x: Live) => Live;
export const same: LiveFunction = (_, x) => x;

/** before, a reduction, after. */
export const reduction =
  (name: ReductionName, before: LiveFunction = same, after: LiveFunction = same): Rule =>
  (call, make) => {
    const x = liveInput(call);
    const axes = axesToReduce(call, x.shape.length);
    const from = before(make, x);
    const y = axes.length === 0 ? from : reduced(make, from, name, axes);
    return { ...after(make, y), shape: afterReduction(call, x.shape, axes) };
  };

export const reductions: Rules = {
  ReduceSum: reduction('sum'),
  ReduceMin: reduction('min'),
};
