import type { Node } from '../ops/op.js';
import type { Group } from './group.js';
import { flatLayout, type Layout } from './layout.js';
import { type Arg, blocksOf } from './plan.js';
import { pixelsOf } from './pointwise.js';
import { at, lastOf, type Placed, type PlanWriter } from './writer.js';

/** Batch norm whose statistics or parameters change: it is computed, where inference packs it into weights. */

/** γ / √(σ² + ε), a vector of the next steps. */
export function factorOf(plan: PlanWriter, gamma: Arg, variance: Arg, channels: number, eps: number): Arg {
  const layout = flatLayout(channels);
  const y = { buffer: plan.buffer(layout.pixel) };
  plan.step('normFactor', [], channels === 0 ? 0 : layout.pixel / 4, { gamma, variance, d: 0, y, k: 1, eps, root: 1 });
  return y;
}

export function normalise(plan: PlanWriter, { inputs, attrs }: Node<'batchNorm'>, members: Group): void {
  const [, gamma, beta, mean, variance] = inputs;
  const x = plan.value(inputs[0]);
  const { pixel, channels } = x.layout;
  const factor = factorOf(plan, plan.flat(gamma), plan.flat(variance), channels, attrs.eps);
  const y = plan.define(lastOf(members), x.layout, [x.buffer]);
  const lowest = plan.lowest(members);
  plan.step('normalise', members, pixelsOf(x.layout), {
    x: at(x),
    mean: plan.flat(mean),
    factor,
    shift: plan.flat(beta),
    y,
    pixel,
    lowest,
  });
}

/** What `channelSums` sums, by its place here. */
const sums = ['values', 'squares', 'normalised', 'products'] as const;

export interface Sum {
  readonly kind: (typeof sums)[number];
  readonly a: Placed;
  readonly b?: Placed;
  readonly mean?: Arg;
  /** Of each image; else of all together. */
  readonly perImage?: true;
  /** What the sums are divided by, and with it √(variance + ε). */
  readonly divisor: number;
  readonly variance?: Arg;
  readonly eps?: number;
}

/** Sums over blocks of 60 rows, which threads share, and their totals. */
export function sum(plan: PlanWriter, id: number, layout: Layout, { kind, a, b, mean, perImage, divisor, variance, eps = 0 }: Sum): void {
  const { pixel } = a.layout;
  const images = perImage ? a.layout.images : 1;
  const rows = pixelsOf(a.layout) / images;
  const blocks = blocksOf(rows);
  const parts = { buffer: plan.buffer(images * blocks * pixel) };
  plan.step('channelSums', [], images * blocks, {
    a: at(a),
    b: b ? at(b) : 0,
    mean: mean ?? 0,
    sums: parts,
    pixel,
    rows,
    kind: sums.indexOf(kind),
  });
  const y = plan.define(id, layout);
  plan.step('totals', [id], (images * pixel) / 32, { sums: parts, variance: variance ?? 0, y, pixel, blocks, divisor, eps });
}
