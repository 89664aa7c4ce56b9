import type { ReductionName } from '../../ops/functionNames.js';
import type { Pair, PoolAttrs } from '../../ops/op.js';
import { poolExtent } from '../../ops/window.js';
import type { NodeCall } from '../arguments.js';
import type { Maker } from '../maker.js';
import { cannot, cellAt, type Live, live, rearranged, spendCells } from '../values.js';
import { combined } from './elementwise.js';
import { globalPool, reductions } from './reductions.js';
import { liveInput, type Rule, type Rules } from './rule.js';
import { asPlanes, likewise, paddingOf, pairOf, planeOf } from './windows.js';

interface Windows extends PoolAttrs {
  readonly dilation: Pair;
}

function attrsOf(call: NodeCall, plane: Pair): Windows {
  const kernel = pairOf(call, 'kernel_shape', [1, 0]);
  const stride = pairOf(call, 'strides', [1, 1]);
  const dilation = pairOf(call, 'dilations', [1, 1]);
  if (!(Math.min(...kernel, ...stride, ...dilation) >= 1)) cannot('kernel, strides and dilations must be from 1 on');
  const reach = ([0, 1] as const).map((axis) => (kernel[axis] - 1) * dilation[axis] + 1) as unknown as Pair;
  const padding = paddingOf(call, plane, reach, stride);
  return { kernel, stride, padding, dilation, rounding: call.int('ceil_mode', 0) === 0 ? 'floor' : 'ceil' };
}

/** Whether our pools have such windows: not dilated, and none in padding alone. */
const isPlain = ({ kernel: [P, Q], dilation, padding: [top, right, bottom, left] }: Windows): boolean =>
  Math.max(...dilation) === 1 && Math.max(top, bottom) < P && Math.max(left, right) < Q;

/** Along each axis, of each window: the cell at each place of it, as `at` has it; −1 is outside the plane. */
function cellsOf(
  x: Live,
  plane: Pair,
  windows: Windows,
  at: (place: number, extent: number, after: number) => number = cellAt,
): readonly (readonly (readonly number[])[])[] {
  const { kernel, stride, padding, dilation } = windows;
  return ([0, 1] as const).map((axis) => {
    const reach = { ...windows, kernel: kernel.map((k, i) => (k - 1) * (dilation[i] as number) + 1) as unknown as Pair };
    const count = poolExtent(plane[axis], reach, axis);
    spendCells(x, kernel[axis] * Math.max(count, 0));
    const [before, after] = axis === 0 ? [padding[0], padding[2]] : [padding[3], padding[1]];
    if (kernel[axis] < 1) cannot('a window of no cells');
    if (count < 1) cannot('the window is larger than the padded plane');
    return Array.from({ length: kernel[axis] }, (_, k) =>
      Array.from({ length: count }, (__, i) => {
        return at(i * stride[axis] + k * dilation[axis] - before, plane[axis], after);
      }),
    );
  });
}

/** Each is a value of its own. */
const mostPlaces = 1024;

/** Any windows: for each place in them the plane of what they have there, all of which are combined. */
function pooled(make: Maker, x: Live, windows: Windows, kind: Extract<ReductionName, 'max' | 'sum'>): Live {
  const value = asPlanes(x);
  const [N, C, H, W] = value.shape as readonly [number, number, number, number];
  const [rows = [], columns = []] = cellsOf(x, [H, W], windows);
  if (rows.length * columns.length > mostPlaces)
    cannot(`windows of ${rows.length * columns.length} cells that are dilated or lie in padding`);
  const outside = kind === 'max' ? -Infinity : 0;
  const places = rows.flatMap((down) =>
    columns.map((across) => {
      const shape = [N, C, down.length, across.length];
      return rearranged(live(value), { cells: [null, null, down, across], outside }, shape);
    }),
  );
  if (places.length === 0) cannot('its window has no cells');
  return places.reduce((all, place) => combined(make, kind === 'max' ? 'maximum' : 'add', all, place));
}

const maxPool: Rule = (call, make) => {
  const x = liveInput(call);
  const windows = attrsOf(call, planeOf(x));
  if (!isPlain(windows)) return likewise(pooled(make, x, windows, 'max').value, x);
  return likewise(make.emit('maxPool2d', [asPlanes(x)], windows), x);
};

const averagePool: Rule = (call, make) => {
  const x = liveInput(call);
  const plane = planeOf(x);
  const windows = attrsOf(call, plane);
  const isWhole = windows.kernel.every((extent, axis) => extent === plane[axis]) && windows.padding.every((side) => side === 0);
  if (isWhole && x.shape.length === 4) return globalPool('globalAvgPool')(call, make);
  const all = call.int('count_include_pad', 0) !== 0;
  if (isPlain(windows)) return likewise(make.emit('avgPool2d', [asPlanes(x)], { ...windows, divisor: all ? 'window' : 'inside' }), x);
  const sums = pooled(make, x, windows, 'sum');
  // how many cells of each window count: those of the padding may, those beyond it do not
  const counted = all ? (place: number, extent: number, after: number) => (place < extent + after ? 0 : -1) : cellAt;
  const inside = cellsOf(x, plane, windows, counted).map((places) =>
    (places[0] as readonly number[]).map((_, i) => places.filter((cells) => (cells[i] as number) >= 0).length),
  );
  const [down = [], across = []] = inside;
  const counts = Float64Array.from(down.flatMap((rows) => across.map((columns) => rows * columns)));
  const constant = { kind: 'float', shape: [1, 1, down.length, across.length], data: counts } as const;
  return likewise(combined(make, 'divide', sums, { name: `${call.node.outputs[0]}:cells`, constant }).value, x);
};

export const pools: Rules = {
  ...reductions,
  GlobalAveragePool: globalPool('globalAvgPool'),
  GlobalMaxPool: globalPool('globalMaxPool'),
  AveragePool: averagePool,
  MaxPool: maxPool,
};
