import { InputError, ShapeError } from '../errors.js';
import { countBoxes, type Floats } from './boxes.js';

/** What dx, dy, dw, dh are multiplied by in training, so that all four vary alike. */
export type CoderWeights = readonly [dx: number, dy: number, dw: number, dh: number];

/** torchvision's: of the proposals that the RPN makes of anchors, and of the boxes that the second stage makes of proposals. */
export const proposalWeights: CoderWeights = [1, 1, 1, 1];
export const detectionWeights: CoderWeights = [10, 10, 5, 5];

/** The most that a side's logarithm may grow by: a box becomes at most 1000 / 16 times as wide. There is no lower limit. */
const mostGrowth = Math.log(1000 / 16);

/**
 * The boxes that deltas (dx, dy, dw, dh) make of others (Ren 2015, arXiv:1506.01497, equation 2; torchvision's `BoxCoder.decode`): the centre moves by
 * (dx / wx · width, dy / wy · height), and sides are multiplied by exp(dw / ww) and exp(dh / wh). Widths have no + 1.
 *
 * @param deltas [boxes, classes · 4]: how many classes follows from the lengths
 * @returns [boxes, classes · 4]
 * @throws ShapeError unless there is the same number of fours for each box
 */
export function decodeBoxes(deltas: Floats, boxes: Float64Array, weights: CoderWeights): Float64Array {
  const count = countBoxes('decode', boxes);
  checkWeights(weights);
  const classes = count === 0 ? 0 : deltas.length / boxes.length;
  if (!Number.isInteger(classes) || (count === 0 && deltas.length > 0))
    throw new ShapeError('decode: four deltas per box and class', { boxes: [count, 4], deltas: [deltas.length] });
  const decoded = new Float64Array(deltas.length);
  for (let i = 0; i < count; i++)
    for (let c = 0; c < classes; c++) {
      const at = 4 * (i * classes + c);
      decodeBox(deltas, at, boxes, 4 * i, weights, decoded, at);
    }
  return decoded;
}

/** One box: the four numbers from `delta`, `box` and `at` on. */
export function decodeBox(
  deltas: Floats,
  delta: number,
  boxes: Float64Array,
  box: number,
  [wx, wy, ww, wh]: CoderWeights,
  decoded: Float64Array,
  at: number,
): void {
  const x1 = boxes[box] as number;
  const y1 = boxes[box + 1] as number;
  const width = (boxes[box + 2] as number) - x1;
  const height = (boxes[box + 3] as number) - y1;
  const centreX = ((deltas[delta] as number) / wx) * width + (x1 + 0.5 * width);
  const centreY = ((deltas[delta + 1] as number) / wy) * height + (y1 + 0.5 * height);
  const halfWidth = 0.5 * (Math.exp(Math.min((deltas[delta + 2] as number) / ww, mostGrowth)) * width);
  const halfHeight = 0.5 * (Math.exp(Math.min((deltas[delta + 3] as number) / wh, mostGrowth)) * height);
  decoded[at] = centreX - halfWidth;
  decoded[at + 1] = centreY - halfHeight;
  decoded[at + 2] = centreX + halfWidth;
  decoded[at + 3] = centreY + halfHeight;
}

/**
 * The deltas that make `targets` of `boxes`, one each: what `decodeBoxes` undoes as long as no side grows beyond its limit.
 *
 * @throws ShapeError unless there is one target per box
 */
export function encodeBoxes(targets: Float64Array, boxes: Float64Array, weights: CoderWeights): Float64Array {
  const count = countBoxes('encode', boxes);
  checkWeights(weights);
  if (targets.length !== boxes.length) throw new ShapeError('encode: one target per box', { boxes: [count, 4], targets: [targets.length] });
  const [wx, wy, ww, wh] = weights;
  const deltas = new Float64Array(boxes.length);
  for (let i = 0; i < boxes.length; i += 4) {
    const [x, y, width, height] = centred(boxes, i);
    const [toX, toY, toWidth, toHeight] = centred(targets, i);
    deltas[i] = (wx * (toX - x)) / width;
    deltas[i + 1] = (wy * (toY - y)) / height;
    deltas[i + 2] = ww * Math.log(toWidth / width);
    deltas[i + 3] = wh * Math.log(toHeight / height);
  }
  return deltas;
}

function centred(boxes: Float64Array, at: number): readonly [number, number, number, number] {
  const [x1, y1, x2, y2] = boxes.subarray(at, at + 4) as unknown as readonly [number, number, number, number];
  return [x1 + 0.5 * (x2 - x1), y1 + 0.5 * (y2 - y1), x2 - x1, y2 - y1];
}

function checkWeights(weights: CoderWeights): void {
  if (weights.length !== 4 || !weights.every((weight) => Number.isFinite(weight) && weight > 0))
    throw new InputError(`a box coder's weights are four numbers above 0, not ${weights.join(', ')}`);
}
