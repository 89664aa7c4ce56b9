import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import type { Detection } from '../../src/detector/detector.js';
import { burn } from '../../src/report/detections/burn.js';
import { black, classColour, contrast, hex, inkOn, white } from '../../src/report/detections/classColour.js';
import { glyphHeight, glyphOf, glyphWidth } from '../../src/report/detections/glyphs.js';
import { type Area, lengthOf, marksOf } from '../../src/report/detections/marks.js';
import { detectionsSvg } from '../../src/report/detections/svg.js';

const detection = (
  label: string,
  index: number,
  score: number,
  [x1, y1, x2, y2]: readonly [number, number, number, number],
): Detection => ({
  label,
  index,
  score,
  box: { x1, y1, x2, y2 },
});

/** A picture's size, and detections on it, the surest first. */
const drawn = (largest = 2000) =>
  fc.record({ width: fc.integer({ min: 1, max: largest }), height: fc.integer({ min: 1, max: largest }) }).chain(({ width, height }) => {
    const side = (extent: number) =>
      fc.tuple(fc.double({ min: 0, max: extent, noNaN: true }), fc.double({ min: 0, max: extent, noNaN: true }));
    const one = fc
      .tuple(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.nat(90),
        fc.double({ min: 0, max: 1, noNaN: true }),
        side(width),
        side(height),
      )
      .map(([label, index, score, xs, ys]) => {
        const [[x1, x2], [y1, y2]] = [xs, ys].map((pair) => pair.toSorted((a, b) => a - b)) as [[number, number], [number, number]];
        return detection(label, index, score, [x1, y1, x2, y2]);
      });
    return fc.record({ size: fc.constant({ width, height }), detections: fc.array(one, { maxLength: 12 }) });
  });

const outside = ({ x, y, width, height }: Area, size: Pick<Area, 'width' | 'height'>): boolean =>
  x < 0 || y < 0 || width < 1 || height < 1 || x + width > size.width || y + height > size.height;

describe('frames and tags', () => {
  test('lie within the picture, on whole pixels, whatever the labels are; a frame holds its box', () => {
    fc.assert(
      fc.property(drawn(), ({ size, detections }) => {
        const { frames, tags } = marksOf(size, detections);
        expect(frames).toHaveLength(detections.length);
        for (const mark of [...frames, ...tags]) {
          expect(outside(mark, size)).toBe(false);
          for (const side of [mark.x, mark.y, mark.width, mark.height]) expect(Number.isInteger(side)).toBe(true);
        }
        frames.toReversed().forEach(({ x, y, width, height }, i) => {
          const { x1, y1, x2, y2 } = (detections[i] as Detection).box;
          expect([x <= x1, y <= y1, x + width >= x2, y + height >= y2]).toEqual([true, true, true, true]);
        });
      }),
    );
  });

  test('a tag has its label and score where there is room, else the beginning of the label; a picture without room has none', () => {
    const all: readonly [number, number, number, number] = [0, 0, 1, 1];
    const textOn = (width: number, height = 20): string | undefined =>
      marksOf({ width, height }, [detection('giraffe', 25, 0.987, all)]).tags[0]?.text;
    expect(textOn(100)).toBe('giraffe 0.99');
    expect(textOn(75)).toBe('giraffe 0.99'); // 12 characters of 6 dots but the last gap, and 2 dots to either side
    expect(textOn(74)).toBe('giraf… 0.99');
    expect(textOn(38)).toBe('gira…');
    expect(textOn(9)).toBe('…');
    expect(textOn(8)).toBeUndefined();
    expect(textOn(100, 10)).toBeUndefined();
  });

  test('a tag lies above its box, at the top of it where the picture ends there, and not on another where there is room', () => {
    const size = { width: 200, height: 100 };
    const place = (...box: [number, number, number, number]) => marksOf(size, [detection('cat', 17, 1, box)]).tags[0];
    expect(place(50, 40, 90, 90)).toMatchObject({ x: 50, y: 29, height: 11 });
    expect(place(50, 5, 90, 90)).toMatchObject({ x: 50, y: 0 });
    expect(place(190, 40, 200, 90)).toMatchObject({ x: 149, width: 51 });
    const two = [detection('cat', 17, 1, [50, 40, 170, 90]), detection('dog', 18, 0.9, [50, 40, 170, 90])];
    const { tags } = marksOf(size, two);
    expect(tags.map(({ text, x, y }) => [text, x, y])).toEqual([
      ['dog 0.90', 119, 29],
      ['cat 1.00', 50, 29],
    ]);
  });
});

describe('colours', () => {
  test('text is read on those of all classes (WCAG asks for 4.5), and neighbouring classes differ', () => {
    for (let index = 0; index < 1000; index++) {
      const colour = classColour(index);
      expect(contrast(colour, inkOn(colour))).toBeGreaterThanOrEqual(Math.sqrt(21));
      for (let next = 1; next <= 6; next++) expect(hex(classColour(index + next))).not.toBe(hex(colour));
    }
  });

  test('contrast is that of WCAG: 21 of black and white, 1 of a colour with itself', () => {
    expect(contrast(black, white)).toBeCloseTo(21, 10);
    expect(contrast([255, 0, 0], [255, 0, 0])).toBe(1);
    expect(contrast([255, 0, 0], white)).toBeCloseTo(3.998, 3); // red on white, as WCAG's own calculators have it
    expect(hex(classColour(0))).toBe('#ee2b2b'); // hsl(0 85% 55%)
  });
});

describe('the font', () => {
  const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));

  test('has every printable character of ASCII, no two alike, in 5 columns of 7 dots', () => {
    const glyphs = [...ascii, '…'].map(glyphOf);
    expect(new Set(glyphs.map(String)).size).toBe(96);
    for (const columns of glyphs) {
      expect(columns).toHaveLength(glyphWidth);
      for (const dots of columns) expect(dots >> glyphHeight).toBe(0);
    }
  });

  test('a letter with an accent loses it, and what is not in it is a question mark', () => {
    expect(glyphOf('é')).toEqual(glyphOf('e'));
    expect(glyphOf('猫')).toEqual(glyphOf('?'));
    const rows = (character: string): string[] =>
      Array.from({ length: glyphHeight }, (_, row) =>
        glyphOf(character)
          .map((dots) => ((dots >> row) & 1 ? '#' : '.'))
          .join(''),
      );
    expect(rows('L')).toEqual(['#....', '#....', '#....', '#....', '#....', '#....', '#####']);
    expect(rows('7')).toEqual(['#####', '....#', '...#.', '..#..', '.#...', '.#...', '.#...']);
  });
});

describe('burn', () => {
  test('changes pixels under frames, their edges and tags, and no other; the picture handed in stays as it is', () => {
    fc.assert(
      fc.property(drawn(120), ({ size, detections }) => {
        const picture = { ...size, data: new Uint8Array(3 * size.width * size.height).fill(77) };
        const marks = marksOf(size, detections);
        const { data, width, height } = burn(picture, marks);
        expect([width, height, data.length]).toEqual([size.width, size.height, picture.data.length]);
        expect(picture.data.every((value) => value === 77)).toBe(true);
        const { edge, line, frames, tags } = marks;
        const inRectangle = (x: number, y: number, one: Area, by: number): boolean =>
          x >= one.x - by && y >= one.y - by && x < one.x + one.width + by && y < one.y + one.height + by;
        const marked = (x: number, y: number): boolean =>
          tags.some((tag) => inRectangle(x, y, tag, 0)) ||
          frames.some((frame) => inRectangle(x, y, frame, edge) && !inRectangle(x, y, frame, -line - edge));
        const wrong: string[] = [];
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const at = 3 * (y * width + x);
            const changed = data[at] !== 77 || data[at + 1] !== 77 || data[at + 2] !== 77; // no colour of a class and neither ink is this grey
            if (changed !== marked(x, y)) wrong.push(`${x}, ${y}`);
          }
        expect(wrong).toEqual([]);
      }),
    );
  });

  test('writes the label in the ink of its class', () => {
    const size = { width: 60, height: 40 };
    const marks = marksOf(size, [detection('L', 0, 0.5, [0, 0, 60, 40])]);
    const { data } = burn({ ...size, data: new Uint8Array(60 * 40 * 3) }, marks);
    const at = (x: number, y: number): number[] => [...data.subarray(3 * (y * 60 + x), 3 * (y * 60 + x) + 3)];
    const { ink, colour } = marks.tags[0] as (typeof marks.tags)[0];
    expect(at(2, 2)).toEqual([...ink]); // the upper end of the L
    expect([at(3, 2), at(1, 1)]).toEqual([[...colour], [...colour]]);
    expect([2, 3, 4, 5, 6].map((x) => at(x, 8))).toEqual(Array.from({ length: 5 }, () => [...ink])); // its foot
  });
});

describe('SVG', () => {
  const parse = (svg: string) => parseHTML(`<html><body>${svg}</body></html>`).document;

  test('has the picture, two lines a box and a tag for each, whose texts end with their tags', () => {
    fc.assert(
      fc.property(drawn(), ({ size, detections }) => {
        const marks = marksOf(size, detections);
        const page = parse(detectionsSvg(size, 'data:image/png;base64,AAAA', marks));
        expect(page.querySelector('image')?.getAttribute('href')).toBe('data:image/png;base64,AAAA');
        expect(page.querySelectorAll('g[fill=none] rect')).toHaveLength(2 * detections.length);
        const texts = [...page.querySelectorAll('text')];
        expect(texts.map(({ textContent }) => textContent)).toEqual(marks.tags.map(({ text }) => text));
        texts.forEach((text, i) => {
          const [x, length] = ['x', 'textLength'].map((name) => Number(text.getAttribute(name))) as [number, number];
          const tag = marks.tags[i] as (typeof marks.tags)[0];
          expect([x >= tag.x, length > 0, x + length <= tag.x + tag.width]).toEqual([true, true, true]);
        });
      }),
    );
  });

  test('escapes labels, and shows control characters as what they are', () => {
    const label = '</text><script>"&\u001b\u202e';
    const svg = detectionsSvg(
      { width: 900, height: 300 },
      '',
      marksOf({ width: 900, height: 300 }, [detection(label, 1, 0.5, [0, 0, 9, 9])]),
    );
    expect(svg).not.toContain('<script');
    const shown = '</text><script>"&\\u001b\\u202e 0.50';
    expect(parse(svg).querySelector('text')?.textContent).toBe(shown);
    expect(parse(svg).querySelector('title')?.textContent).toBe(shown);
  });

  test('the whole label is in the title of a tag that has no room for it', () => {
    const svg = detectionsSvg(
      { width: 74, height: 20 },
      '',
      marksOf({ width: 74, height: 20 }, [detection('giraffe', 25, 0.99, [0, 0, 9, 9])]),
    );
    expect(parse(svg).querySelector('title')?.textContent).toBe('giraffe 0.99');
    expect(parse(svg).querySelector('text')?.textContent).toBe('giraf… 0.99');
  });
});

test('characters of East Asian scripts count twice', () => {
  expect(['cat', '猫', 'ねこ', '고양이', ''].map(lengthOf)).toEqual([3, 2, 4, 6, 0]);
});
