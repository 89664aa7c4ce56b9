import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pools } from '../../../reference/properties/windows.js';
import { forwards } from '../../../src/ops/forwards.js';
import { maxPool2d } from '../../../src/ops/maxPool2d.js';
import { type KernelsBuild, supports } from '../../../src/wasm/features.js';
import { extents, seeds } from '../../support/arbitraries.js';
import { cases } from '../../support/length.js';
import { clipped, garbage, halfToEven, Scene } from './memory.js';

const builds = (['strict', 'relaxed'] as const).filter(supports);
const { fround } = Math;

interface Kernel8Case {
  readonly pixels: number;
  readonly channels: number;
  readonly seed: number;
}
const planes = fc.record({ pixels: extents(70), channels: extents(40), seed: seeds() });
const padded = (channels: number, to: number): number => Math.ceil(channels / to) * to;

/** Limits, zero points and factors of a seed. Of four factors one makes ties. */
function numbersOf(seed: number) {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = garbage(8, seed);
  const factor = (which: number, digits: number): number =>
    fround(which % 4 === 0 ? 2 ** -(digits % 4) : which % 4 === 1 ? digits * 1.7 : (digits + 1) / 300);
  return { za: a, zb: b, zero: c, lowest: d % 100, highest: 100 + (e % 156), ma: factor(f, g), mb: factor(g, h) };
}

/** Compares what a kernel makes of `channels` of each pixel. */
function expectPixels(
  found: ArrayLike<number>,
  pixel: number,
  { pixels, channels }: Kernel8Case,
  expected: (i: number, c: number) => number,
) {
  for (let i = 0; i < pixels; i++)
    for (let c = 0; c < channels; c++) {
      const value = found[i * pixel + c] as number;
      if (!Object.is(value, expected(i, c))) expect([i, c, value]).toEqual([i, c, expected(i, c)]);
    }
}

const each = async (one: Kernel8Case, body: (build: KernelsBuild, scene: Scene) => Promise<void>): Promise<void> => {
  for (const build of builds) await body(build, new Scene(one.pixels * padded(one.channels, 16) * 12 + 16384, one.seed));
};

/** Floats that a network has, with those that it had better not have. */
const floatsOf = (length: number, seed: number): Float32Array =>
  Float32Array.from(garbage(length, seed), (byte, i) =>
    i % 31 === 7 ? ([NaN, Infinity, -Infinity, 3e38, -0, 1e-40][byte % 6] as number) : (byte - 128) / (i % 3 === 0 ? 16 : 37),
  );

test('quantise8 and dequantise8 are ONNX’s, ties and numbers that are none included', async () => {
  await fc.assert(
    fc.asyncProperty(planes, async (one) => {
      const { pixels, channels, seed } = one;
      const { zero, lowest, highest, ma: scale, za } = numbersOf(seed);
      const [xPixel, yPixel] = [padded(channels, 8) * 4, padded(channels, 16)];
      await each(one, async (build, scene) => {
        const x = floatsOf((pixels * xPixel) / 4, seed);
        const y = scene.room(pixels * yPixel);
        await scene.call(build, 'quantise8', { x: scene.put(x), y, xPixel, yPixel, zero, lowest, highest, scale }, [0, pixels]);
        expectPixels(scene.bytes(y, pixels * yPixel), yPixel, one, (i, c) => {
          const r = fround((x[(i * xPixel) / 4 + c] as number) / scale);
          return clipped(halfToEven(Number.isNaN(r) ? 0 : clipped(r, -1000, 1000)) + zero, lowest, highest);
        });
      });
      await each(one, async (build, scene) => {
        const x = garbage(pixels * yPixel, seed);
        const y = scene.room(pixels * xPixel);
        await scene.call(build, 'dequantise8', { x: scene.put(x), y, xPixel: yPixel, yPixel: xPixel, channels, zero: za, scale }, [
          0,
          pixels,
        ]);
        const found = scene.floats(y, (pixels * xPixel) / 4);
        expectPixels(found, xPixel / 4, one, (i, c) => fround(((x[i * yPixel + c] as number) - za) * scale));
        expectPixels(found, xPixel / 4, { ...one, channels: xPixel / 4 }, (i, c) =>
          c < channels ? (found[(i * xPixel) / 4 + c] as number) : 0,
        );
      });
    }),
    { numRuns: cases(100) },
  );
});

test('add8 and gate8 round each product, the sum, and the result half to even', async () => {
  await fc.assert(
    fc.asyncProperty(planes, extents(3), fc.boolean(), async (one, images, alone) => {
      const { pixels, channels, seed } = one;
      const { za, zb, zero, lowest, highest, ma, mb } = numbersOf(seed);
      const pixel = padded(channels, 16);
      const [a, b] = [garbage(pixels * pixel, seed), garbage(pixels * pixel, seed + 1)];
      const term = (of: Uint8Array, at: number, z: number, m: number): number => fround(((of[at] as number) - z) * m);
      const rounded = (r: number): number => clipped(halfToEven(clipped(Number.isNaN(r) ? 0 : r, -1000, 1000)) + zero, lowest, highest);
      await each(one, async (build, scene) => {
        const y = scene.room(pixels * pixel);
        const units = (pixels * pixel) / 16;
        const args = { a: scene.put(a), b: scene.put(b), y, za, zb, zero, lowest, highest, ma, mb };
        await scene.call(build, 'add8', args, [0, units >> 1, units]);
        expectPixels(scene.bytes(y, pixels * pixel), pixel, one, (i, c) =>
          rounded(fround(term(a, i * pixel + c, za, ma) + term(b, i * pixel + c, zb, mb))),
        );
      });
      const gPixel = padded(channels, 8) * 4;
      const gates = floatsOf((images * gPixel) / 4, seed + 2);
      const rows = Math.ceil(pixels / images);
      await each(one, async (build, scene) => {
        const y = scene.room(pixels * pixel);
        const operands = { u: scene.put(a), gate: scene.put(gates), residual: alone ? 0 : scene.put(b), y };
        const args = { ...operands, pixel, gPixel, rows, zu: za, zr: zb, zero, lowest, highest, m: ma, mr: mb };
        await scene.call(build, 'gate8', args, [0, pixels >> 1, pixels]);
        expectPixels(scene.bytes(y, pixels * pixel), pixel, one, (i, c) => {
          const gate = gates[(Math.floor(i / rows) * gPixel) / 4 + c] as number;
          const r = term(a, i * pixel + c, za, fround(gate * ma));
          return rounded(alone ? r : fround(r + term(b, i * pixel + c, zb, mb)));
        });
      });
    }),
    { numRuns: cases(100) },
  );
});

test('add8 and gate8: exact ties of both signs, with zero points at both ends', async () => {
  const a = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (const build of builds)
    for (const zero of [0, 128, 255])
      for (const za of [0, 128, 255]) {
        const scene = new Scene(8192, 3);
        const [y, z] = [scene.room(256), scene.room(256)];
        const limits = { zero, lowest: 0, highest: 255 };
        const same = scene.put(new Uint8Array(256).fill(9));
        await scene.call(build, 'add8', { a: scene.put(a), b: same, y, za, zb: 9, ...limits, ma: 0.5, mb: 0.5 }, [0, 16]);
        const ones = scene.put(new Float32Array(256).fill(1));
        const plane = { pixel: 256, gPixel: 1024, rows: 1, zu: za, zr: 0 };
        await scene.call(build, 'gate8', { u: scene.put(a), gate: ones, residual: 0, y: z, ...plane, ...limits, m: 0.5, mr: 0 }, [0, 1]);
        const expected = [...a].map((q) => clipped(halfToEven((q - za) / 2) + zero, 0, 255));
        expect([...scene.bytes(y, 256)]).toEqual(expected);
        expect([...scene.bytes(z, 256)]).toEqual(expected);
      }
});

test('squeeze8 and mean8: exact sums, of any number of pixels', async () => {
  await fc.assert(
    fc.asyncProperty(
      extents(3),
      fc.oneof(extents(130), fc.constantFrom(59, 60, 61, 120, 3000)),
      extents(40),
      seeds(),
      async (images, rows, channels, seed) => {
        const [pixel, zPixel] = [padded(channels, 16), padded(channels, 8) * 4];
        const { za: zero, ma: factor } = numbersOf(seed);
        for (const fill of [false, true]) {
          const x = fill ? new Uint8Array(images * rows * pixel).fill(255) : garbage(images * rows * pixel, seed);
          const blocks = Math.ceil(rows / 60);
          for (const build of builds) {
            const scene = new Scene(x.length + images * (blocks + 1) * pixel * 4 + 8192, seed);
            const [sums, z] = [scene.room(images * blocks * pixel * 4), scene.room(images * zPixel)];
            const units = images * blocks;
            await scene.call(build, 'squeeze8', { x: scene.put(x), sums, pixel, rows }, [0, units >> 1, units]);
            await scene.call(build, 'mean8', { sums, z, pixel, zPixel, channels, rows, zero, factor }, [0, images]);
            expectPixels(scene.floats(z, (images * zPixel) / 4), zPixel / 4, { pixels: images, channels: zPixel / 4, seed }, (n, c) => {
              let sum = 0;
              for (let i = 0; c < channels && i < rows; i++) sum += (x[(n * rows + i) * pixel + c] as number) - zero;
              return fround(fround(sum) * factor);
            });
          }
        }
      },
    ),
    { numRuns: cases(40) },
  );
});

test('maxPool8: any window', async () => {
  await fc.assert(
    fc.asyncProperty(pools(40), seeds(), async ({ image, attrs }, seed) => {
      const [N, C, H, W] = image as readonly [number, number, number, number];
      const [, , I, J] = maxPool2d.infer([image], attrs) as readonly [number, number, number, number];
      const pixel = padded(C, 16);
      const x = garbage(N * H * W * pixel, seed);
      const data = Float32Array.from({ length: N * C * H * W }, (_, i) => {
        const [cell, c, n] = [i % (H * W), Math.floor(i / (H * W)) % C, Math.floor(i / (H * W * C))];
        return x[(n * H * W + cell) * pixel + c] as number;
      });
      const expected = forwards.maxPool2d([{ shape: image, data }], attrs).data;
      const [windowH, windowW] = attrs.kernel;
      const [strideH, strideW] = attrs.stride;
      const window = { windowH, windowW, strideH, strideW, top: attrs.padding[0], left: attrs.padding[3] };
      for (const build of builds) {
        const scene = new Scene(x.length + N * I * J * pixel + 8192, seed);
        const y = scene.room(N * I * J * pixel);
        const args = { x: scene.put(x), y, pixel, height: H, width: W, outHeight: I, outWidth: J, ...window };
        await scene.call(build, 'maxPool8', args, [0, N * I]);
        expectPixels(scene.bytes(y, N * I * J * pixel), pixel, { pixels: N * I * J, channels: C, seed }, (i, c) => {
          const [cell, n] = [i % (I * J), Math.floor(i / (I * J))];
          return expected[(n * C + c) * I * J + cell] as number;
        });
      }
    }),
    { numRuns: cases(40) },
  );
});

test('table8 looks every byte up, and copy8 moves channels', async () => {
  const x = Uint8Array.from({ length: 256 }, (_, i) => (i * 7) % 256);
  for (const build of builds)
    for (const entries of [16, 128, 256]) {
      const scene = new Scene(8192, entries);
      const table = garbage(entries, entries);
      const [y, z] = [scene.room(256), scene.room(8 * 48)];
      const at = scene.put(x);
      await scene.call(build, 'table8', { x: at, y, table: scene.put(table), entries }, [0, 3, 16]);
      expect([...scene.bytes(y, 256)]).toEqual([...x].map((q) => table[q] ?? 0));
      const before = scene.bytes(z, 8 * 48).slice();
      await scene.call(build, 'copy8', { x: at + 1, y: z + 5, xPixel: 32, yPixel: 48, channels: 19 }, [0, 8]);
      for (let i = 0; i < 8; i++) before.set(x.subarray(i * 32 + 1, i * 32 + 20), i * 48 + 5);
      expect(scene.bytes(z, 8 * 48)).toEqual(before);
    }
});
