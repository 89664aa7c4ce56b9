import type { Pair } from '../ops/op.js';
import { onlyClips } from './activation.js';
import type { Group } from './group.js';
import { denseLayout, rowsLayout } from './layout.js';
import { panelsSize } from './pack.js';
import type { WinogradPacking } from './packing.js';
import { activate } from './pointwise.js';
import { conv } from './product.js';
import { spansOf } from './spans.js';
import { at, lastOf, type Placed, type PlanWriter } from './writer.js';

export interface Filtering extends Pick<WinogradPacking, 'm' | 'weight' | 'norm' | 'outputs'> {
  readonly bias: string | undefined;
  /** Rows above the image and columns left of it; what is below and on the right follows from the result's plane. */
  readonly before: Pair;
  /** Weights are those of the convolution whose gradient this is: outputs are its channels, filters turned by 180°. @defaultValue false */
  readonly transposed?: boolean;
}

/** A 3×3 convolution of stride 1 by F(m×m, 3×3): transform, one product a point, transform back with what rides on it. */
export function winograd(
  plan: PlanWriter,
  members: Group,
  x: Placed,
  { m, weight, norm, bias, outputs, before, transposed = false }: Filtering,
): void {
  const layout = denseLayout(plan.node(lastOf(members)).shape);
  const { images, channels, height, width } = x.layout;
  const [tilesH, tilesW] = [Math.ceil(layout.height / m), Math.ceil(layout.width / m)];
  const tiles = images * tilesH * tilesW;
  const points = (m + 2) ** 2;
  const spans = spansOf(outputs, channels, 1, plan.target.tile);

  const rows = { ...rowsLayout([tiles, channels]), images: points };
  const point = awayFromPowers(tiles * x.layout.pixel);
  const v = { buffer: plan.buffer(points * point) };
  plan.step('winogradInput', [], tiles, {
    x: at(x),
    zeros: plan.zeros(x.layout.pixel / 4),
    v,
    scratch: plan.scratch(points * 20),
    pixel: x.layout.pixel,
    point,
    height,
    width,
    tilesH,
    tilesW,
    top: before[0],
    left: before[1],
    m,
  });

  const p = { buffer: plan.buffer(points * tiles * layout.pixel) };
  conv(
    plan,
    [],
    {
      x: v,
      y: p,
      table: {
        kind: 'table',
        layout: { ...rows, images: 1 },
        output: [tiles, 1],
        taps: [1, 1],
        stride: [1, 1],
        dilation: [1, 1],
        before: [0, 0],
      },
      run: channels,
      spans,
      biasLast: false,
      panels: plan.filters({ kind: 'winograd', m, weight, norm, outputs, inputs: channels, columns: spans.columns }, spans, transposed),
      filter: panelsSize(outputs, channels) * 4,
      images: points,
      image: point,
      pixel: layout.pixel,
      lowest: -Infinity,
      after: 0,
    },
    points * tiles * channels * outputs,
  );

  const shift = plan.shift(weight, { kind: 'shift', norm, bias, channels: outputs, size: layout.pixel / 4 });
  const y = plan.define(lastOf(members), layout);
  const activation = plan.activation(members);
  const rides = onlyClips(activation);
  plan.step(
    'winogradOutput',
    rides ? members : [],
    tiles,
    {
      p,
      bias: shift,
      y,
      scratch: plan.scratch(m * (m + 2) * 16),
      pixel: layout.pixel,
      point: tiles * layout.pixel,
      height: layout.height,
      width: layout.width,
      tilesH,
      tilesW,
      m,
      lowest: plan.lowest(members),
    },
    0,
  );
  if (!rides) activate(plan, members, activation, { buffer: y.buffer, layout }, y);
}

/** Streams that lie a multiple of 4 KiB apart fall into one set of the L1 cache; half a KiB more spreads them. */
const awayFromPowers = (bytes: number): number => (bytes % 4096 === 0 ? bytes + 512 : bytes);
