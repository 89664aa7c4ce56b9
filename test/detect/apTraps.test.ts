import { expect, test } from 'vitest';
import type { CocoAnnotation, CocoBox, CocoDetection } from '../../src/detect/ap/coco.js';
import { averagePrecision } from '../../src/detect/ap/createAp.js';
import { type MeasureName, measures } from '../../src/detect/ap/parameters.js';

/** Where implementations of COCO's metric go wrong, a case each. What is expected is worked out by hand. */

type Part<T> = Partial<T> & { readonly bbox: CocoBox };

/** Of one class on one image, unless it is said; scores fall along the list, unless they are said. */
function evaluate(
  objects: readonly Part<CocoAnnotation>[],
  found: readonly Part<CocoDetection>[],
  classes = 1,
): (name: MeasureName) => number {
  const annotations = objects.map((object, i) => ({
    id: i + 1,
    image_id: 1,
    category_id: 1,
    area: object.bbox[2] * object.bbox[3],
    ...object,
  }));
  const detections = found.map((detection, i) => ({ image_id: 1, category_id: 1, score: 1 - i / 1000, ...detection }));
  const categories = Array.from({ length: classes }, (_, k) => ({ id: k + 1, name: `class ${k + 1}` }));
  const { summary } = averagePrecision({ images: [{ id: 1 }, { id: 2 }, { id: 3 }], annotations, categories }, detections);
  return (name) => summary[Object.keys(measures).indexOf(name)] as number;
}

/** The oracle's limit: a precision of 1 is 1/(1 + 2⁻⁵²). */
const equal = (found: number, expected: number): void => expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-12);

const square: CocoBox = [0, 0, 10, 10];
const far: CocoBox = [500, 500, 10, 10];

test('boxes are x, y, width, height', () => {
  const of = evaluate([{ bbox: [10, 20, 30, 40] }], [{ bbox: [10, 20, 30, 40] }]);
  equal(of('AP'), 1);
  equal(evaluate([{ bbox: [10, 20, 30, 40] }], [{ bbox: [40, 20, 30, 40] }])('AP'), 0); // side by side
});

test('an IoU at a threshold matches: 50 of 100 at the first of ten, 60 of 100 at the first three', () => {
  const half = evaluate([{ bbox: square }], [{ bbox: [0, 0, 10, 5] }]);
  equal(half('AP'), 0.1);
  equal(half('AP50'), 1);
  equal(half('AP75'), 0);
  equal(half('AR100'), 0.1);
  equal(evaluate([{ bbox: square }], [{ bbox: [0, 0, 10, 6] }])('AP'), 0.3);
});

test('the ninth threshold is a bit below 0.9', () => {
  const [side, height] = [9.5, 8.55];
  const intersection = side * height;
  expect(intersection / (side * height + side * side - intersection)).toBe(0.8999999999999999);
  equal(evaluate([{ bbox: [0, 0, side, side] }], [{ bbox: [0, 0, side, height] }])('AP'), 0.9);
});

test("an object is small by its segmentation's area, a detection by its box", () => {
  const of = evaluate([{ bbox: [0, 0, 40, 40], area: 1000 }], [{ bbox: [0, 0, 40, 40] }]);
  equal(of('APsmall'), 1);
  expect(of('APmedium')).toBe(-1);
});

test('both ends of a range belong to it', () => {
  const of = evaluate(
    [
      { bbox: square, area: 1024 },
      { bbox: far, area: 9216 },
    ],
    [{ bbox: square }, { bbox: far }],
  );
  for (const name of ['APsmall', 'APmedium', 'APlarge'] as const) equal(of(name), 1);
  equal(evaluate([{ bbox: square }], [{ bbox: [500, 0, 32, 32] }, { bbox: square }])('APsmall'), 0.5); // 1024 is small, and wrong
});

test('a wrong detection of another size is ignored within a range', () => {
  const of = evaluate([{ bbox: square }], [{ bbox: [500, 0, 40, 40] }, { bbox: square }]);
  equal(of('AP'), 0.5);
  equal(of('APsmall'), 1);
});

test('so is one that matches an object of another size', () => {
  const of = evaluate([{ bbox: square }, { bbox: far, area: 5000 }], [{ bbox: far }, { bbox: square }]);
  equal(of('APsmall'), 1);
  equal(of('APmedium'), 1);
});

test("a crowd may be matched any number of times, by the share of the detection's area, and counts nowhere", () => {
  const crowd = { bbox: [0, 0, 100, 100], iscrowd: 1 } as const;
  const within = [{ bbox: [10, 10, 20, 20] }, { bbox: [11, 10, 20, 20] }, { bbox: [90, 0, 20, 10] }] as const; // the third by a half
  const of = evaluate([crowd, { bbox: far }], [...within, { bbox: far }]);
  equal(of('AP50'), 1);
  equal(of('AR100'), 1);
  equal(of('AP'), (1 + 9 * 0.5) / 10); // the third is wrong from 0.55 on: one of two is right
  expect(evaluate([crowd], within)('AP')).toBe(-1);
});

test('a crowd is only taken where no real object matches', () => {
  const crowd = { bbox: [0, 0, 100, 100], iscrowd: 1 } as const;
  const of = evaluate([crowd, { bbox: square }], [{ bbox: [0, 0, 10, 6] }]); // wholly in the crowd, 0.6 of the object
  equal(of('AP'), 0.3);
  equal(of('AR100'), 0.3);
  const again = evaluate([crowd, { bbox: square }], [{ bbox: square }, { bbox: square }]); // the second goes to the crowd
  equal(again('AP'), 1);
});

test('a second detection of an object is wrong', () => {
  const of = evaluate([{ bbox: square }, { bbox: far }], [{ bbox: square }, { bbox: square }, { bbox: far }]);
  equal(of('AP'), (51 + (50 * 2) / 3) / 101); // up to recall 0.5, which 51 of 101 are, precision is 1; then two of three
});

test('of equal IoUs the later object is taken', () => {
  const of = evaluate([{ bbox: square }, { bbox: [2, 0, 10, 10] }], [{ bbox: [1, 0, 10, 10] }, { bbox: square }]);
  // The first has 90/110 with both. It takes the second, so that the other detection finds its own: at 7 thresholds, up to 0.8, all is right.
  // At the other 3 the first is wrong and the second right: precision 1/2 up to recall 1/2.
  equal(of('AP'), (7 + (3 * 51 * 0.5) / 101) / 10);
});

test('the best object is taken, not the first that matches', () => {
  const of = evaluate([{ bbox: [0, 0, 10, 10] }, { bbox: [1, 0, 10, 10] }], [{ bbox: [0, 0, 10, 10] }, { bbox: [1, 0, 10, 10] }]);
  equal(of('AP'), 1);
});

test('the best 100 of a class and image are read', () => {
  const wrong = (count: number) => Array.from({ length: count }, () => ({ bbox: far, score: 0.9 }));
  const beyond = evaluate([{ bbox: square }], [{ bbox: square, score: 0.1 }, ...wrong(100)]);
  expect([beyond('AP'), beyond('AR100')]).toEqual([0, 0]);
  const last = evaluate([{ bbox: square }], [{ bbox: square, score: 0.1 }, ...wrong(99)]);
  equal(last('AP'), 0.01);
  expect([last('AR10'), last('AR100')]).toEqual([0, 1]);
});

test('AR1 and AR10 read the best detection and the best ten of each image', () => {
  const places = Array.from({ length: 11 }, (_, i) => ({ bbox: [20 * i, 0, 10, 10] as CocoBox }));
  const of = evaluate(places, places);
  equal(of('AR1'), 1 / 11);
  equal(of('AR10'), 10 / 11);
  equal(of('AR100'), 1);
});

test('equal scores of one image count in the order of the list', () => {
  const [right, wrong] = [
    { bbox: square, score: 0.5 },
    { bbox: far, score: 0.5 },
  ];
  equal(evaluate([{ bbox: square }], [right, wrong])('AP'), 1);
  equal(evaluate([{ bbox: square }], [wrong, right])('AP'), 0.5);
});

test("equal scores of several images count in the order of the images' ids", () => {
  const objects = [{ bbox: square, image_id: 2 }];
  const right = { bbox: square, score: 0.5, image_id: 2 };
  equal(evaluate(objects, [right, { ...right, image_id: 1 }])('AP'), 0.5);
  equal(evaluate(objects, [{ ...right, image_id: 3 }, right])('AP'), 1);
});

test('precision is made falling from the right', () => {
  const places = [square, far].map((bbox) => ({ bbox }));
  // wrong, right, right: 1/2 and 2/3, so that both recalls are read as 2/3
  equal(evaluate(places, [{ bbox: [900, 0, 10, 10] }, ...places])('AP'), 2 / 3);
});

test('it is 0 beyond the last recall, and read at the first place that reaches one', () => {
  equal(evaluate([{ bbox: square }, { bbox: far }], [{ bbox: square }])('AP'), 51 / 101);
  // 7 of 20: the 36th recall is 0.35000000000000003, a bit more than 7/20
  const places = Array.from({ length: 20 }, (_, i) => ({ bbox: [20 * i, 0, 10, 10] as CocoBox }));
  equal(evaluate(places, places.slice(0, 7))('AP'), 35 / 101);
});

test('a class without objects is left out of every mean, one without detections is 0', () => {
  const of = evaluate([{ bbox: square }, { bbox: square, category_id: 2 }], [{ bbox: square }, { bbox: square, category_id: 3 }], 3);
  for (const name of ['AP', 'AP50', 'APsmall', 'AR1', 'AR100'] as const) equal(of(name), 0.5);
  for (const name of ['APmedium', 'APlarge', 'ARlarge'] as const) expect(of(name)).toBe(-1);
});

test('a crowd and an object beyond all ranges are nothing to find', () => {
  expect(evaluate([{ bbox: square, iscrowd: 1 }], [{ bbox: square }])('AP')).toBe(-1);
  expect(evaluate([{ bbox: square, area: 1e10 + 1 }], [{ bbox: square }])('AR100')).toBe(-1);
});

test('an image without objects counts by its wrong detections', () => {
  equal(
    evaluate(
      [{ bbox: square }],
      [
        { bbox: square, image_id: 3, score: 1 },
        { bbox: square, score: 0.5 },
      ],
    )('AP'),
    0.5,
  );
});

test('classes do not meet', () => {
  const of = evaluate([{ bbox: square }, { bbox: square, category_id: 2 }], [{ bbox: square, category_id: 2 }], 2);
  equal(of('AP'), 0.5);
});

test('no detections at all are zeros; boxes without area match nothing', () => {
  expect(evaluate([{ bbox: square }], [])('AP')).toBe(0);
  expect(evaluate([{ bbox: square }], [])('AR100')).toBe(0);
  expect(evaluate([{ bbox: [0, 0, 0, 10] }], [{ bbox: [0, 0, 0, 10] }])('AP')).toBe(0);
});

test('as in pycocotools, what matches an annotation of the id 0 is wrong, and the object is taken', () => {
  const of = evaluate([{ bbox: square, id: 0 }, { bbox: far }], [{ bbox: square }, { bbox: far }]);
  equal(of('AP'), (51 * 0.5) / 101);
});
