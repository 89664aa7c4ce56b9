import { combinationNames, functionNames, reductionNames } from '../ops/functionNames.js';
import type { ImportedOp, NodeId, Taps } from '../ops/op.js';
import { dims4, type Shape } from '../tensor.js';
import { inputGrad } from './inputGrad.js';
import { denseLayout, type Layout } from './layout.js';
import type { Arg } from './plan.js';
import { pixelsOf } from './pointwise.js';
import { placesApart, placesOf } from './rearrange.js';
import { at, type LoweringRule, lastOf, type PlanWriter } from './writer.js';

interface Operand {
  readonly x: Arg;
  readonly layout: Layout;
}

/** A value, or a parameter that is laid out as one. */
function operand(plan: PlanWriter, id: NodeId | undefined): Operand {
  const node = plan.node(id);
  if (node.op !== 'param') {
    const value = plan.value(id);
    return { x: at(value), layout: value.layout };
  }
  const { name, shape } = node.attrs;
  return { x: plan.pack(`${name} as ${shape.join('×')}`, { kind: 'laidOut', parameter: name, shape }), layout: denseLayout(shape) };
}

/** How far apart a repeated operand's images, lines and pixels are: 0 where one serves all. */
function stridesIn({ images, channels, height, width, image, line, pixel }: Layout, result: Layout) {
  return {
    image: images === 1 && result.images > 1 ? 0 : image,
    line: height === 1 && result.height > 1 ? 0 : line,
    pixel: width === 1 && result.width > 1 ? 0 : pixel,
    one: Number(channels === 1 && result.channels > 1),
  };
}

/** Where the taps of each line begin, and of which cell each is. */
function tapsOf(plan: PlanWriter, name: string, taps: Taps): { readonly cells: Arg; readonly weights: Arg } {
  const starts = [0];
  for (const list of taps) starts.push((starts.at(-1) as number) + list.length);
  const values = [...starts, ...taps.flatMap((list) => list.map(([cell]) => cell))];
  const floats = taps.flatMap((list) => list.map(([, weight]) => weight));
  return {
    cells: plan.pack(`${name} cells`, { kind: 'int32', values }),
    weights: plan.pack(`${name} weights`, { kind: 'float32', values: floats }),
  };
}

export type ImportedRules = { readonly [K in ImportedOp]: LoweringRule<K> };

/** The plain path of ops that only files of others have: a kernel each, and none is fused. */
export const importedRules: ImportedRules = {
  apply(plan, { id, inputs, attrs }) {
    const x = plan.value(inputs[0]);
    const { pixel, channels } = x.layout;
    const y = plan.define(id, x.layout, [x.buffer]);
    const kind = functionNames.indexOf(attrs.function);
    plan.step('apply', [id], pixelsOf(x.layout), { x: at(x), y, pixel, channels, a: attrs.a, b: attrs.b, kind });
  },

  combine(plan, { id, inputs, attrs: { combination }, shape }) {
    const [a, b] = [operand(plan, inputs[0]), operand(plan, inputs[1])];
    const layout = denseLayout(shape);
    const [p, q] = [stridesIn(a.layout, layout), stridesIn(b.layout, layout)];
    const { images, pixel, channels, height, width } = layout;
    const y = plan.define(id, layout);
    plan.step('combine', [id], images * height, {
      ...{ a: a.x, b: b.x, y, pixel, channels, height, width },
      ...{ aImage: p.image, aLine: p.line, aPixel: p.pixel, aOne: p.one },
      ...{ bImage: q.image, bLine: q.line, bPixel: q.pixel, bOne: q.one },
      kind: combinationNames.indexOf(combination),
    });
  },

  reduce(plan, { id, inputs, attrs: { reduction }, shape }) {
    const x = plan.value(inputs[0]);
    const layout = denseLayout(shape);
    const { pixel, images, height, width, channels } = x.layout;
    const y = plan.define(id, layout);
    plan.step('reduce', [id], pixelsOf(layout), {
      ...{ x: at(x), y, pixel, outPixel: layout.pixel, images, height, width, channels },
      ...{ outImages: layout.images, outHeight: layout.height, outWidth: layout.width, outChannels: layout.channels },
      kind: reductionNames.indexOf(reduction),
    });
  },

  matMul(plan, { id, inputs, shape }) {
    const [a, b] = [operand(plan, inputs[0]), operand(plan, inputs[1])];
    const layout = denseLayout(shape);
    const { images, pixel, channels, height: rows, width: columns } = layout;
    const stride = ({ layout: { images: own, image } }: Operand): number => (own === 1 && images > 1 ? 0 : image);
    const one = ({ layout: { channels: own } }: Operand): number => Number(own === 1 && channels > 1);
    const y = plan.define(id, layout);
    plan.step('matMul', [id], images * rows, {
      ...{ a: a.x, b: b.x, y, pixel, channels, rows, depth: a.layout.width, columns },
      ...{ aImage: stride(a), aPixel: a.layout.pixel, aOne: one(a), bImage: stride(b), bPixel: b.layout.pixel, bOne: one(b) },
    });
  },

  resample(plan, { id, inputs, attrs, shape }) {
    const x = plan.value(inputs[0]);
    const layout = denseLayout(shape);
    const { pixel, height, width } = x.layout;
    const { images, height: outHeight, width: outWidth } = layout;
    const rows = tapsOf(plan, `rows of ${id}`, attrs.rows);
    const columns = tapsOf(plan, `columns of ${id}`, attrs.columns);
    const y = plan.define(id, layout);
    plan.step('resample', [id], images * outHeight, {
      ...{ x: at(x), y, rows: rows.cells, down: rows.weights, columns: columns.cells, across: columns.weights },
      ...{ pixel, height, width, outHeight, outWidth },
    });
  },

  rearrange(plan, { id, inputs, attrs, shape }) {
    const x = plan.value(inputs[0]);
    const from: Shape = plan.node(inputs[0]).shape;
    const layout = denseLayout(shape);
    const { pixel, channels } = layout;
    const apart = placesApart(placesOf(attrs, from), layout);
    const y = plan.define(id, layout);
    const places = (part: 'rows' | 'columns' | 'each'): Arg =>
      plan.pack(`${part} of ${id}`, {
        kind: 'placesOf',
        attrs,
        from,
        part,
        size: part === 'columns' ? channels : pixelsOf(layout) * (part === 'each' ? channels : 1),
      });
    const call = { x: at(x), y, pixel, channels, value: attrs.outside };
    if (apart === undefined) return plan.step('rearrangeEach', [id], pixelsOf(layout), { ...call, places: places('each') });
    const together = Number(apart.columns.every((column, c) => column === 4 * c));
    plan.step('rearrange', [id], pixelsOf(layout), { ...call, rows: places('rows'), columns: places('columns'), together });
  },

  /** The kernels of a convolution's gradient: what it does there. */
  convTranspose2d(plan, anchor, members) {
    const [x, w] = anchor.inputs;
    const { stride, padding, dilation, groups } = anchor.attrs;
    inputGrad(plan, members, plan.value(x), {
      weight: plan.parameter(w),
      filters: dims4(plan.node(w).shape),
      plane: dims4(plan.node(lastOf(members)).shape),
      attrs: { stride, padding, dilation },
      groups,
    });
  },
};
