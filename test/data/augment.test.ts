import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Augmentation, augment } from '../../src/data/augment.js';
import { mirror } from '../../src/data/mirror.js';
import { type Random, randomOf } from '../../src/data/random.js';
import { turned } from '../../src/data/rotate.js';
import { InputError } from '../../src/errors.js';
import { crop, type Pixels, resize } from '../../src/io/resize.js';
import { drawn, images, pixelAt, pixelsOf, streams } from './arbitraries.js';

const drawings = (pixels: Pixels, step: Augmentation, count: number): readonly Pixels[] =>
  Array.from({ length: count }, (_, seed) => augment(pixels, [step], randomOf(seed)));

test('no steps change nothing, and chance is drawn in the order of the steps', () => {
  const pixels = pixelsOf(5, 4, 1);
  expect(augment(pixels, [], randomOf(0))).toBe(pixels);
  const random = randomOf(9);
  const [first, second]: readonly [Augmentation, Augmentation] = [{ name: 'padCrop', size: 5, padding: 3 }, { name: 'flip' }];
  const cropped = augment(pixels, [first], random);
  expect(augment(pixels, [first, second], randomOf(9))).toEqual(augment(cropped, [second], random));
});

describe('flip', () => {
  test('mirrors: column x is column W − 1 − x, and twice is the image again', () => {
    fc.assert(
      fc.property(images(), (pixels) => {
        const mirrored = mirror(pixels);
        expect(mirrored).toEqual(drawn(pixels.width, pixels.height, (x, y) => pixelAt(pixels, pixels.width - 1 - x, y)));
        expect(mirror(mirrored)).toEqual(pixels);
      }),
    );
  });

  test('is done to about one image in two', () => {
    const pixels = pixelsOf(2, 1, 0);
    const flipped = drawings(pixels, { name: 'flip' }, 1000).filter((image) => image !== pixels);
    for (const image of flipped) expect(image).toEqual(mirror(pixels));
    expect(Math.abs(flipped.length - 500)).toBeLessThan(3.3 * Math.sqrt(250)); // 99.9 % of a fair coin's
  });
});

test('crop: pixel (x, y) is (left + x, top + y) of the image, black outside it', () => {
  const offset = fc.integer({ min: -15, max: 15 });
  const extent = fc.integer({ min: 1, max: 15 });
  fc.assert(
    fc.property(images(), fc.record({ left: offset, top: offset, width: extent, height: extent }), (pixels, box) => {
      const expected = drawn(box.width, box.height, (x, y) => pixelAt(pixels, box.left + x, box.top + y));
      expect(crop(pixels, box)).toEqual(expected);
    }),
  );
});

describe('padCrop', () => {
  test('is the image shifted, by −padding to padding each way, all of which come', () => {
    const pixels = pixelsOf(4, 4, 1);
    const shifts = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => drawn(4, 4, (x, y) => pixelAt(pixels, x + dx, y + dy))));
    const found = drawings(pixels, { name: 'padCrop', size: 4, padding: 1 }, 300).map((image) =>
      shifts.findIndex(({ data }) => data.join() === image.data.join()),
    );
    expect([...new Set(found)].sort((a, b) => a - b)).toEqual([...shifts.keys()]);
  });

  test('refuses what is too small', () => {
    expect(() => augment(pixelsOf(20, 32, 0), [{ name: 'padCrop', size: 32, padding: 4 }], randomOf(0))).toThrow(
      new InputError('padCrop to 32×32: the image is 20×32 pixels, 4 more on each side: put {"name":"resize","size":32} before it'),
    );
  });
});

describe('areaCrop', () => {
  const step = { name: 'areaCrop', size: 8, area: [0.08, 1], aspect: [3 / 4, 4 / 3], filter: 'bilinear' } as const;

  test('makes a square of any image, however narrow', () => {
    fc.assert(
      fc.property(images(40), streams(), (pixels, random) => {
        const { width, height, data } = augment(pixels, [step], random);
        expect([width, height, data.length]).toEqual([8, 8, 192]);
      }),
    );
  });

  test('of the whole area and the image’s own aspect is the image resized', () => {
    fc.assert(
      fc.property(images(40), streams(), (pixels, random) => {
        const aspect = pixels.width / pixels.height;
        expect(augment(pixels, [{ ...step, area: [1, 1], aspect: [aspect, aspect] }], random)).toEqual(resize(pixels, 8, 8, 'bilinear'));
      }),
    );
  });

  test('takes no pixel from outside', () => {
    const grey = { width: 40, height: 30, data: new Uint8Array(40 * 30 * 3).fill(128) };
    for (const { data } of drawings(grey, step, 200)) expect(data.every((byte) => byte === 128)).toBe(true);
  });

  test('where no rectangle fits, takes the largest of an allowed aspect from the middle', () => {
    const largest: Random = { between: (_, to) => to, whole: (least) => least };
    const middle = crop(pixelsOf(90, 3, 1), { left: 43, top: 0, width: 4, height: 3 });
    expect(augment(pixelsOf(90, 3, 1), [step], largest)).toEqual(resize(middle, 8, 8, 'bilinear'));
  });
});

describe('rotate', () => {
  test('by nothing is the image; by a right angle, a square’s pixels exchange places', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(), (side, seed) => {
        const pixels = pixelsOf(side, side, seed);
        expect(turned(pixels, 0)).toEqual(pixels);
        expect(turned(pixels, Math.PI)).toEqual(drawn(side, side, (x, y) => pixelAt(pixels, side - 1 - x, side - 1 - y)));
        expect(turned(pixels, Math.PI / 2)).toEqual(drawn(side, side, (x, y) => pixelAt(pixels, y, side - 1 - x)));
      }),
    );
  });

  test('leaves the middle of a plain image as it is, and its corners black', () => {
    const grey = { width: 9, height: 9, data: new Uint8Array(243).fill(200) };
    const { data } = turned(grey, Math.PI / 4);
    expect([...data.subarray((4 * 9 + 4) * 3, (4 * 9 + 4) * 3 + 3), ...data.subarray(0, 3)]).toEqual([200, 200, 200, 0, 0, 0]);
  });
});

describe('jitter', () => {
  const fixed = (value: number): Random => ({ between: () => value, whole: (least) => least });
  const all = { name: 'jitter', brightness: 0.5, contrast: 0.5, saturation: 0.5 } as const;

  test('by factors of 1 changes nothing', () => {
    fc.assert(
      fc.property(images(), (pixels) => {
        expect(augment(pixels, [all], fixed(1))).toEqual(pixels);
      }),
    );
  });

  test('by factors of 0: black; grey all over; grey of its own', () => {
    const pixels = { width: 2, height: 1, data: Uint8Array.of(200, 100, 50, 0, 0, 255) };
    const only = (factors: readonly number[]): Random => {
      const left = [...factors];
      return { between: () => left.shift() as number, whole: (least) => least };
    };
    const luma = [124, 29]; // (19595 r + 38470 g + 7471 b) / 65536, rounded
    expect([...augment(pixels, [all], only([0, 1, 1])).data]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...augment(pixels, [all], only([1, 0, 1])).data]).toEqual(Array(6).fill(77));
    expect([...augment(pixels, [all], only([1, 1, 0])).data]).toEqual(luma.flatMap((grey) => [grey, grey, grey]));
  });

  test('stays within its reach, for any image', () => {
    const flat = { width: 4, height: 4, data: new Uint8Array(48).fill(100) };
    for (const { data } of drawings(flat, { name: 'jitter', brightness: 0.4, contrast: 0, saturation: 0 }, 200))
      expect(data.every((byte) => byte >= 60 && byte <= 140)).toBe(true);
  });
});
