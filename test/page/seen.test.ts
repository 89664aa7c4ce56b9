import fc from 'fast-check';
import type { Detection } from 'senet';
import { describe, expect, test } from 'vitest';
import { above, boxText, movedTo, nameOf, placed, scoreText, tagSide } from '../../page/src/detector/seen.js';

const thing = (x1: number, y1: number, x2: number, y2: number, score = 0.9): Detection => ({
  index: 18,
  label: 'dog',
  score,
  box: { x1, y1, x2, y2 },
});

describe('a box over its picture', () => {
  test('is placed in per cent of width and height, whatever the size at which the picture is shown', () => {
    const [placedAt] = placed([thing(50, 20, 150, 80)], { width: 200, height: 100 });
    expect(placedAt).toEqual({ '--left': '25%', '--top': '20%', '--width': '50%', '--height': '60%', '--above': 0 });
  });

  const side = fc.double({ min: 0, max: 1, noNaN: true });
  const drawn = fc.record({ width: fc.integer({ min: 1, max: 5000 }), height: fc.integer({ min: 1, max: 5000 }) }).chain((size) =>
    fc.record({
      size: fc.constant(size),
      things: fc.array(
        fc.tuple(side, side, side, side).map(([a, b, c, d]) => {
          const [x1, x2] = [Math.min(a, b) * size.width, Math.max(a, b) * size.width];
          const [y1, y2] = [Math.min(c, d) * size.height, Math.max(c, d) * size.height];
          return thing(x1, y1, x2, y2);
        }),
        { maxLength: 8 },
      ),
    }),
  );
  test('lies within the picture, and above every larger box', () => {
    fc.assert(
      fc.property(drawn, ({ size, things }) => {
        const places = placed(things, size);
        const area = ({ box }: Detection): number => (box.x2 - box.x1) * (box.y2 - box.y1);
        for (const one of places) {
          // each is rounded to thousandths of a per cent
          expect(Number.parseFloat(one['--left']) + Number.parseFloat(one['--width'])).toBeLessThanOrEqual(100.001);
          expect(Number.parseFloat(one['--top']) + Number.parseFloat(one['--height'])).toBeLessThanOrEqual(100.001);
        }
        for (const [i, a] of things.entries())
          for (const [j, b] of things.entries())
            if (area(a) > area(b)) expect(places[j]?.['--above']).toBeGreaterThan(places[i]?.['--above'] as number);
        expect(new Set(places.map((one) => one['--above'])).size).toBe(things.length);
      }),
    );
  });

  test('has its tag where the picture has room for it', () => {
    const size = { width: 100, height: 100 };
    expect(tagSide(thing(0, 50, 90, 90), size)).toBe('left over');
    expect(tagSide(thing(0, 2, 90, 90), size)).toBe('left inside');
    expect(tagSide(thing(80, 50, 95, 90), size)).toBe('right over');
  });
});

test('of what was found, things of greater scores are shown, never those of the score itself', () => {
  const detections = [thing(0, 0, 1, 1, 0.9), thing(0, 0, 1, 1, 0.5), thing(0, 0, 1, 1, 0.2)];
  const found = { detections, width: 10, height: 10, dropped: 0 };
  expect(above(found, 0.5)).toEqual(detections.slice(0, 1));
  expect(above(found, 0.05)).toEqual(detections);
  expect(above(found, 1)).toEqual([]);
});

test('things are told by name, score and corners', () => {
  expect(nameOf(thing(0, 0, 1, 1))).toBe('dog');
  expect(nameOf({ ...thing(0, 0, 1, 1), index: 2, label: '2' })).toBe('class 2');
  expect([0.999, 0.5, 0.4999, 0.05].map(scoreText)).toEqual(['99 %', '50 %', '49 %', '5 %']);
  expect(boxText(thing(1.4, 2.6, 30, 44.5))).toBe('1, 3 to 30, 45');
});

test('arrow keys move by one and stay within the list', () => {
  expect(movedTo('ArrowDown', 0, 3)).toBe(1);
  expect(movedTo('ArrowRight', 2, 3)).toBe(2);
  expect(movedTo('ArrowUp', 0, 3)).toBe(0);
  expect(movedTo('ArrowLeft', 2, 3)).toBe(1);
  expect(movedTo('End', 0, 3)).toBe(2);
  expect(movedTo('Home', 2, 3)).toBe(0);
  expect(movedTo('Tab', 1, 3)).toBeUndefined();
  expect(movedTo('toString', 1, 3)).toBeUndefined();
});
