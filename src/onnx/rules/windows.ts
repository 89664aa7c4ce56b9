import { showShape } from '../../errors.js';
import type { Box, Pair, Value } from '../../ops/op.js';
import { sameShape } from '../../tensor.js';
import type { NodeCall } from '../arguments.js';
import type { Constant } from '../tensor.js';
import { cannot, type Live, live, planes, shaped } from '../values.js';
import { liveInput } from './rule.js';

const isLine = (call: NodeCall): boolean => liveInput(call).shape.length === 3;

/** Two numbers for a plane; of a line, which is a plane of one row, the first is `otherwise`'s. */
export function pairOf(call: NodeCall, name: string, otherwise: Pair): Pair {
  const found = call.ints(name);
  if (found === undefined) return otherwise;
  const [line, plane] = [isLine(call), found.length];
  if (plane !== (line ? 1 : 2)) cannot(`${name} must be ${line ? 'a number of a line' : 'two numbers of a plane'}, not ${plane}`);
  return (line ? [otherwise[0], found[0]] : found) as unknown as Pair;
}

/** @throws Inexpressible if `kernel_shape` is another than a filter's */
export function checkKernel(call: NodeCall, { shape }: Pick<Constant, 'shape'>): void {
  const stated = call.ints('kernel_shape');
  if (stated !== undefined && !sameShape(stated, shape.slice(2)))
    cannot(`kernel_shape ${showShape(stated)} is not that of the filter, ${showShape(shape)}`);
}

/** A value as planes: [N, C, L] as planes of one row. */
export function asPlanes(x: Live): Value {
  const [N = 1, C = 1, L = 1] = x.shape;
  if (x.shape.length === 3) return shaped(x, [N, C, 1, L]);
  return planes(x);
}

/** Planes as what they were made of: of three axes without the row. */
export const likewise = (value: Value, { shape }: Live): Live =>
  live(value, shape.length === 3 ? [value.shape[0] as number, value.shape[1] as number, value.shape[3] as number] : value.shape);

/** The plane that a value of three or four axes has. */
export const planeOf = ({ shape }: Live): Pair => (shape.length === 3 ? [1, shape[2] as number] : (shape.slice(2) as unknown as Pair));

/** `pads` as [top, right, bottom, left]. */
export function padsOf(call: NodeCall): Box {
  const pads = call.ints('pads');
  if (pads === undefined) return [0, 0, 0, 0];
  if (Math.min(...pads) < 0) cannot('negative pads, which cut, are not known');
  const line = isLine(call);
  if (pads.length !== (line ? 2 : 4))
    cannot(`pads must be ${line ? 'two numbers of a line' : 'four numbers of a plane'}, not ${pads.length}`);
  if (line) return [0, pads[1] as number, 0, pads[0] as number];
  const [top, left, bottom, right] = pads as readonly [number, number, number, number];
  return [top, right, bottom, left];
}

/** What `auto_pad` or `pads` come to, as [top, right, bottom, left], for windows of `reach` cells on a plane. */
export function paddingOf(call: NodeCall, plane: Pair, reach: Pair, stride: Pair): Box {
  const mode = call.text('auto_pad', 'NOTSET');
  if (mode === 'NOTSET' || mode === '') return padsOf(call);
  if (mode === 'VALID') return [0, 0, 0, 0];
  if (mode !== 'SAME_UPPER' && mode !== 'SAME_LOWER') return cannot(`auto_pad ${mode.slice(0, 40)} is not known`);
  const sides = ([0, 1] as const).map((axis) => {
    const total = Math.max((Math.ceil(plane[axis] / stride[axis]) - 1) * stride[axis] + reach[axis] - plane[axis], 0);
    const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
    return mode === 'SAME_UPPER' ? [less, more] : [more, less];
  });
  const [[top, bottom], [left, right]] = sides as unknown as readonly [Pair, Pair];
  return [top, right, bottom, left];
}
