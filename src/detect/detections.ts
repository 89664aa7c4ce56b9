import { InputError, ShapeError } from '../errors.js';
import { decodeBox, detectionWeights } from './boxCoder.js';
import { boxesOfSide, checkLimit, clipBoxes, countBoxes, type Floats, finiteBoxes, pick, type Size, takeBoxes } from './boxes.js';
import { nms } from './nms.js';

/** How detections are selected. */
export interface DetectionRule {
  /** Only greater scores stay. */
  readonly scoreThreshold: number;
  /** Of the IoU within each class. */
  readonly nmsThreshold: number;
  /** How many of all classes together are kept. */
  readonly most: number;
  /** In pixels, after clipping; a side equal to it stays. */
  readonly leastSide: number;
}

/** torchvision's for all its Faster R-CNNs. */
export const detectionRule: DetectionRule = { scoreThreshold: 0.05, nmsThreshold: 0.5, most: 100, leastSide: 0.01 };

/** An image's detections, in order of score. */
export interface Detections {
  /** In the resized image: `restoreBoxes` gives those of the original. */
  readonly boxes: Float64Array;
  /** Probabilities. */
  readonly scores: Float64Array;
  /** Classes, from 1: class 0 is the background. */
  readonly labels: Int32Array;
  /** How many pairs of proposal and class were left out: their score is not finite, or it is above the threshold and their box is not finite. */
  readonly dropped: number;
}

/**
 * What the second stage's class logits and box deltas say of an image (torchvision's `postprocess_detections`). Scores are a softmax over all classes; the
 * background's are left out, and those not greater than the threshold. Every class has its own box of each proposal. Boxes are clipped, small ones go, each
 * class has its non-maximum suppression, and the best of all classes remain. Of equal scores, the earlier proposal comes first, then the lower class.
 *
 * @param logits [proposals, classes]
 * @param deltas [proposals, classes · 4]
 * @param proposals [proposals, 4], in the resized image
 * @param image the resized image's size, before padding
 * @param suppress with a stopwatch, where it is timed
 * @throws ShapeError for lengths that do not fit together; InputError for a rule that cannot be
 */
export function selectDetections(
  logits: Floats,
  deltas: Floats,
  proposals: Float64Array,
  image: Size,
  rule: DetectionRule = detectionRule,
  suppress = nms,
): Detections {
  const count = countBoxes('detections', proposals);
  const classes = count === 0 ? 0 : logits.length / count;
  if (!Number.isInteger(classes) || logits.length !== count * classes || deltas.length !== 4 * logits.length)
    throw new ShapeError('detections: one logit and four deltas per proposal and class', {
      proposals: [count, 4],
      logits: [logits.length],
      deltas: [deltas.length],
    });
  checkRule(rule);

  const { indices, scores: likely, notFinite } = likelyPairs(logits, classes, rule.scoreThreshold);
  const decoded = new Float64Array(4 * indices.length);
  for (let i = 0; i < indices.length; i++) {
    const at = indices[i] as number;
    decodeBox(deltas, 4 * at, proposals, 4 * Math.floor(at / classes), detectionWeights, decoded, 4 * i);
  }

  const finite = finiteBoxes(decoded, likely);
  const clipped = clipBoxes(takeBoxes(decoded, finite), image);
  const large = boxesOfSide(clipped, rule.leastSide);
  const candidates = pick(finite, large);
  const boxes = takeBoxes(clipped, large);
  const scores = pick(likely, candidates);
  const labels = pick(indices, candidates).map((at) => at % classes);

  const best = suppress(boxes, scores, rule.nmsThreshold, labels, rule.most).keep;
  const dropped = notFinite + indices.length - finite.length;
  return { boxes: takeBoxes(boxes, best), scores: pick(scores, best), labels: pick(labels, best), dropped };
}

/** Pairs of a proposal and another class than the background. */
interface Pairs {
  /** Their places in [proposals, classes], ascending. */
  readonly indices: Int32Array;
  readonly scores: Float64Array;
  /** How many of all pairs have a score that is not finite. */
  readonly notFinite: number;
}

/** Those whose score is greater than the threshold, both in float32. Scores are each proposal's softmax, exp(x − max) / Σ exp(x − max). */
function likelyPairs(logits: Floats, classes: number, threshold: number): Pairs {
  const limit = Math.fround(threshold);
  const indices = new Int32Array(logits.length);
  const scores = new Float64Array(logits.length);
  const powers = new Float64Array(classes);
  let found = 0;
  let notFinite = 0;
  for (let row = 0; row < logits.length; row += classes) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[row + c] as number);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += powers[c] = Math.exp((logits[row + c] as number) - largest);
    for (let c = 1; c < classes; c++) {
      const score = (powers[c] as number) / sum;
      if (!Number.isFinite(score)) notFinite++;
      else if (Math.fround(score) > limit) {
        indices[found] = row + c;
        scores[found++] = score;
      }
    }
  }
  return { indices: indices.slice(0, found), scores: scores.slice(0, found), notFinite };
}

function checkRule({ scoreThreshold, most }: DetectionRule): void {
  checkLimit('detections: the score threshold', scoreThreshold);
  if (!Number.isSafeInteger(most) || most < 0) throw new InputError(`detections: most must be a whole number from 0, not ${most}`);
}
