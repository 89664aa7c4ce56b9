import type { Box, Pair } from '../../ops/op.js';
import type { NodeCall } from '../arguments.js';
import { cannot } from '../values.js';

export function pairOf(call: NodeCall, name: string, otherwise: Pair): Pair {
  const found = call.ints(name) ?? otherwise;
  if (found.length !== 2) cannot(`${name} must be two numbers: only planes are known`);
  return found as unknown as Pair;
}

/** What `auto_pad` or `pads` come to, as [top, right, bottom, left], for windows of `reach` cells on a plane. */
export function paddingOf(call: NodeCall, plane: Pair, reach: Pair, stride: Pair): Box {
  const mode = call.text('auto_pad', 'NOTSET');
  if (mode === 'NOTSET' || mode === '') {
    const pads = call.ints('pads') ?? [0, 0, 0, 0];
    if (pads.length !== 4) cannot('pads must be four numbers: only planes are known');
    const [top, left, bottom, right] = pads as readonly [number, number, number, number];
    if (Math.min(...pads) < 0) cannot('negative pads, which cut, are not known');
    return [top, right, bottom, left];
  }
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
