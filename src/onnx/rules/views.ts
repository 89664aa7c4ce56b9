import { showShape } from '../../errors.js';
import type { Pair } from '../../ops/op.js';
import { sameShape, sizeOf } from '../../tensor.js';
import type { NodeCall } from '../arguments.js';
import { axesOf, axisOf, flattened, reshaped, sliced, squeezed, unsqueezed } from '../axes.js';
import type { Maker } from '../maker.js';
import { kindOfType } from '../tensor.js';
import { cannot, isFixed, isVector, type Live, live, plain, planes, vector } from '../values.js';
import { castIntegers } from './quantised.js';
import { liveInput, type Rule, type Rules } from './rule.js';

/** What changes how a shape is written and moves no number. */
const view =
  (shapeOf: (call: NodeCall, x: Live) => readonly number[]): Rule =>
  (call) => {
    const x = liveInput(call);
    if (x.border !== undefined) planes(x);
    const shape = shapeOf(call, x);
    return sizeOf(shape) === sizeOf(x.shape) ? { value: x.value, shape } : cannot(`${showShape(x.shape)} is no ${showShape(shape)}`);
  };

const same: Rule = (call) => liveInput(call);

/** Every float is one of ours: float32, or float64 by the reference. */
const cast: Rule = (call, make) => {
  const x = liveInput(call);
  if (kindOfType(call.int('to', 0)) !== 'float') cannot('a cast to other than floats is not known');
  return x.value.integers ? castIntegers(make, x) : x;
};

const dropout: Rule = (call) => {
  if (call.number('training_mode', 0) !== 0) cannot('dropout as in training is not known');
  return liveInput(call);
};

/** Axes of 1 may go anywhere; channels seen as [G, C / G] that change places are a channel shuffle. */
const transpose: Rule = (call, make) => {
  const x = liveInput(call);
  const rank = x.shape.length;
  const perm = axesOf(call.ints('perm') ?? x.shape.map((_, axis) => axis).reverse(), rank);
  const shape = perm.map((axis) => x.shape[axis] as number);
  const moved = perm.filter((axis) => x.shape[axis] !== 1);
  if (x.border === undefined && moved.every((axis, i) => i === 0 || axis > (moved[i - 1] as number))) return { value: x.value, shape };
  const [N, C] = x.value.shape as readonly [number, number];
  const swaps = rank >= 3 && perm.every((axis, i) => axis === (i === 1 ? 2 : i === 2 ? 1 : i));
  const [batch, G, rest] = x.shape as readonly [number, number, number];
  if (!swaps || x.value.shape.length !== 4 || batch !== N || G * rest !== C)
    return cannot(`perm [${perm.join(', ')}] of ${showShape(x.shape)} is not known`, shape);
  return live(make.emit('channelShuffle', [planes({ value: x.value, shape: x.value.shape })], { groups: G }), shape);
};

const concat: Rule = (call, make) => {
  const parts = call.inputs.map((input) =>
    input === undefined || isFixed(input) ? cannot('a constant among the parts is not known') : input,
  );
  const first = parts[0] ?? cannot('it takes an operand');
  const rank = first.shape.length;
  const axis = axisOf(call.int('axis', 1), rank);
  if (parts.some(({ shape }) => shape.length !== rank || shape.some((extent, i) => i !== axis && extent !== first.shape[i])))
    cannot('the parts do not fit together');
  if (axis !== 1) cannot(`axis ${axis} is not known, only channels`);
  const isPlain = parts.every(({ value, shape }) => sameShape(value.shape, shape));
  const values = !isPlain && parts.every(isVector) ? parts.map(vector) : parts.map(plain);
  return live(
    make.emit('concat', values, {}),
    first.shape.map((extent, i) => (i === 1 ? parts.reduce((sum, { shape }) => sum + (shape[1] as number), 0) : extent)),
  );
};

/** Channels [begin, begin + channels). */
function channelsOf(make: Maker, x: Live, begin: number, channels: number): Live {
  const value = plain(x);
  return live(
    make.emit('channelSlice', [value], { begin, channels }),
    x.shape.map((extent, axis) => (axis === 1 ? channels : extent)),
  );
}

const split: Rule = (call, make) => {
  const x = liveInput(call);
  const axis = axisOf(call.int('axis', 0), x.shape.length);
  const extent = x.shape[axis] as number;
  const count = call.node.outputs.length;
  const each = Math.ceil(extent / count);
  const sizes = call.ints('split') ?? call.node.outputs.map((_, i) => Math.min(each, extent - i * each));
  if (sizes.length !== count || sizes.some((size) => size < 1) || sizes.reduce((sum, size) => sum + size, 0) !== extent)
    cannot(`parts of ${sizes.slice(0, 8).join(', ')} are not ${count} of ${extent}`);
  if (axis !== 1) cannot(`axis ${axis} is not known, only channels`);
  let begin = 0;
  return sizes.map((size) => {
    begin += size;
    return channelsOf(make, x, begin - size, size);
  });
};

const slice: Rule = (call, make) => {
  const x = liveInput(call);
  const taken = sliced(x.shape, call.ints('starts') ?? [], call.ints('ends') ?? [], call.ints('axes'), call.ints('steps'));
  const changed = taken.flatMap(({ start, step, count }, axis) => (start === 0 && step === 1 && count === x.shape[axis] ? [] : [axis]));
  if (changed.length === 0) return x;
  const channels = taken[1];
  if (changed.some((axis) => axis !== 1) || channels?.step !== 1)
    return cannot(
      `a slice of axes ${changed.join(', ')} is not known, only of channels, one after another`,
      taken.map(({ count }) => count),
    );
  return channelsOf(make, x, channels.start, channels.count);
};

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
  if (!isPlane || mode !== 'constant' || value !== 0)
    cannot(`${mode.slice(0, 20)} pads [${given.join(', ')}] of ${value} are not known, only zeros round the plane before a Conv`, shape);
  if (x.border === undefined) planes(x);
  const [[top, bottom], [left, right]] = [rows, columns] as [Pair, Pair];
  const own = x.border ?? [0, 0, 0, 0];
  return { value: x.value, border: [own[0] + top, own[1] + right, own[2] + bottom, own[3] + left], shape };
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
};
