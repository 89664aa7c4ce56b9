import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { conv2d } from '../../src/ops/conv2d.js';
import { forwards } from '../../src/ops/forwards.js';
import type { Conv2dAttrs } from '../../src/ops/op.js';
import { at4, dims4, map, type Shape, sizeOf, type Tensor, tensor, widen } from '../../src/tensor.js';
import { convCase, wholes } from '../support/arbitraries.js';
import { fill, pad } from '../support/planes.js';

const plain: Conv2dAttrs = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 };
const conv = (x: Tensor, w: Tensor, attrs: Conv2dAttrs): Tensor => forwards.conv2d([x, w], attrs);

/** Channels [from, to) of x. */
function channels(x: Tensor, from: number, to: number): Tensor {
  const [N, , H, W] = dims4(x.shape);
  return fill(x, [N, to - from, H, W], (n, c, h, w) => at4(x, n, from + c, h, w));
}

test('by hand: a 2×2 kernel over a 3×3 plane, unflipped, padded at the top and left only', () => {
  const x = tensor([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const w = tensor([1, 1, 2, 2], [1, 0, 0, 10]);
  expect(conv(x, w, plain)).toEqual(tensor([1, 1, 2, 2], [51, 62, 84, 95]));
  expect(conv(x, w, { ...plain, padding: [1, 0, 0, 1] })).toEqual(tensor([1, 1, 3, 3], [10, 20, 30, 40, 51, 62, 70, 84, 95]));
  expect(conv(x, w, { ...plain, padding: [1, 0, 0, 1], stride: [2, 1] })).toEqual(tensor([1, 1, 2, 3], [10, 20, 30, 70, 84, 95]));
});

test('by hand: channels are summed, outputs are separate, each has its bias', () => {
  const x = tensor([1, 2, 1, 2], [1, 2, 3, 4]);
  const w = tensor([2, 2, 1, 1], [1, 10, 2, 20]);
  expect(forwards.conv2d([x, w, tensor([2], [100, 200])], plain)).toEqual(tensor([1, 2, 1, 2], [131, 142, 262, 284]));
});

test('groups are convolutions of their own, concatenated', () => {
  fc.assert(
    fc.property(convCase(), ({ x, w, attrs }) => {
      const [C, O] = [dims4(x.shape)[1] / attrs.groups, dims4(w.shape)[0] / attrs.groups];
      const size = sizeOf(w.shape) / attrs.groups;
      const parts = Array.from({ length: attrs.groups }, (_, g) =>
        conv(
          channels(x, g * C, (g + 1) * C),
          { shape: [O, ...w.shape.slice(1)], data: w.data.slice(g * size, (g + 1) * size) },
          { ...attrs, groups: 1 },
        ),
      );
      expect(conv(x, w, attrs)).toEqual(forwards.concat(parts, {}));
    }),
  );
});

test('padding is a border of zeros', () => {
  fc.assert(
    fc.property(convCase(), ({ x, w, attrs }) => {
      expect(conv(x, w, attrs)).toEqual(conv(pad(x, attrs.padding), w, { ...attrs, padding: [0, 0, 0, 0] }));
    }),
  );
});

test('shifting the image by a stride shifts the output by a pixel', () => {
  fc.assert(
    fc.property(convCase(), ({ x, w, attrs }) => {
      const [down, right] = attrs.stride;
      const y = conv(x, w, attrs);
      const shifted = conv(pad(x, [down, 0, 0, right]), w, attrs);
      expect(fill(y, y.shape, (n, o, i, j) => at4(shifted, n, o, i + 1, j + 1))).toEqual(y);
    }),
  );
});

test('a stride keeps every so manieth output', () => {
  fc.assert(
    fc.property(convCase(), ({ x, w, attrs }) => {
      const y = conv(x, w, attrs);
      const dense = conv(x, w, { ...attrs, stride: [1, 1] });
      const [sh, sw] = attrs.stride;
      expect(fill(y, y.shape, (n, o, i, j) => at4(dense, n, o, i * sh, j * sw))).toEqual(y);
    }),
  );
});

test('dilation is a kernel with zeros in between', () => {
  fc.assert(
    fc.property(convCase(), ({ x, w, attrs }) => {
      const [O, C, P, Q] = dims4(w.shape);
      const [dh, dw] = attrs.dilation;
      const sparse = fill(w, [O, C, dh * (P - 1) + 1, dw * (Q - 1) + 1], (o, c, p, q) =>
        p % dh === 0 && q % dw === 0 ? at4(w, o, c, p / dh, q / dw) : 0,
      );
      expect(conv(x, w, attrs)).toEqual(conv(x, sparse, { ...attrs, dilation: [1, 1] }));
    }),
  );
});

test('linear in the image and in the weights', () => {
  const thrice = (t: Tensor): Tensor => map(t, (value) => 3 * value);
  fc.assert(
    fc.property(convCase(), fc.nat(), ({ x, w, attrs }, seed) => {
      const [dx, dw] = [wholes(x.shape, seed), wholes(w.shape, seed)];
      const sum = (a: Tensor, b: Tensor): Tensor => forwards.add([a, b], {});
      expect(conv(sum(thrice(x), dx), w, attrs)).toEqual(sum(thrice(conv(x, w, attrs)), conv(dx, w, attrs)));
      expect(conv(x, sum(thrice(w), dw), attrs)).toEqual(sum(thrice(conv(x, w, attrs)), conv(x, dw, attrs)));
    }),
  );
});

test('sums in float64, rounds once: to float32, or not at all', () => {
  const x = tensor([1, 3, 1, 1], [2 ** 30, 1, -(2 ** 30)]);
  const w = tensor([1, 3, 1, 1], [1, 0.1, 1]);
  expect(conv(x, w, plain).data).toEqual(Float32Array.of(Math.fround(2 ** 30 + Math.fround(0.1) - 2 ** 30)));
  expect(conv(widen(x), widen(w), plain).data).toEqual(Float64Array.of(2 ** 30 + Math.fround(0.1) - 2 ** 30));
});

test('NaN spreads to the outputs whose window holds it, and no further', () => {
  const x = tensor([1, 1, 1, 4], [NaN, 0, 0, 0]);
  expect(conv(x, tensor([1, 1, 1, 2], [0, 1]), plain).data).toEqual(Float32Array.of(NaN, 0, 0));
});

test('MACs: one a weight for every output pixel, padding included', () => {
  const [x, w] = [
    [2, 6, 5, 5],
    [4, 3, 3, 3],
  ];
  const attrs = { ...plain, padding: [1, 1, 1, 1] as const, groups: 2 };
  expect(conv2d.macs([x, w], conv2d.infer([x, w], attrs), attrs)).toBe(2 * 4 * 5 * 5 * 3 * 3 * 3);
});

// biome-ignore format: one row a case
const unfit: readonly (readonly [what: string, shapes: readonly Shape[], attrs: Partial<Conv2dAttrs>])[] = [
  ['no weights', [[1, 3, 8, 8]], {}],
  ['an operand too many', [[1, 3, 8, 8], [4, 3, 3, 3], [4], [4]], {}],
  ['an image of rank 3', [[3, 8, 8], [4, 3, 3, 3]], {}],
  ['weights of rank 2', [[1, 3, 8, 8], [4, 3]], {}],
  ['other channels', [[1, 3, 8, 8], [4, 4, 3, 3]], {}],
  ['other channels for these groups', [[1, 4, 8, 8], [4, 4, 3, 3]], { groups: 2 }],
  ['outputs that groups do not divide', [[1, 4, 8, 8], [5, 2, 3, 3]], { groups: 2 }],
  ['no groups', [[1, 4, 8, 8], [4, 4, 3, 3]], { groups: 0 }],
  ['a bias of another length', [[1, 3, 8, 8], [4, 3, 3, 3], [3]], {}],
  ['a bias of rank 2', [[1, 3, 8, 8], [4, 3, 3, 3], [4, 1]], {}],
  ['a kernel that does not fit', [[1, 3, 2, 8], [4, 3, 3, 3]], {}],
  ['a dilated kernel that does not fit', [[1, 3, 4, 8], [4, 3, 3, 3]], { dilation: [2, 1] }],
  ['no stride', [[1, 3, 8, 8], [4, 3, 3, 3]], { stride: [0, 1] }],
  ['no dilation', [[1, 3, 8, 8], [4, 3, 3, 3]], { dilation: [1, 0] }],
  ['negative padding', [[1, 3, 8, 8], [4, 3, 3, 3]], { padding: [0, 0, -1, 0] }],
];
test.each(unfit)('%s is a ShapeError', (_, shapes, attrs) => {
  expect(() => conv2d.infer(shapes, { ...plain, ...attrs })).toThrow(ShapeError);
});

test('the error names the shapes', () => {
  const [x, w] = [tensor([1, 3, 1, 1], [1, 2, 3]), tensor([2, 1, 1, 1], [1, 2])];
  expect(() => conv(x, w, plain)).toThrow('conv2d with groups 1: x [1, 3, 1, 1], w [2, 1, 1, 1]');
});
