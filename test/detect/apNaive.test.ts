import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CocoBox, CocoDetection, CocoGroundTruth } from '../../src/detect/ap/coco.js';
import { averagePrecision } from '../../src/detect/ap/createAp.js';
import { naiveSummary } from './naive.js';
import { published, random } from './oracle.js';

const limit = 1e-12; // the oracle's

/** Few places, sides and scores, so that much is equal; sides about the ends of the ranges of areas. */
const bbox: fc.Arbitrary<CocoBox> = fc.tuple(
  fc.integer({ min: 0, max: 12 }).map((x) => 4 * x),
  fc.integer({ min: 0, max: 3 }).map((y) => 4 * y),
  fc.constantFrom(0, 16, 20, 31.5, 32, 96, 97),
  fc.constantFrom(16, 20, 31.5, 32, 96, 97),
);
const ids = { image_id: fc.integer({ min: 1, max: 3 }), category_id: fc.integer({ min: 1, max: 2 }) };
const annotation = fc.record({
  ...ids,
  bbox,
  area: fc.option(fc.constantFrom(0, 500, 1024, 1025, 9216, 9217, 1e10 + 1)),
  iscrowd: fc.constantFrom(0, 0, 0, 1),
});
const detection = fc.record({ ...ids, bbox, score: fc.constantFrom(0.1, 0.5, 0.5000001, 0.9) });

const drawn: fc.Arbitrary<readonly [CocoGroundTruth, readonly CocoDetection[]]> = fc
  .tuple(fc.array(annotation, { maxLength: 12 }), fc.array(detection, { maxLength: 20 }))
  .map(([annotations, detections]) => [
    {
      images: [{ id: 3 }, { id: 1 }, { id: 2 }],
      categories: [
        { id: 2, name: 'two' },
        { id: 1, name: 'one' },
      ],
      annotations: annotations.map((one, i) => ({
        ...one,
        id: i + 1,
        area: one.area ?? one.bbox[2] * one.bbox[3],
        iscrowd: one.iscrowd as 0 | 1,
      })),
    },
    detections,
  ]);

function expectClose(found: readonly number[], expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) expect(Math.abs((found[i] as number) - value)).toBeLessThanOrEqual(limit);
}

test('the twelve numbers are those of the rules, taken one by one', () => {
  fc.assert(
    fc.property(drawn, ([truth, detections]) => {
      expectClose(averagePrecision(truth, detections).summary, naiveSummary(truth, detections));
    }),
  );
});

test("the rules, taken one by one, give pycocotools' numbers", () => {
  const known = [published, ...random].filter(({ groundTruth: { annotations } }) => annotations.every(({ id }) => id !== 0));
  expect(known.length).toBeGreaterThan(30);
  for (const { groundTruth, detections, summary } of known.filter(({ detections }) => detections.length < 100))
    expectClose(naiveSummary(groundTruth, detections), summary);
});
