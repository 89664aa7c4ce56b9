import type { Box, Pair } from '../../ops/op.js';
import type { NodeCall } from '../arguments.js';
import { cannot } from '../values.js';
import { filterOf } from './layers.js';
import { fixedInput, liveInput, type Rule, type Rules } from './rule.js';
import { asPlanes, likewise, padsOf, pairOf, planeOf } from './windows.js';

/** Pads before and after an axis, which output_shape or auto_pad ask for (ConvTranspose-11). */
function padsOfTransposed(call: NodeCall, natural: Pair): { readonly padding: Box; readonly plane: Pair } {
  const auto = call.text('auto_pad', 'NOTSET') || 'NOTSET';
  if (!['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(auto)) cannot(`auto_pad ${auto.slice(0, 40)} is not known`);
  const isSame = auto.startsWith('SAME');
  const given = call.ints('output_shape')?.slice(-2);
  const strides = pairOf(call, 'strides', [1, 1]);
  const x = planeOf(liveInput(call));
  const wanted = given === undefined ? undefined : given.length === 1 ? [1, given[0] as number] : given;
  if (wanted === undefined && !isSame) {
    const padding = auto === 'VALID' ? ([0, 0, 0, 0] as const) : padsOf(call);
    const [top, right, bottom, left] = padding;
    return { padding, plane: [natural[0] - top - bottom, natural[1] - left - right] };
  }
  const plane = (wanted ?? [x[0] * strides[0], x[1] * strides[1]]) as unknown as Pair;
  const sides = ([0, 1] as const).map((axis) => {
    const total = Math.max(natural[axis] - plane[axis], 0);
    const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
    return auto === 'SAME_UPPER' ? [less, more] : [more, less];
  });
  const [[top, bottom], [left, right]] = sides as unknown as readonly [Pair, Pair];
  return { padding: [top, right, bottom, left], plane };
}

const convTranspose: Rule = (call, make) => {
  const { x, weight, shape, stride, dilation, groups } = filterOf(call);
  const [, Og, P, Q] = shape;
  const more = pairOf(call, 'output_padding', [0, 0]);
  const from = planeOf(x);
  const natural = ([0, 1] as const).map(
    (axis) => stride[axis] * (from[axis] - 1) + more[axis] + ([P, Q][axis] as number) * dilation[axis] - dilation[axis] + 1,
  ) as unknown as Pair;
  const { padding, plane } = padsOfTransposed(call, natural);
  if (Math.min(...plane) < 1) cannot(`a plane of ${plane.join(' x ')} is none`);
  const y = make.emit('convTranspose2d', [asPlanes(x), make.param(weight, shape)], { stride, padding, dilation, groups, plane });
  if (call.inputs[2] === undefined) return likewise(y, x);
  const bias = fixedInput(call, 2, 'the bias').constant.data;
  if (bias.length !== Og * groups) cannot(`a bias of ${bias.length} values for ${Og * groups} outputs`);
  return likewise(make.affine(y, call.node.outputs[0] as string, { shift: [...bias] }), x);
};

export const transposedLayers = { ConvTranspose: convTranspose } satisfies Rules;
