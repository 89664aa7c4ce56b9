import type { Pair } from '../../ops/op.js';
import type { NodeCall } from '../arguments.js';
import { cannot, live, planes } from '../values.js';
import { liveInput, type Rule, type Rules } from './rule.js';

/** Nearest cells, where they are those of ours: at i is what was at ⌊i · H / height⌋. */
const resize: Rule = (call, make) => {
  const x = planes(liveInput(call));
  const size = sizeAfter(call, x.shape);
  const shape = [...x.shape.slice(0, 2), ...size];
  const mode = call.text('mode', 'nearest');
  if (mode !== 'nearest') cannot(`mode ${mode.slice(0, 20)} is not known, only nearest`, shape);
  const isMultiple = size.every((extent, axis) => extent % (x.shape[axis + 2] as number) === 0);
  if (!isMultiple || !isOurs(call))
    cannot('of nearest cells only those of whole multiples are known, by asymmetric floor or by half pixels', shape);
  return live(make.emit('upsampleNearest', [x], { output: size }));
};

/** For whole multiples these place the same cells. */
function isOurs(call: NodeCall): boolean {
  if (call.node.op === 'Upsample' || call.opset < 11) return true;
  const place = call.text('coordinate_transformation_mode', 'half_pixel');
  const rounding = call.text('nearest_mode', 'round_prefer_floor');
  return place === 'asymmetric' ? rounding === 'floor' : place === 'half_pixel' && rounding.startsWith('round_prefer');
}

function sizeAfter(call: NodeCall, shape: readonly number[]): Pair {
  const sizes = call.node.op === 'Upsample' ? undefined : call.ints('sizes');
  const scales = sizes?.length ? undefined : call.numbers('scales');
  const wanted = sizes?.length ? sizes : scales?.map((scale, axis) => Math.floor((shape[axis] as number) * scale));
  if (wanted?.length !== 4 || wanted[0] !== shape[0] || wanted[1] !== shape[1])
    return cannot('only planes are resized, to sizes or by scales for four axes');
  return [wanted[2], wanted[3]] as unknown as Pair;
}

export const resizes: Rules = { Resize: resize, Upsample: resize };
