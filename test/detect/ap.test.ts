import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CocoDetection } from '../../src/detect/ap/coco.js';
import { averagePrecision, createAp } from '../../src/detect/ap/createAp.js';
import { areaRanges, iouThresholds, measures, recalls } from '../../src/detect/ap/parameters.js';
import type { AveragePrecision } from '../../src/detect/ap/summary.js';
import { type Case, expectEqual, published, random } from './oracle.js';

const grouped = <K>(
  detections: readonly CocoDetection[],
  keyOf: (detection: CocoDetection) => K,
): ReadonlyMap<K, readonly CocoDetection[]> => {
  const groups = new Map<K, CocoDetection[]>();
  for (const detection of detections) groups.set(keyOf(detection), [...(groups.get(keyOf(detection)) ?? []), detection]);
  return groups;
};
const byImage = ({ detections }: Case) => grouped(detections, ({ image_id }) => image_id);

describe("pycocotools' numbers", () => {
  test('of the published files', () => {
    expectEqual(averagePrecision(published.groundTruth, published.detections), published);
  });

  test.each(random.map((one, i) => [i, one] as const))('of random case %i', (_, one) => {
    expectEqual(averagePrecision(one.groundTruth, one.detections), one);
  });

  test('of images that come one at a time', () => {
    for (const one of [published, ...random]) {
      const ap = createAp(one.groundTruth);
      for (const [image, detections] of byImage(one)) ap.add(image, detections);
      expectEqual(ap.result(), one);
    }
  });
});

test("the thresholds, to the bit: NumPy's linspace", () => {
  expect(iouThresholds).toEqual([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.8999999999999999, 0.95]);
  expect([recalls.length, recalls[0], recalls[29], recalls[35], recalls[100]]).toEqual([101, 0, 0.29, 0.35000000000000003, 1]);
  expect(areaRanges).toEqual({ all: [0, 1e10], small: [0, 1024], medium: [1024, 9216], large: [9216, 1e10] });
});

test("the numbers' order", () => {
  expect(Object.keys(measures).join(' ')).toBe('AP AP50 AP75 APsmall APmedium APlarge AR1 AR10 AR100 ARsmall ARmedium ARlarge');
});

describe('the order in which things come', () => {
  const cases = [published, ...random.slice(0, 12)];
  const shuffled = <T>(values: readonly T[], keys: readonly number[]): readonly T[] =>
    values
      .map((value, i) => [keys[i % keys.length] as number, value] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, value]) => value);
  const order = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 7, maxLength: 300 });
  const one = fc.nat(cases.length - 1); // failures print its place

  test('of images changes nothing, not even the last bit', () => {
    fc.assert(
      fc.property(one, order, (place, keys) => {
        const one = cases[place] as Case;
        const run = (images: readonly (readonly [number, readonly CocoDetection[]])[]): AveragePrecision => {
          const ap = createAp(one.groundTruth);
          for (const [image, detections] of images) ap.add(image, detections);
          return ap.result();
        };
        const images = [...byImage(one)];
        expect(run(shuffled(images, keys))).toEqual(run(images));
      }),
    );
  });

  test('of the files: images, categories, and detections of different images, changes nothing', () => {
    fc.assert(
      fc.property(one, order, (place, keys) => {
        const { groundTruth, detections } = cases[place] as Case;
        const { images, categories, annotations } = groundTruth;
        const groups = shuffled([...grouped(detections, ({ image_id, category_id }) => `${image_id} ${category_id}`).values()], keys);
        const truth = { images: shuffled(images, keys), categories: shuffled(categories, keys), annotations };
        expect(averagePrecision(truth, groups.flat())).toEqual(averagePrecision({ images, categories, annotations }, detections));
      }),
    );
  });
});

describe('an image at a time', () => {
  const { groundTruth, detections } = published;
  const some = detections.filter(({ image_id }) => image_id === 18575);

  test('an image cannot be added twice, and what is refused leaves nothing behind', () => {
    const ap = createAp(groundTruth);
    ap.add(18575, some);
    const before = ap.result();
    expect(() => ap.add(18575, some)).toThrow('image 18575 was added before');
    expect(() => ap.add(18575, [])).toThrow('image 18575 was added before');
    expect(() => ap.add(5, some)).toThrow('imageId: no image of the ground truth has the id 5');
    expect(() => ap.add(47373, [...some, { ...some[0], score: Number.NaN } as CocoDetection])).toThrow(
      `detections[${some.length}].score must be a number, not NaN`,
    );
    expect(() => ap.add(47373, [{ category_id: 4, bbox: [0, 0, 1, 1], score: 1 }])).toThrow(
      'detections[0].category_id: no category of the ground truth has the id 4',
    );
    expect(ap.result()).toEqual(before);
    ap.add(47373, []);
    expect(ap.result()).toEqual(before);
  });

  test('the result may be asked for in between', () => {
    const ap = createAp(groundTruth);
    for (const [image, list] of byImage(published)) {
      ap.add(image, list);
      ap.result();
    }
    expectEqual(ap.result(), published);
  });
});
