import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CropCount, cropCounts, viewed, viewsOf } from '../../src/classifier/views.js';
import { InputError } from '../../src/errors.js';
import { type Pixels, resize, resizeShorter } from '../../src/io/resize.js';
import { readImage } from '../../src/node/images/image.js';
import { sha256 } from '../io/fixtures.js';
import { projectFile, readVectors } from './vectors.js';

const { crops: vectors } = await readVectors();

const seen = (pixels: Pixels, side: number, crops: CropCount): readonly Pixels[] =>
  viewsOf(pixels, side, crops).map((view) => viewed(pixels, view, side, 'bilinear'));

test.each(vectors)(
  '$crops of $crop from $image at $resize are torchvision’s, to the bit',
  async ({ image, resize: to, crop, crops, ...expected }) => {
    const pixels = resizeShorter(await readImage(projectFile(image)), to, 'bilinear');
    expect([pixels.height, pixels.width]).toEqual(expected.resized);
    const views = seen(pixels, crop, crops);
    expect(views.map(({ data }) => sha256(data))).toEqual(expected.sha256);
    expect(views.map(({ data }) => [...data.subarray(0, 3)])).toEqual(expected.firstPixels);
  },
);

/** A picture whose every pixel tells where it is. */
const picture = fc
  .record({ width: fc.integer({ min: 1, max: 24 }), height: fc.integer({ min: 1, max: 24 }) })
  .map(({ width, height }): Pixels => {
    const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => [i / 3 / width, (i / 3) % width, 7][i % 3] as number);
    return { width, height, data };
  });

type Position = readonly [row: number, column: number];

/** Where the pixels of the first row's ends and of the first column's end come from: enough to tell a square and its mirror image. */
const corners = ({ width, height, data }: Pixels): readonly Position[] =>
  [0, width - 1, (height - 1) * width].map((at): Position => [data[3 * at] as number, data[3 * at + 1] as number]);

/** Python's round(): a half goes to the even neighbour. */
const round = (value: number): number => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

/** torchvision's five_crop, in its own words, as corners of what it cuts out. */
function fiveCrop({ width, height }: Pick<Pixels, 'width' | 'height'>, side: number): readonly (readonly Position[])[] {
  const [top, left] = [round((height - side) / 2), round((width - side) / 2)];
  const starts: readonly Position[] = [
    [0, 0],
    [0, width - side],
    [height - side, 0],
    [height - side, width - side],
    [top, left],
  ];
  return starts.map(([row, column]) => [
    [row, column],
    [row, column + side - 1],
    [row + side - 1, column],
  ]);
}

test('five and ten crops of any picture are those of the naive definition', () => {
  fc.assert(
    fc.property(picture, fc.double({ min: 0, max: 1, noNaN: true }), (pixels, share) => {
      const { width, height } = pixels;
      const side = 1 + Math.floor(share * (Math.min(width, height) - 1));
      const five = fiveCrop(pixels, side);
      // of the mirrored picture, whose column x is the picture's width − 1 − x
      const mirrored = five.map((crop) => crop.map(([row, column]): Position => [row, width - 1 - column]));
      const found = (crops: CropCount) => seen(pixels, side, crops).map(corners);
      const centre = five[4] as readonly [Position, Position, Position];
      const [first, right, [bottom]] = centre;
      expect(found(1)).toEqual([centre]);
      expect(found(2)).toEqual([centre, [right, first, [bottom, right[1]]]]);
      expect(found(5)).toEqual(five);
      expect(found(10)).toEqual([...five, ...mirrored]);
    }),
  );
});

test('where the excess is odd, the tenth view is not the mirror image of the fifth, but of the square beside it', () => {
  const views = viewsOf({ width: 383, height: 256 }, 224, 10);
  expect([views[4], views[9]]).toEqual([
    { left: 80, top: 16, side: 224, mirrored: false },
    { left: 79, top: 16, side: 224, mirrored: true },
  ]);
  expect(viewsOf({ width: 385, height: 256 }, 224, 10)[4]).toMatchObject({ left: 80 }); // 80.5 goes to the even neighbour, as 79.5 does
});

describe('144 crops', () => {
  test('of a scale are 36: of three squares four corners, the centre and the whole, then their mirror images', () => {
    fc.assert(
      fc.property(picture, fc.double({ min: 0, max: 1, noNaN: true }), (pixels, share) => {
        const { width, height, data } = pixels;
        const square = Math.min(width, height);
        const side = 1 + Math.floor(share * (square - 1));
        const views = seen(pixels, side, 144);
        expect(views).toHaveLength(36);
        const along = [0, round((Math.max(width, height) - square) / 2), Math.max(width, height) - square];
        for (const [i, at] of along.entries()) {
          const [left, top] = width >= height ? [at, 0] : [0, at];
          const rows = Array.from({ length: square }, (_, row) =>
            data.subarray(3 * ((top + row) * width + left), 3 * ((top + row) * width + left + square)),
          );
          const cut: Pixels = { width: square, height: square, data: Uint8Array.from(rows.flatMap((row) => [...row])) };
          const six = [...seen(cut, side, 5), resize(cut, side, side, 'bilinear')];
          expect(views.slice(12 * i, 12 * i + 6)).toEqual(six);
          for (const [j, { data: own }] of six.entries())
            for (let row = 0; row < side; row++) {
              const line = (of: Uint8Array) =>
                Array.from({ length: side }, (_, x) => [...of.subarray(3 * (row * side + x), 3 * (row * side + x) + 3)]);
              expect(line((views[12 * i + 6 + j] as Pixels).data)).toEqual(line(own).reverse());
            }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('of an upright picture are of its top, centre and bottom', () => {
    const tops = viewsOf({ width: 256, height: 341 }, 224, 144).map(({ top }) => top);
    expect([tops[0], tops[5], tops[12], tops[17], tops[24], tops[29]]).toEqual([0, 0, 42, 42, 85, 85]);
  });
});

test.each(cropCounts)('%i crops larger than the picture are refused', (crops) => {
  expect(() => viewsOf({ width: 300, height: 200 }, 224, crops)).toThrow(InputError);
  expect(() => viewsOf({ width: 300, height: 200 }, 224, crops)).toThrow('crop to 224×224: the picture is 300×200 pixels');
});
