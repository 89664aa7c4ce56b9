import { InputError } from '../errors.js';
import {
  boxesOfSide,
  checkLimit,
  checkOnePerBox,
  clipBoxes,
  countBoxes,
  type Floats,
  finiteBoxes,
  pick,
  type Size,
  takeBoxes,
} from './boxes.js';
import { nms } from './nms.js';
import { bestOf } from './order.js';

/** How the region proposal network selects. */
export interface ProposalRule {
  /** How many of each level are looked at, by logit. */
  readonly preNms: number;
  /** How many of all levels together are kept. */
  readonly postNms: number;
  /** Of the IoU on each level. */
  readonly nmsThreshold: number;
  /** A score equal to it stays, unlike that of a detection. */
  readonly scoreThreshold: number;
  /** In pixels, after clipping; a side equal to it stays. */
  readonly leastSide: number;
}

/** torchvision's for `fasterrcnn_resnet50_fpn`, in inference. */
export const proposalRule: ProposalRule = { preNms: 1000, postNms: 1000, nmsThreshold: 0.7, scoreThreshold: 0, leastSide: 1e-3 };

/** An image's proposals, in order of score. */
export interface Proposals {
  readonly boxes: Float64Array;
  /** The logits' sigmoids. */
  readonly scores: Float64Array;
  /** The level of the pyramid that made each, 0 being the finest. */
  readonly levels: Int32Array;
  /** How many of all boxes were left out, since a number of the box or its logit is not finite. */
  readonly dropped: number;
}

/**
 * What the region proposal network selects of one image's boxes (Ren 2015, arXiv:1506.01497; torchvision's `filter_proposals`). Each level keeps its first
 * `preNms` by logit; these are clipped; small ones and low scores go; each level has its non-maximum suppression; the best `postNms` of all remain. Boxes or
 * logits that are not finite are dropped before all that, and take nobody's place.
 *
 * @param boxes decoded, in the order of the anchors
 * @param logits [boxes]
 * @param counts how many boxes each level has, the finest first
 * @param image the size before padding
 * @throws ShapeError for lengths that do not fit together; InputError for a rule that cannot be
 */
export function selectProposals(
  boxes: Float64Array,
  logits: Floats,
  counts: readonly number[],
  image: Size,
  rule: ProposalRule = proposalRule,
): Proposals {
  const total = countBoxes('proposals', boxes);
  checkOnePerBox('proposals', 'logits', logits, total);
  const candidates = { finite: finiteBoxes(boxes, logits), take: (indices: Int32Array) => takeBoxes(boxes, indices) };
  return selectCandidates(candidates, logits, counts, image, rule);
}

/** Boxes that are decoded when they are asked for, which few of all anchors' are. */
export interface Candidates {
  /** The indices of those whose four numbers and logit are finite, ascending. */
  readonly finite: Int32Array;
  /** The boxes at these indices, in that order. */
  readonly take: (indices: Int32Array) => Float64Array;
}

/** The same of boxes that are not decoded yet. @param suppress with a stopwatch, where it is timed */
export function selectCandidates(
  { finite, take }: Candidates,
  logits: Floats,
  counts: readonly number[],
  image: Size,
  rule: ProposalRule,
  suppress = nms,
): Proposals {
  checkCounts(counts, logits.length);
  checkRule(rule);
  const first = bestPerLevel(logits, finite, counts, rule.preNms);
  const clipped = clipBoxes(take(first.indices), image);
  const scores = Float64Array.from(first.indices, (i) => 1 / (1 + Math.exp(-(logits[i] as number))));

  const limit = Math.fround(rule.scoreThreshold);
  const large = boxesOfSide(clipped, rule.leastSide).filter((i) => Math.fround(scores[i] as number) >= limit);
  const { keep } = suppress(takeBoxes(clipped, large), pick(scores, large), rule.nmsThreshold, pick(first.levels, large), rule.postNms);
  const best = pick(large, keep);
  const dropped = logits.length - finite.length;
  return { boxes: takeBoxes(clipped, best), scores: pick(scores, best), levels: pick(first.levels, best), dropped };
}

/** Each level's first `most` by logit, level after level. `finite` ascends, so a level's indices lie side by side. */
function bestPerLevel(
  logits: Floats,
  finite: Int32Array,
  counts: readonly number[],
  most: number,
): { indices: Int32Array; levels: Int32Array } {
  const indices = new Int32Array(finite.length);
  const levels = new Int32Array(finite.length);
  let taken = 0;
  let from = 0;
  let end = 0; // the index behind the level's last box
  for (const [level, count] of counts.entries()) {
    end += count;
    let to = from;
    while (to < finite.length && (finite[to] as number) < end) to++;
    const best = bestOf(logits, finite.subarray(from, to), most);
    indices.set(best, taken);
    levels.fill(level, taken, taken + best.length);
    taken += best.length;
    from = to;
  }
  return { indices: indices.slice(0, taken), levels: levels.slice(0, taken) };
}

function checkCounts(counts: readonly number[], total: number): void {
  const whole = counts.every((count) => Number.isSafeInteger(count) && count >= 0);
  const sum = counts.reduce((all, count) => all + count, 0);
  if (!whole || sum !== total) throw new InputError(`proposals: levels of ${counts.join(', ')} boxes, but ${total} boxes`);
}

function checkRule({ preNms, postNms, scoreThreshold }: ProposalRule): void {
  for (const [name, most] of Object.entries({ preNms, postNms }))
    if (!Number.isSafeInteger(most) || most < 0) throw new InputError(`proposals: ${name} must be a whole number from 0, not ${most}`);
  checkLimit('proposals: the score threshold', scoreThreshold);
}
