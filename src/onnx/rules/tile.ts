import { showShape } from '../../errors.js';
import { sameShape } from '../../tensor.js';
import { cannot, rearranged, spendCells } from '../values.js';
import { liveInput, type Rule, type Rules } from './rule.js';
import { upFrom } from './views.js';

const tile: Rule = (call) => {
  const x = liveInput(call);
  const repeats = [...(call.constant(1, 'the repeats') ?? cannot('the repeats are missing')).data];
  if (repeats.length !== x.shape.length || repeats.some((count) => count < 1))
    cannot(`repeats ${showShape(repeats)} are not one for each axis`);
  const shape = x.shape.map((extent, axis) => extent * (repeats[axis] as number));
  if (sameShape(shape, x.shape)) return x;
  spendCells(
    x,
    shape.reduce((sum, extent) => sum + extent, 0),
  );
  const cells = x.shape.map((extent, axis) => (repeats[axis] === 1 ? null : upFrom(0, shape[axis] as number).map((i) => i % extent)));
  const tiled = rearranged(x, { cells }, shape);
  return x.shape.every((extent, axis) => extent === 1 || repeats[axis] === 1) ? { ...tiled, repeats: x } : tiled;
};

export const tiles = { Tile: tile } satisfies Rules;
