import { ShapeError } from '../errors.js';
import { operands, type Shape, sizeOf, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpDef, type RearrangeAttrs } from './op.js';

/** The extents of the result before it is written as `shape`. */
const takenOf = ({ view, order, cells }: RearrangeAttrs): Shape => order.map((axis, k) => cells[k]?.length ?? (view[axis] as number));

function infer(inputs: readonly Shape[], attrs: RearrangeAttrs): Shape {
  const [x] = operands('rearrange', inputs, 1);
  const { view, order, cells, shape } = attrs;
  const isOrder = order.length === view.length && order.every((axis, k) => axis < view.length && order.indexOf(axis) === k);
  const inside = cells.every((list, k) => list === null || list.every((cell) => cell >= -1 && cell < (view[order[k] as number] as number)));
  if (!isOrder || cells.length !== order.length || !inside || sizeOf(view) !== sizeOf(x) || sizeOf(takenOf(attrs)) !== sizeOf(shape))
    throw new ShapeError('rearrange: the axes of a view, each once, and cells of them', { x, view, order, shape });
  return shape;
}

/** Of each value of the result in row-major order, which of x it is; −1 for what is outside. */
export function eachSource(attrs: RearrangeAttrs, visit: (at: number, source: number) => void): void {
  const { view, order, cells } = attrs;
  const taken = takenOf(attrs);
  const strides = view.map((_, axis) => sizeOf(view.slice(axis + 1)));
  const offsets = taken.map((extent, k) =>
    Array.from({ length: extent }, (_, i) => {
      const cell = cells[k]?.[i] ?? i;
      return cell < 0 ? Number.NEGATIVE_INFINITY : cell * (strides[order[k] as number] as number);
    }),
  );
  let at = 0;
  const walk = (axis: number, source: number): void => {
    const own = offsets[axis];
    if (own === undefined) visit(at++, Number.isFinite(source) ? source : -1);
    else if (axis === offsets.length - 1) for (const offset of own) visit(at++, source + offset >= 0 ? source + offset : -1);
    else for (const offset of own) walk(axis + 1, source + offset);
  };
  walk(0, 0);
}

/** The numbers of x in another order, some left out, some repeated, and `outside` where there is none: transpositions, slices, pads, reshapes. */
export function forward(inputs: readonly Tensor[], attrs: RearrangeAttrs): Tensor {
  const [x] = operands('rearrange', inputs, 1);
  const y = zerosLike(x, infer([x.shape], attrs));
  eachSource(attrs, (at, source) => {
    y.data[at] = source < 0 ? attrs.outside : (x.data[source] as number);
  });
  return y;
}

/** Of inference only. */
export const rearrange: OpDef<'rearrange'> = { infer, macs: noMacs };
