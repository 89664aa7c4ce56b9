import { ShapeError } from '../errors.js';
import { decodeBox, proposalWeights } from './boxCoder.js';
import { checkOnePerBox, countBoxes, type Floats } from './boxes.js';
import type { Candidates } from './proposals.js';

/**
 * The boxes that a proposal head makes of anchors. Each is decoded when it is asked for: of 40,000 anchors of a small image that is one in ten.
 *
 * @param deltas [anchors, 4]
 * @param logits [anchors]
 * @throws ShapeError for lengths that do not fit together
 */
export function anchorBoxes(deltas: Floats, logits: Floats, anchors: Float64Array): Candidates {
  const count = countBoxes('proposals', anchors);
  checkOnePerBox('proposals', 'logits', logits, count);
  if (deltas.length !== anchors.length)
    throw new ShapeError('proposals: four deltas per box', { boxes: [count, 4], deltas: [deltas.length] });
  const box = new Float64Array(4);
  const makesFinite = (i: number): boolean => {
    if (!Number.isFinite(logits[i])) return false;
    const moved = Math.abs(deltas[4 * i] as number) + Math.abs(deltas[4 * i + 1] as number);
    const grown = (deltas[4 * i + 2] as number) + (deltas[4 * i + 3] as number);
    if (moved < far && Number.isFinite(grown)) return true;
    decodeBox(deltas, 4 * i, anchors, 4 * i, proposalWeights, box, 0);
    return box.every(Number.isFinite);
  };
  const finite = new Int32Array(count);
  let found = 0;
  for (let i = 0; i < count; i++) if (makesFinite(i)) finite[found++] = i;
  return {
    finite: finite.slice(0, found),
    take(indices) {
      const decoded = new Float64Array(4 * indices.length);
      indices.forEach((from, to) => {
        decodeBox(deltas, 4 * from, anchors, 4 * from, proposalWeights, decoded, 4 * to);
      });
      return decoded;
    },
  };
}

/** Deltas below it make finite boxes of any anchors on an image, so that these need not be decoded to see it. */
const far = 1e30;
