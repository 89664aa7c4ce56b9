import fc from 'fast-check';
import { expect, test } from 'vitest';
import { order } from '../../src/data/order.js';

const labelLists = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 60 });
const spread = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts);

test.each([false, true])('is a function of seed and epoch, and another for others (balanced: %s)', (balanced) => {
  const labels = new Array<number>(30).fill(0);
  expect(order(3, 5, labels, { balanced })).toEqual(order(3, 5, labels, { balanced }));
  expect(order(3, 6, labels, { balanced })).not.toEqual(order(3, 5, labels, { balanced }));
  expect(order(4, 5, labels, { balanced })).not.toEqual(order(3, 5, labels, { balanced }));
});

test('has every image once', () => {
  fc.assert(
    fc.property(labelLists, fc.nat(), fc.nat(), (labels, seed, epoch) => {
      expect(order(seed, epoch, labels).toSorted((a, b) => a - b)).toEqual([...labels.keys()]);
    }),
  );
});

test('balanced: every class once a turn, and the images of a class as often as one another, but for one', () => {
  fc.assert(
    fc.property(labelLists, fc.nat(), fc.nat(), (labels, seed, epoch) => {
      const images = order(seed, epoch, labels, { balanced: true });
      expect(images.length).toBe(labels.length);
      const classes = new Set(labels);
      for (let turn = 0; turn + classes.size <= images.length; turn += classes.size)
        expect(new Set(images.slice(turn, turn + classes.size).map((image) => labels[image]))).toEqual(classes);
      for (const label of classes) {
        const own = [...labels.keys()].filter((image) => labels[image] === label);
        expect(spread(own.map((image) => images.filter((other) => other === image).length))).toBeLessThanOrEqual(1);
      }
    }),
  );
});
