import { showShape } from '../../errors.js';
import type { OpAttrs, Pair, Value } from '../../ops/op.js';
import type { IntegerDtype } from '../../ops/quantised/quantisation.js';
import { type Shape, sameShape, sizeOf } from '../../tensor.js';
import type { NodeCall } from '../arguments.js';
import { axesOf, axisOf, broadcast, flattened, reshaped, sliced, squeezed, unsqueezed } from '../axes.js';
import type { Maker } from '../maker.js';
import { kindOfType } from '../tensor.js';
import {
  cannot,
  cellAt,
  isFixed,
  isVector,
  type Known,
  type Live,
  live,
  plain,
  planes,
  rearranged,
  settled,
  shaped,
  spendCells,
  vector,
} from '../values.js';
import { combined, scalar } from './elementwise.js';
import { liveInput, type Rule, type Rules } from './rule.js';

/** What changes how a shape is written and moves no number. */
const view =
  (shapeOf: (call: NodeCall, x: Live) => readonly number[]): Rule =>
  (call) => {
    const x = settled(liveInput(call));
    const shape = shapeOf(call, x);
    return sizeOf(shape) === sizeOf(x.shape) ? { value: x.value, shape } : cannot(`${showShape(x.shape)} is no ${showShape(shape)}`);
  };

const same: Rule = (call) => liveInput(call);

/** Of integers: to the floats that they are. */
function castIntegers(make: Maker, { value, shape }: Live): Live {
  const { dtype } = value.integers as { readonly dtype: IntegerDtype };
  return live(make.emit('dequantiseAxis', [value], { along: { dtype, scales: [1], zeroPoints: [0], axis: 1 } }), shape);
}

/** Every float is one of ours: float32, or float64 by the reference. Truths are 1 and 0 in every type. */
const cast: Rule = (call, make) => {
  const given = liveInput(call);
  const kind = kindOfType(call.int('to', 0));
  if (isTruth(make, given.value)) return given;
  if (kind !== 'float' && kind !== 'bool') cannot('a cast to other than floats is not known');
  const x = given.value.integers ? castIntegers(make, settled(given)) : given;
  return kind === 'float' ? x : combined(make, 'equal', combined(make, 'equal', x, scalar(0)), scalar(0));
};

/** Whether a value is known to be of 1 and 0. */
function isTruth(make: Maker, value: Value): boolean {
  const made = make.made(value);
  if (made?.op !== 'combine') return false;
  const { combination } = made.attrs as OpAttrs['combine'];
  if (combination === 'greater' || combination === 'equal') return true;
  return (combination === 'maximum' || combination === 'where') && made.inputs.every((input) => isTruth(make, input));
}

const dropout: Rule = (call) => {
  if (call.number('training_mode', 0) !== 0) cannot('dropout as in training is not known');
  return liveInput(call);
};

/** Axes of 1 may go anywhere; channels seen as [G, C / G] that change places are a channel shuffle. */
const transpose: Rule = (call, make) => {
  const x = liveInput(call);
  const rank = x.shape.length;
  const perm = axesOf(call.ints('perm') ?? x.shape.map((_, axis) => axis).reverse(), rank);
  if (perm.length !== rank || new Set(perm).size !== rank) cannot(`perm ${showShape(perm)} is no order of ${rank} axes`);
  const shape = perm.map((axis) => x.shape[axis] as number);
  const moved = perm.filter((axis) => x.shape[axis] !== 1);
  if (x.border === undefined && moved.every((axis, i) => i === 0 || axis > (moved[i - 1] as number))) return { value: x.value, shape };
  const [N, C] = x.value.shape as readonly [number, number];
  const swaps = rank >= 3 && perm.every((axis, i) => axis === (i === 1 ? 2 : i === 2 ? 1 : i));
  const [batch, G, rest] = x.shape as readonly [number, number, number];
  if (!swaps || x.border !== undefined || x.value.shape.length !== 4 || batch !== N || G * rest !== C)
    return rearranged(x, { order: perm }, shape);
  return live(make.emit('channelShuffle', [planes(live(x.value))], { groups: G }), shape);
};

/** A constant as a value: with zeros added to it. */
export function liveOf(make: Maker, known: Known): Live {
  if (!isFixed(known)) return known;
  const { shape } = known.constant;
  const ours = [1, sizeOf(shape)];
  return live(make.emit('combine', [make.param(known, ours), make.param(scalar(0), [1, 1])], { combination: 'add' }), shape);
}

const concat: Rule = (call, make) => {
  const parts = call.inputs.map((input) => liveOf(make, input ?? cannot('an operand is missing'))).filter(({ shape }) => sizeOf(shape) > 0);
  const first = parts[0] ?? cannot('it takes an operand');
  const rank = first.shape.length;
  const axis = axisOf(call.int('axis', 1), rank);
  if (parts.some(({ shape }) => shape.length !== rank || shape.some((extent, i) => i !== axis && extent !== first.shape[i])))
    cannot('the parts do not fit together');
  const whole = parts.reduce((sum, { shape }) => sum + (shape[axis] as number), 0);
  const shape = first.shape.map((extent, i) => (i === axis ? whole : extent));
  return live(make.emit('concat', alongChannels(parts, axis), {}), shape);
};

/** The parts written so that the axis is that of our channels. */
function alongChannels(parts: readonly Live[], axis: number): readonly Value[] {
  if (axis === 1 && parts.every(({ value, shape, border }) => border === undefined && sameShape(value.shape, shape)))
    return parts.map(({ value }) => value);
  if (axis === 1 && parts.some(isVector)) return parts.map(vector); // which differ in this axis alone
  if (axis === 1 && parts.every(({ shape }) => shape.length === 4)) return parts.map(plain);
  return parts.map((part) => {
    const [outer, inner] = [sizeOf(part.shape.slice(0, axis)), sizeOf(part.shape.slice(axis + 1))];
    const extent = part.shape[axis] as number;
    return shaped(part, inner === 1 ? [outer, extent] : [outer, extent, inner, 1]);
  });
}

/** Channels [begin, begin + channels). */
function channelsOf(make: Maker, x: Live, begin: number, channels: number): Live {
  if (x.value.shape[0] !== x.shape[0] || x.value.shape[1] !== x.shape[1]) return part(x, 1, begin, channels);
  const value = plain(x);
  return live(
    make.emit('channelSlice', [value], { begin, channels }),
    x.shape.map((extent, axis) => (axis === 1 ? channels : extent)),
  );
}

export const upFrom = (begin: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => begin + i);

/** `count` cells of an axis, from `begin` on. */
function part(x: Live, axis: number, begin: number, count: number): Live {
  spendCells(x, count);
  return rearranged(
    x,
    { cells: x.shape.map((_, i) => (i === axis ? upFrom(begin, count) : null)) },
    x.shape.map((extent, i) => (i === axis ? count : extent)),
  );
}

/** Of the parts of an axis. */
export function splitSizes(call: NodeCall, extent: number): readonly number[] {
  const count = call.ints('num_outputs')?.[0] ?? call.node.outputs.length;
  const each = Math.ceil(extent / count);
  if (call.opset < 18 && call.ints('split') === undefined && extent % count !== 0) cannot(`${extent} are no ${count} equal parts`);
  const sizes = call.ints('split') ?? Array.from({ length: count }, (_, i) => Math.min(each, extent - i * each));
  if (sizes.length !== count || sizes.some((size) => size < 1) || sizes.reduce((sum, size) => sum + size, 0) !== extent)
    cannot(`parts of ${sizes.slice(0, 8).join(', ')} are not ${count} of ${extent}`);
  return sizes;
}

const split: Rule = (call, make) => {
  const x = liveInput(call);
  const axis = axisOf(call.int('axis', 0), x.shape.length);
  let begin = 0;
  return splitSizes(call, x.shape[axis] as number).map((size) => {
    begin += size;
    return axis === 1 ? channelsOf(make, x, begin - size, size) : part(x, axis, begin - size, size);
  });
};

const slice: Rule = (call, make) => {
  const x = liveInput(call);
  const taken = sliced(x.shape, call.ints('starts') ?? [], call.ints('ends') ?? [], call.ints('axes'), call.ints('steps'));
  const changed = taken.flatMap(({ start, step, count }, axis) => (start === 0 && step === 1 && count === x.shape[axis] ? [] : [axis]));
  if (changed.length === 0) return x;
  if (taken.some(({ count }) => count === 0)) return cannot('nothing is left of it');
  const channels = taken[1];
  if (changed.every((axis) => axis === 1) && channels?.step === 1) return channelsOf(make, x, channels.start, channels.count);
  spendCells(
    x,
    taken.reduce((sum, { count }) => sum + count, 0),
  );
  const cells = taken.map(({ start, step, count }) => Array.from({ length: count }, (_, i) => start + i * step));
  return rearranged(
    x,
    { cells: cells.map((list, axis) => (changed.includes(axis) ? list : null)) },
    taken.map(({ count }) => count),
  );
};

/** Of each place along an axis, the cell that is there. */
const modes: Readonly<Record<string, (at: number, extent: number) => number>> = {
  constant: cellAt,
  edge: (at, extent) => Math.min(Math.max(at, 0), extent - 1),
  reflect(at, extent) {
    if (extent === 1) return 0;
    const period = 2 * (extent - 1);
    const within = ((at % period) + period) % period;
    return within < extent ? within : period - within;
  },
  wrap: (at, extent) => ((at % extent) + extent) % extent,
};

function padded(x: Live, shape: Shape, sides: readonly Pair[], mode: string, value: number): Live {
  const from = modes[mode] ?? cannot(`mode ${mode.slice(0, 20)} is not known`);
  if (shape.some((extent) => !(extent >= 1))) cannot(`nothing is left of ${showShape(x.shape)}`);
  spendCells(
    x,
    shape.reduce((sum, extent) => sum + extent, 0),
  );
  const cells = x.shape.map((extent, axis) => {
    const [before, after] = sides[axis] as Pair;
    if (before === 0 && after === 0) return null;
    return Array.from({ length: shape[axis] as number }, (_, i) => from(i - before, extent));
  });
  return rearranged(x, { cells, outside: value }, shape);
}

/** Zeros round the plane wait for a convolution. */
const pad: Rule = (call) => {
  const x = liveInput(call);
  const rank = x.shape.length;
  const given = call.ints('pads') ?? call.ints('paddings') ?? [];
  const axes = axesOf(call.ints('axes') ?? x.shape.map((_, axis) => axis), rank);
  if (given.length !== 2 * axes.length) cannot(`${given.length} pads are not two for each of ${axes.length} axes`);
  const sides = x.shape.map((_, axis) => {
    const at = axes.indexOf(axis);
    return (at < 0 ? [0, 0] : [given[at], given[at + axes.length]]) as unknown as Pair;
  });
  if (given.every((side) => side === 0)) return x;
  const shape = x.shape.map((extent, axis) => extent + (sides[axis]?.[0] ?? 0) + (sides[axis]?.[1] ?? 0));
  const mode = call.text('mode', 'constant');
  const value = call.number('value', 0);
  const [images, channels, rows, columns] = sides;
  const isPlane = rank === 4 && [images, channels].flat().every((side) => side === 0) && Math.min(...given) >= 0;
  if (!isPlane || mode !== 'constant' || value !== 0 || (x.border === undefined && !sameShape(x.value.shape, x.shape)))
    return padded(x, shape, sides, mode, value);
  const [[top, bottom], [left, right]] = [rows, columns] as [Pair, Pair];
  const own = x.border ?? [0, 0, 0, 0];
  return { value: x.value, border: [own[0] + top, own[1] + right, own[2] + bottom, own[3] + left], shape };
};

/** Repeats what has one cell. */
const expand: Rule = (call) => {
  const x = liveInput(call);
  const wanted = call.constant(1, 'the shape') ?? cannot('the shape is missing');
  return expandedTo(x, broadcast(x.shape, [...wanted.data]));
};

export function expandedTo(x: Live, shape: Shape): Live {
  if (sameShape(shape, x.shape)) return x;
  spendCells(
    x,
    shape.reduce((sum, extent) => sum + extent, 0),
  );
  const view = [...Array.from({ length: shape.length - x.shape.length }, () => 1), ...x.shape];
  const cells = view.map((extent, axis) => (extent === shape[axis] ? null : Array.from({ length: shape[axis] as number }, () => 0)));
  return { ...rearranged(x, { view, cells }, shape), repeats: x };
}

const gather: Rule = (call) => {
  const x = liveInput(call);
  const axis = axisOf(call.int('axis', 0), x.shape.length);
  const extent = x.shape[axis] as number;
  const indices = call.constant(1, 'the indices') ?? cannot('the indices are missing');
  spendCells(x, indices.data.length);
  const list = Array.from(indices.data, (index) => axisOf(index, extent));
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return rearranged(x, { cells: x.shape.map((_, i) => (i === axis ? list : null)) }, shape);
};

export const views: Rules = {
  Identity: same,
  Cast: cast,
  Dropout: dropout,
  Flatten: view((call, { shape }) => flattened(shape, call.int('axis', 1))),
  Reshape: view((call, { shape }) => reshaped(shape, call.ints('shape') ?? [], call.int('allowzero', 0) === 1)),
  Squeeze: view((call, { shape }) => squeezed(shape, call.ints('axes'))),
  Unsqueeze: view((call, { shape }) => unsqueezed(shape, call.ints('axes') ?? [])),
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Expand: expand,
  Gather: gather,
};
