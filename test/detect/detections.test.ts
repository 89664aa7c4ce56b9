import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBoxes, detectionWeights } from '../../src/detect/boxCoder.js';
import { type DetectionRule, detectionRule, selectDetections } from '../../src/detect/detections.js';
import { nms } from '../../src/detect/nms.js';
import { InputError, ShapeError } from '../../src/errors.js';
import { seeded, seeds } from '../support/arbitraries.js';
import { anyBoxes, rowsOf } from './drawn.js';

const image = [60, 90] as const;

/** Every pair of proposal and class as an object. */
function slow(logits: Float64Array, deltas: Float64Array, proposals: Float64Array, classes: number, rule: DetectionRule) {
  const decoded = rowsOf(decodeBoxes(deltas, proposals, detectionWeights));
  const pairs = decoded.flatMap(([x1, y1, x2, y2], at) => {
    const row = [...logits.subarray(at - (at % classes), at - (at % classes) + classes)];
    const largest = Math.max(...row);
    const score = Math.exp((logits[at] as number) - largest) / row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
    const into = (value: number, extent: number): number => Math.min(Math.max(value, 0), extent);
    const box = [into(x1, 90), into(y1, 60), into(x2, 90), into(y2, 60)] as const;
    const large = Math.fround(box[2] - box[0]) >= rule.leastSide && Math.fround(box[3] - box[1]) >= rule.leastSide;
    return at % classes > 0 && Math.fround(score) > Math.fround(rule.scoreThreshold) && large ? [{ box, score, label: at % classes }] : [];
  });
  const kept = Array.from({ length: classes }, (_, label) => {
    const mine = pairs.filter((pair) => pair.label === label);
    const { keep } = nms(
      Float64Array.from(mine.flatMap(({ box }) => [...box])),
      Float64Array.from(mine, ({ score }) => score),
      rule.nmsThreshold,
    );
    return [...keep].map((i) => mine[i] as (typeof mine)[number]);
  }).flat();
  return kept.sort((a, b) => b.score - a.score || pairs.indexOf(a) - pairs.indexOf(b)).slice(0, rule.most);
}

const rules = fc.record({
  scoreThreshold: fc.constantFrom(0, 0.05, 0.3),
  nmsThreshold: fc.constantFrom(0.3, 0.5),
  most: fc.nat(12),
  leastSide: fc.constantFrom(0, 1, 16),
});

test('the selection is the obvious one', () => {
  fc.assert(
    fc.property(fc.nat(12), fc.integer({ min: 1, max: 5 }), rules, seeds(), (count, classes, rule, seed) => {
      const proposals = anyBoxes(count, seed);
      const logits = Float64Array.from(seeded([count, classes], seed + 1).data, (value) => Math.round(4 * value)); // with ties
      const deltas = Float64Array.from(seeded([count, 4 * classes], seed + 2).data, (value) => 4 * value);
      const found = selectDetections(logits, deltas, proposals, image, rule);
      const expected = slow(logits, deltas, proposals, classes, rule);
      expect(rowsOf(found.boxes)).toEqual(expected.map(({ box }) => box));
      expect([...found.scores]).toEqual(expected.map(({ score }) => score));
      expect([...found.labels]).toEqual(expected.map(({ label }) => label));
      expect(found.dropped).toBe(0);
    }),
  );
});

test('logits and deltas that are not finite lose their proposal or box, and are counted', () => {
  const proposals = Float64Array.of(0, 0, 10, 10, 20, 20, 40, 40);
  const select = (logits: readonly number[], deltas: readonly (readonly [at: number, value: number])[]) => {
    const all = new Float64Array(24);
    for (const [at, value] of deltas) all[at] = value;
    const { labels, dropped } = selectDetections(Float64Array.from(logits), all, proposals, image);
    return { labels: [...labels], dropped };
  };
  const logits = [0, 1, 1, 0, 1, 1];
  expect(select(logits, [])).toEqual({ labels: [1, 2, 1, 2], dropped: 0 });
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(select([0, wrong, 1, 0, 1, 1], [])).toEqual({ labels: [1, 2], dropped: 2 });
    expect(select(logits, [[4, wrong]])).toEqual({ labels: [2, 1, 2], dropped: 1 });
    expect(select(logits, [[0, wrong]])).toEqual({ labels: [1, 2, 1, 2], dropped: 0 }); // the background's
    expect(select([0, -9, 1, 0, 1, 1], [[4, wrong]])).toEqual({ labels: [2, 1, 2], dropped: 0 }); // of too low a score
  }
  // a logit of −∞ is a probability of 0
  expect(select([0, Number.NEGATIVE_INFINITY, 1, 0, 1, 1], [])).toMatchObject({ dropped: 0 });
  expect(select([0, Number.NEGATIVE_INFINITY, 1, 0, 1, 1], []).labels).toHaveLength(3);
});

test('a score equal to the threshold goes, compared in float32', () => {
  const select = (scoreThreshold: number, ...logits: readonly number[]): number =>
    selectDetections(Float64Array.from(logits), new Float64Array(4 * logits.length), Float64Array.of(0, 0, 10, 10), image, {
      ...detectionRule,
      scoreThreshold,
    }).scores.length;
  // four equal logits: 0.25
  expect([0.25, 0.25 - 2 ** -30, 0.25 - 2 ** -24].map((threshold) => select(threshold, 0, 0, 0, 0))).toEqual([0, 0, 3]);
  // the last one's score is above 0.25 in float64, and 0.25 in float32
  expect([2 ** -28, 2 ** -20].map((more) => select(0.25, 0, 0, 0, more))).toEqual([0, 1]);
});

test('what does not fit together is refused', () => {
  const select = (logits: number, deltas: number, proposals: number, rule: Partial<DetectionRule> = {}) =>
    selectDetections(new Float64Array(logits), new Float64Array(deltas), new Float64Array(proposals), image, { ...detectionRule, ...rule });
  for (const [logits, deltas, proposals] of [
    [2, 8, 5],
    [3, 12, 8],
    [2, 7, 4],
    [2, 8, 0],
    [0, 4, 4],
  ] as const)
    expect(() => select(logits, deltas, proposals), `${logits}, ${deltas}, ${proposals}`).toThrow(ShapeError);
  for (const rule of [{ most: -1 }, { most: 1.5 }, { scoreThreshold: Number.NaN }, { nmsThreshold: Number.NaN }, { leastSide: Number.NaN }])
    expect(() => select(2, 8, 4, rule), JSON.stringify(rule)).toThrow(InputError);
  expect(select(0, 0, 0)).toMatchObject({ dropped: 0, labels: new Int32Array(0) });
  expect(select(0, 0, 4)).toMatchObject({ dropped: 0, labels: new Int32Array(0) });
});
