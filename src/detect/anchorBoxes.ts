import { ShapeError } from '../errors.js';
import { type AnchorDeltas, allBelow } from './anchorDeltas.js';
import { decodeBox, proposalWeights } from './boxCoder.js';
import { checkOnePerBox, countBoxes, type Floats } from './boxes.js';
import type { Candidates } from './proposals.js';

/**
 * The boxes that a proposal head makes of anchors. Each is decoded when it is asked for: of 40,000 anchors of a small image that is one in ten.
 *
 * @param logits [anchors]
 * @throws ShapeError for lengths that do not fit together
 */
export function anchorBoxes(deltas: AnchorDeltas, logits: Floats, anchors: Float64Array): Candidates {
  const count = countBoxes('proposals', anchors);
  checkOnePerBox('proposals', 'logits', logits, count);
  if (deltas.count !== count) throw new ShapeError('proposals: four deltas per box', { boxes: [count, 4], deltas: [deltas.count, 4] });
  const moved = new Float64Array(4);
  const decode = (anchor: number, decoded: Float64Array, at: number): void => {
    deltas.read(anchor, moved);
    decodeBox(moved, 0, anchors, 4 * anchor, proposalWeights, decoded, at);
  };
  const harmless = allBelow(logits, Infinity) && deltas.below(far);
  const box = new Float64Array(4);
  const makesFinite = (anchor: number): boolean => {
    if (!Number.isFinite(logits[anchor])) return false;
    decode(anchor, box, 0);
    return box.every(Number.isFinite);
  };
  const finite = new Int32Array(count);
  let found = 0;
  for (let anchor = 0; anchor < count; anchor++) if (harmless || makesFinite(anchor)) finite[found++] = anchor;
  return {
    finite: finite.slice(0, found),
    take(indices) {
      const decoded = new Float64Array(4 * indices.length);
      for (let i = 0; i < indices.length; i++) decode(indices[i] as number, decoded, 4 * i);
      return decoded;
    },
  };
}

/** Deltas below it make finite boxes of any anchors on an image, so that these need not be decoded to see it. */
const far = 1e30;
