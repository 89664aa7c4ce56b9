import type { Taps } from '../../ops/op.js';
import { nearestCell } from '../../ops/upsampleNearest.js';
import { type Shape, sizeOf } from '../../tensor.js';
import type { NodeCall } from '../arguments.js';
import { axesOf } from '../axes.js';
import type { Maker } from '../maker.js';
import { cannot, type Live, live, rearranged, shaped, spendCells } from '../values.js';
import { liveInput, type Rule, type Rules } from './rule.js';

/** How an axis is resized. */
interface Axis {
  readonly extent: number;
  readonly count: number;
  /** count / extent, unless the file gives it. */
  readonly scale: number | undefined;
}

/** Where in x a cell of the result lies, in cells (Resize-19's formulas). */
const places: Readonly<Record<string, (i: number, axis: Axis) => number>> = {
  half_pixel: (i, axis) => scaled(i + 0.5, axis) - 0.5,
  half_pixel_symmetric(i, axis) {
    const { extent, count, scale = count / extent } = axis;
    const centre = extent / 2;
    return centre * (1 - count / (scale * extent)) + scaled(i + 0.5, axis) - 0.5;
  },
  pytorch_half_pixel: (i, axis) => (axis.count > 1 ? scaled(i + 0.5, axis) - 0.5 : 0),
  align_corners: (i, { extent, count }) => (count > 1 ? (i * (extent - 1)) / (count - 1) : 0),
  asymmetric: (i, axis) => scaled(i, axis),
  tf_half_pixel_for_nn: (i, axis) => scaled(i + 0.5, axis),
};

/** i / scale; in whole numbers where the scale is a quotient of them, since a rounded one leads to a neighbour now and then. */
const scaled = (i: number, { extent, count, scale }: Axis): number => (scale === undefined ? (i * extent) / count : i / scale);

const roundings: Readonly<Record<string, (place: number) => number>> = {
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Both neighbours' weights. */
const linear = (part: number): readonly number[] => [1 - part, part];

/** Keys 1981 (doi:10.1109/TASSP.1981.1163711, eq. 15), of four neighbours. */
function cubic(a: number, part: number): readonly number[] {
  const near = (t: number): number => ((a + 2) * t - (a + 3)) * t * t + 1;
  const far = (t: number): number => ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
  return [far(part + 1), near(part), near(1 - part), far(2 - part)];
}

interface Mode {
  readonly place: string;
  readonly rounding: string;
  readonly kind: string;
  readonly a: number;
  readonly excludesOutside: boolean;
}

function modeOf(call: NodeCall): Mode {
  const kind = call.text('mode', 'nearest');
  const isOld = call.node.op === 'Upsample' || call.opset < 11;
  const place = isOld ? 'asymmetric' : call.text('coordinate_transformation_mode', 'half_pixel');
  const rounding = isOld ? 'floor' : call.text('nearest_mode', 'round_prefer_floor');
  if (places[place] === undefined) cannot(`coordinates by ${place.slice(0, 40)} are not known`);
  if (roundings[rounding] === undefined) cannot(`rounding by ${rounding.slice(0, 40)} is not known`);
  if (!['nearest', 'linear', 'bilinear', 'cubic'].includes(kind)) cannot(`mode ${kind.slice(0, 20)} is not known`);
  if (call.int('antialias', 0) !== 0) cannot('antialiasing is not known');
  const [a, excludesOutside] = [call.number('cubic_coeff_a', -0.75), call.int('exclude_outside', 0) !== 0];
  return { place, rounding, kind, a, excludesOutside };
}

const inside = (cell: number, extent: number): number => Math.min(Math.max(cell, 0), extent - 1);

function nearestCells(axis: Axis, { place, rounding }: Mode): readonly number[] {
  const at = places[place] as (i: number, axis: Axis) => number;
  const round = roundings[rounding] as (place: number) => number;
  return Array.from({ length: axis.count }, (_, i) => inside(round(at(i, axis)), axis.extent));
}

/** Neighbours outside are those at the edge, or have no weight. */
function tapsOf(axis: Axis, { place, kind, a, excludesOutside }: Mode): Taps {
  const at = places[place] as (i: number, axis: Axis) => number;
  return Array.from({ length: axis.count }, (_, i) => {
    const position = at(i, axis);
    const low = Math.floor(position);
    const weights = kind === 'cubic' ? cubic(a, position - low) : linear(position - low);
    const first = kind === 'cubic' ? low - 1 : low;
    const taps = weights.map((weight, k) => [first + k, weight] as const);
    const kept = excludesOutside ? taps.filter(([cell]) => cell >= 0 && cell < axis.extent) : taps;
    const total = excludesOutside ? kept.reduce((sum, [, weight]) => sum + weight, 0) : 1;
    const cells = new Map<number, number>();
    for (const [cell, weight] of kept) {
      const own = inside(cell, axis.extent);
      cells.set(own, (cells.get(own) ?? 0) + weight / total);
    }
    const used = [...cells].filter(([, weight]) => weight !== 0);
    return used.length > 0 ? used : [[inside(low, axis.extent), 0] as const];
  });
}

/** What all axes are scaled by that keep their ratios: to no more, or no less, than the sizes that are asked for. */
function commonScale(policy: string, scales: readonly number[]): number | undefined {
  if (policy === 'stretch') return undefined;
  if (policy === 'not_larger') return Math.min(...scales);
  return policy === 'not_smaller' ? Math.max(...scales) : cannot(`keep_aspect_ratio_policy ${policy.slice(0, 20)} is not known`);
}

function axesAfter(call: NodeCall, shape: Shape): readonly Axis[] {
  const sizes = call.node.op === 'Upsample' ? undefined : call.ints('sizes');
  const scales = sizes?.length ? undefined : call.numbers('scales');
  const axes = axesOf(call.ints('axes') ?? shape.map((_, axis) => axis), shape.length);
  if (sizes?.length && call.numbers('scales')?.length) cannot('it takes sizes or scales, not both');
  const wanted = sizes?.length ? sizes : scales;
  if (wanted === undefined || wanted.length !== axes.length) cannot('sizes or scales must be one for each axis');
  const common = commonScale(
    call.text('keep_aspect_ratio_policy', 'stretch'),
    axes.map((axis, i) => ((wanted as readonly number[])[i] as number) / (shape[axis] as number)),
  );
  return shape.map((extent, axis) => {
    const at = axes.indexOf(axis);
    if (at < 0) return { extent, count: extent, scale: undefined };
    if (sizes?.length && common !== undefined) return { extent, count: Math.floor(common * extent + 0.5), scale: common };
    const scale = scales?.[at];
    // float32, as the scale is
    const count = scale === undefined ? ((sizes as readonly number[])[at] as number) : Math.floor(Math.fround(extent * scale));
    return count >= 1
      ? { extent, count, scale: scale === count / extent ? undefined : scale }
      : cannot(`${count} cells of ${extent} are none`);
  });
}

const resize: Rule = (call, make) => {
  const x = liveInput(call);
  const axes = axesAfter(call, x.shape);
  const shape = axes.map(({ count }) => count);
  const mode = modeOf(call);
  spendCells(x, 4 * shape.reduce((sum, count, axis) => sum + (count === x.shape[axis] ? 0 : count), 0));
  if (axes.every(({ extent, count, scale }) => extent === count && scale === undefined)) return x;
  return mode.kind === 'nearest' ? nearest(make, x, axes, shape, mode) : weighted(make, x, axes, shape, mode);
};

function nearest(make: Maker, x: Live, axes: readonly Axis[], shape: Shape, mode: Mode): Live {
  const cells = axes.map((axis) => (axis.extent === axis.count && axis.scale === undefined ? null : nearestCells(axis, mode)));
  const [N, C, H, W] = x.shape as readonly [number, number, number, number];
  const isOurs = ([2, 3] as const).every((axis) => {
    const { count, extent } = axes[axis] ?? { count: 0, extent: 0 };
    return (cells[axis] ?? []).every((cell, i) => cell === nearestCell(i, count, extent));
  });
  if (x.shape.length === 4 && cells[0] === null && cells[1] === null && isOurs)
    return live(make.emit('upsampleNearest', [shaped(x, [N, C, H, W])], { output: [shape[2] as number, shape[3] as number] }));
  return rearranged(x, { cells }, shape);
}

/** Along the last two axes. */
function weighted(make: Maker, x: Live, axes: readonly Axis[], shape: Shape, mode: Mode): Live {
  const rank = axes.length;
  const isSame = ({ extent, count, scale }: Axis): boolean => extent === count && scale === undefined;
  if (!axes.slice(0, -2).every(isSame)) cannot('weighted cells are known along the last two axes', shape);
  const one: Axis = { extent: 1, count: 1, scale: undefined };
  const [down, across] = rank === 1 ? [one, axes[0] as Axis] : [axes[rank - 2] as Axis, axes[rank - 1] as Axis];
  const outer = rank === 4 ? x.shape.slice(0, 2) : [1, sizeOf(x.shape) / (down.extent * across.extent)];
  const value = shaped(x, [...outer, down.extent, across.extent]);
  const whole = ({ extent }: Axis): Taps => Array.from({ length: extent }, (_, cell) => [[cell, 1]]);
  const taps = (axis: Axis): Taps => (isSame(axis) ? whole(axis) : tapsOf(axis, mode));
  return live(make.emit('resample', [value], { rows: taps(down), columns: taps(across) }), shape);
}

export const resizes = { Resize: resize, Upsample: resize } satisfies Rules;
