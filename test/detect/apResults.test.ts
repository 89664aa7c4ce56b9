import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CocoDetection } from '../../src/detect/ap/coco.js';
import { DetectionColumns, readDetection } from '../../src/detect/ap/detectionColumns.js';
import { readDetections } from '../../src/detect/ap/files.js';
import { groundTruthOf } from '../../src/detect/ap/groundTruth.js';
import { cocoResults } from '../../src/detect/ap/results.js';

const images = [{ id: 9 }, { id: -4 }, { id: 70 }];
const categories = [
  { id: 90, name: 'a' },
  { id: 1, name: 'b' },
];
const truth = groundTruthOf({ images, annotations: [], categories });

async function written(detections: readonly CocoDetection[]): Promise<Buffer> {
  const columns = new DetectionColumns();
  for (const detection of detections) readDetection(detection, '', truth, columns);
  const parts: Uint8Array[] = [];
  for await (const part of cocoResults(truth, columns)) parts.push(part);
  return Buffer.concat(parts);
}

const side = (min: number) => fc.double({ min, max: 1e6, noNaN: true });
const detection: fc.Arbitrary<CocoDetection> = fc.record({
  image_id: fc.constantFrom(...images.map(({ id }) => id)),
  category_id: fc.constantFrom(...categories.map(({ id }) => id)),
  bbox: fc.tuple(side(-50), side(-50), side(0), side(0)),
  score: fc.double({ min: 0, max: 1, noNaN: true }),
});

/** JSON writes −0 as 0. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('what is written is a JSON list in the order of the detections, which readDetections reads', async () => {
  const check = async (detections: readonly CocoDetection[]): Promise<void> => {
    const bytes = await written(detections);
    expect(JSON.parse(bytes.toString())).toEqual(plain(detections));
    expect(readDetections(bytes, truth).length).toBe(detections.length);
  };
  await fc.assert(fc.asyncProperty(fc.array(detection, { maxLength: 20 }), check));
  const one: CocoDetection = { image_id: 9, category_id: 1, bbox: [1, 2, 3, 4], score: 0.5 };
  for (const length of [999, 1000, 1001, 2000]) await check(Array.from({ length }, (_, i) => ({ ...one, score: i / 2000 })));
});
