import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nms } from '../../src/detect/nms.js';
import { type ProposalRule, proposalRule, selectProposals } from '../../src/detect/proposals.js';
import { InputError, ShapeError } from '../../src/errors.js';
import { seeded, seeds } from '../support/arbitraries.js';
import { anyBoxes, rowsOf } from './drawn.js';

const image = [60, 90] as const;

/** Box by box, as objects: each level's first, clipped, suppressed among themselves, then all in order of score. */
function slow(boxes: Float64Array, logits: Float64Array, counts: readonly number[], rule: ProposalRule) {
  const all = rowsOf(boxes).map((box, index) => ({ box, index, logit: logits[index] as number }));
  let start = 0;
  const chosen = counts.flatMap((count, level) => {
    const mine = all.slice(start, start + count);
    start += count;
    const first = mine.sort((a, b) => b.logit - a.logit || a.index - b.index).slice(0, rule.preNms);
    const clipped = first
      .map(({ box: [x1, y1, x2, y2], logit }) => {
        const into = (value: number, extent: number): number => Math.min(Math.max(value, 0), extent);
        return { box: [into(x1, 90), into(y1, 60), into(x2, 90), into(y2, 60)] as const, score: 1 / (1 + Math.exp(-logit)), level };
      })
      .filter(({ box: [x1, y1, x2, y2], score }) => Math.min(x2 - x1, y2 - y1) >= rule.leastSide && score >= rule.scoreThreshold);
    const { keep } = nms(
      Float64Array.from(clipped.flatMap(({ box }) => [...box])),
      Float64Array.from(clipped, ({ score }) => score),
      rule.nmsThreshold,
    );
    return [...keep].map((i) => clipped[i] as (typeof clipped)[number]);
  });
  return chosen.sort((a, b) => b.score - a.score).slice(0, rule.postNms);
}

const rules = fc.record({
  preNms: fc.nat(12),
  postNms: fc.nat(20),
  nmsThreshold: fc.constantFrom(0.3, 0.5, 0.7),
  scoreThreshold: fc.constantFrom(0, 0.5),
  leastSide: fc.constantFrom(0, 2, 8),
});
const levels = fc.array(fc.nat(15), { maxLength: 4 });

test('the selection is the obvious one', () => {
  fc.assert(
    fc.property(levels, rules, seeds(), (counts, rule, seed) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      const boxes = anyBoxes(total, seed).map(Math.round); // so that float32 does not matter
      const logits = Float64Array.from(seeded([total], seed + 1).data, (value) => Math.round(value * 8) / 2); // with ties
      const found = selectProposals(boxes, logits, counts, image, rule);
      const expected = slow(boxes, logits, counts, rule);
      expect(rowsOf(found.boxes)).toEqual(expected.map(({ box }) => box));
      expect([...found.scores]).toEqual(expected.map(({ score }) => score));
      expect([...found.levels]).toEqual(expected.map(({ level }) => level));
      expect(found.dropped).toBe(0);
    }),
  );
});

test('what is not finite is dropped, counted and takes nobody’s place', () => {
  fc.assert(
    fc.property(
      levels,
      rules,
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      seeds(),
      (counts, rule, wrong, seed) => {
        const total = counts.reduce((sum, count) => sum + count, 0);
        const boxes = anyBoxes(total, seed);
        const logits = seeded([total], seed + 1).data;
        const mixed = Float64Array.from(rowsOf(boxes).flatMap(([x1, y1, x2, y2]) => [x1, y1, x2, wrong, x1, y1, x2, y2, x1, y1, x2, y2]));
        const mixedLogits = Float32Array.from([...logits].flatMap((logit) => [9, wrong, logit]));
        const found = selectProposals(
          mixed,
          mixedLogits,
          counts.map((count) => 3 * count),
          image,
          rule,
        );
        expect(found).toEqual({ ...selectProposals(boxes, logits, counts, image, rule), dropped: 2 * total });
      },
    ),
  );
});

test('a level’s first are chosen before clipping, and make room for nobody', () => {
  const boxes = Float64Array.of(200, 0, 210, 10, 0, 0, 10, 10, 20, 20, 30, 30);
  const found = selectProposals(boxes, Float64Array.of(3, 2, 1), [3], image, { ...proposalRule, preNms: 2 });
  expect(rowsOf(found.boxes)).toEqual([[0, 0, 10, 10]]); // the best lies outside the image, the third was not looked at
});

test('levels do not meet, and the most are of all together', () => {
  const boxes = Float64Array.of(0, 0, 10, 10, 0, 0, 10, 10, 0, 0, 10, 10);
  const found = selectProposals(boxes, Float64Array.of(1, 2, 3), [1, 1, 1], image, { ...proposalRule, postNms: 2 });
  expect([...found.levels]).toEqual([2, 1]);
});

test('a score equal to the threshold stays, compared in float32', () => {
  const boxes = Float64Array.of(0, 0, 10, 10);
  const select = (scoreThreshold: number): number =>
    selectProposals(boxes, Float64Array.of(0), [1], image, { ...proposalRule, scoreThreshold }).scores.length;
  expect([select(0.5), select(0.5 + 2 ** -30), select(0.5 + 2 ** -23)]).toEqual([1, 1, 0]);
});

test('what does not fit together is refused', () => {
  const select = (boxes: number, logits: number, counts: readonly number[], rule: Partial<ProposalRule> = {}) =>
    selectProposals(new Float64Array(boxes), new Float64Array(logits), counts, image, { ...proposalRule, ...rule });
  expect(() => select(6, 1, [1])).toThrow(ShapeError);
  expect(() => select(8, 3, [2])).toThrow(ShapeError);
  for (const counts of [[1], [3], [3, -1], [1.5, 0.5], []]) expect(() => select(8, 2, counts), counts.join()).toThrow(InputError);
  for (const rule of [{ preNms: -1 }, { postNms: 0.5 }, { scoreThreshold: Number.NaN }, { leastSide: Number.NaN }, { nmsThreshold: -1 }])
    expect(() => select(8, 2, [2], rule), JSON.stringify(rule)).toThrow(InputError);
  expect(() => selectProposals(new Float64Array(0), new Float64Array(0), [], [0, 5])).toThrow(InputError);
  expect(select(0, 0, [])).toMatchObject({ dropped: 0, scores: new Float64Array(0) });
});
