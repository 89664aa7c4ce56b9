import { showShape } from '../../errors.js';
import type { NodeCall } from '../arguments.js';
import { cannot, type Live, rearranged } from '../values.js';
import { liveInput, type Rule, type Rules } from './rule.js';

/** The block of a DepthToSpace or SpaceToDepth, and the plane. */
function blockOf(call: NodeCall): { readonly x: Live; readonly b: number; readonly extents: readonly [number, number, number, number] } {
  const x = liveInput(call);
  const b = call.int('blocksize', 0);
  if (x.shape.length !== 4 || b < 1) cannot(`blocks of ${b} of ${showShape(x.shape)}`);
  return { x, b, extents: x.shape as readonly number[] as readonly [number, number, number, number] };
}

const depthToSpace: Rule = (call) => {
  const {
    x,
    b,
    extents: [N, C, H, W],
  } = blockOf(call);
  if (C % b ** 2 !== 0) cannot(`${C} channels are no blocks of ${b}`);
  const c = C / b ** 2;
  const isColumnsFirst = call.text('mode', 'DCR') === 'CRD';
  const view = isColumnsFirst ? [N, c, b, b, H, W] : [N, b, b, c, H, W];
  const order = isColumnsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  return rearranged(x, { view, order }, [N, c, H * b, W * b]);
};

const spaceToDepth: Rule = (call) => {
  const {
    x,
    b,
    extents: [N, C, H, W],
  } = blockOf(call);
  if (H % b !== 0 || W % b !== 0) cannot(`a plane of ${H} x ${W} has no blocks of ${b}`);
  return rearranged(x, { view: [N, C, H / b, b, W / b, b], order: [0, 3, 5, 1, 2, 4] }, [N, C * b ** 2, H / b, W / b]);
};

export const blocks = { DepthToSpace: depthToSpace, SpaceToDepth: spaceToDepth } satisfies Rules;
