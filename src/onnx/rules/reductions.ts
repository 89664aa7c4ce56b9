import { showShape } from '../../errors.js';
import type { ReductionName } from '../../ops/functionNames.js';
import type { OpAttrs, Value } from '../../ops/op.js';
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

type GlobalPool = 'globalAvgPool' | 'globalMaxPool';

/** Over all axes but the first two, [N, C]. A mean along one axis and then along the other is one of both. */
function overRest(make: Maker, op: GlobalPool, x: Live): Value {
  const [N = 1, C = 1, ...rest] = x.shape;
  const ours = x.value.shape;
  const isOurs = ours[0] === N && ours[1] === C;
  if (isOurs && ours.length === 2) return x.value;
  const value = isOurs ? x.value : shaped(x, rest.length === 2 ? x.shape : [N, C, sizeOf(rest), 1]);
  if (op === 'globalMaxPool') return make.emit(op, [value], {});
  const made = make.made(value);
  const { reduction: before, axes = [] } = (made?.op === 'reduce' ? made.attrs : {}) as Partial<OpAttrs['reduce']>;
  const isMeanOfPart = before === 'mean' && axes.every((axis) => axis > 1);
  return make.floats(op, [isMeanOfPart ? (made?.inputs[0] as Value) : value]);
}

export const globalPool =
  (op: GlobalPool): Rule =>
  (call, make) => {
    const x = settled(liveInput(call));
    return live(
      overRest(make, op, x),
      x.shape.map((extent, axis) => (axis < 2 ? extent : 1)),
    );
  };

/** One over all axes but the first two is the global pool, however they are written; a sum is its mean times their cells. */
const reduce =
  (name: 'mean' | 'max' | 'sum'): Rule =>
  (call, make) => {
    const x = settled(liveInput(call));
    const axes = axesToReduce(call, x.shape.length);
    const isRest =
      axes.length > 0 &&
      x.shape.length > 2 &&
      x.shape.every((extent, axis) => axes.includes(axis) === axis > 1 || (axis > 1 && extent === 1));
    if (!isRest) return reduction(name)(call, make);
    const pooled = overRest(make, name === 'max' ? 'globalMaxPool' : 'globalAvgPool', x);
    const cells = sizeOf(x.shape.slice(2));
    const value = name === 'sum' ? make.affine(pooled, call.node.outputs[0] as string, { gain: [cells] }) : pooled;
    return live(value, afterReduction(call, x.shape, axes));
  };

export const reductions = {
  ReduceSum: reduce('sum'),
  ReduceMean: reduce('mean'),
  ReduceMax: reduce('max'),
  ReduceMin: reduction('min'),
} satisfies Rules;
