import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Convolution, convolutions } from '../../../reference/properties/windows.js';
import { pack, packingSize } from '../../../src/plan/pack.js';
import { panelKinds, type TablePacking } from '../../../src/plan/packing.js';
import { blocksOf } from '../../../src/plan/plan.js';
import { productForms } from '../../../src/plan/quantised/forms.js';
import { packBytePanels, panelsBytes, runOf } from '../../../src/plan/quantised/panels.js';
import { spans8Of } from '../../../src/plan/quantised/spans.js';
import { tiles } from '../../../src/wasm/options.js';
import { extents, seeds } from '../../support/arbitraries.js';
import { cases } from '../../support/length.js';
import { between, clipped, type Engine8, engines8, garbage, halfToEven, Scene } from './memory.js';

/** A convolution of bytes, its operands as the formula has them, and what becomes of its sums. */
interface Case {
  readonly convolution: Convolution;
  readonly x: Uint8Array;
  readonly w: Int8Array;
  readonly bias: Int32Array;
  readonly factors: Float32Array;
  readonly zeroX: number;
  readonly zero: number;
  readonly lowest: number;
  readonly highest: number;
}

const size = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

function outputOf({ image: [, , H = 0, W = 0], filter: [, , P = 0, Q = 0], attrs }: Convolution): readonly [number, number] {
  const { stride, padding, dilation } = attrs;
  return [
    Math.floor((H + padding[0] + padding[2] - dilation[0] * (P - 1) - 1) / stride[0]) + 1,
    Math.floor((W + padding[1] + padding[3] - dilation[1] * (Q - 1) - 1) / stride[1]) + 1,
  ];
}

/** Σ w · (x − zero) + bias, NCHW, cells outside the image being the zero point. */
function sumsOf({ convolution, x, w, bias, zeroX }: Case): Float64Array {
  const { image, filter, attrs } = convolution;
  const [N, C, H, W] = image as readonly [number, number, number, number];
  const [O, Cg, P, Q] = filter as readonly [number, number, number, number];
  const { groups, stride, padding, dilation } = attrs;
  const [I, J] = outputOf(convolution);
  const sums = new Float64Array(N * O * I * J);
  let at = 0;
  for (let n = 0; n < N; n++)
    for (let o = 0; o < O; o++)
      for (let i = 0; i < I; i++)
        for (let j = 0; j < J; j++) {
          let sum = bias[o] as number;
          for (let c = 0; c < Cg; c++)
            for (let p = 0; p < P; p++)
              for (let q = 0; q < Q; q++) {
                const h = i * stride[0] + p * dilation[0] - padding[0];
                const v = j * stride[1] + q * dilation[1] - padding[3];
                if (h < 0 || h >= H || v < 0 || v >= W) continue;
                const channel = Math.floor(o / (O / groups)) * Cg + c;
                const cell = x[((n * C + channel) * H + h) * W + v] as number;
                sum += (w[((o * Cg + c) * P + p) * Q + q] as number) * (cell - zeroX);
              }
          sums[at++] = sum;
        }
  return sums;
}

const results = ['bytes', 'floats', 'sums'] as const;

/** By the kernel, NCHW. */
async function onKernel(
  one: Case,
  { build, form }: Engine8,
  tile: (typeof tiles)[keyof typeof tiles],
  parts: number,
  seed: number,
  result: (typeof results)[number],
  times = 1,
) {
  const { convolution, x, w, bias, factors, zeroX, zero, lowest, highest } = one;
  const [N, C, H, W] = convolution.image as readonly [number, number, number, number];
  const [O, Cg, P, Q] = convolution.filter as readonly [number, number, number, number];
  const { groups, stride, padding, dilation } = convolution.attrs;
  const [I, J] = outputOf(convolution);
  const xPixel = Math.ceil(C / 16) * 16;
  const pixel = result === 'bytes' ? Math.ceil(O / 16) * 16 : Math.ceil(O / 8) * 32;
  const spans = spans8Of(O, Cg, groups, tile);
  const run = runOf(spans);
  const panels = { outputs: O, filter: [Cg, P, Q], groups, spans } as const;

  const image = {
    images: N,
    channels: C,
    height: H,
    width: W,
    image: H * W * xPixel,
    origin: 0,
    line: W * xPixel,
    pixel: xPixel,
    base: 0,
  } as const;
  const table: TablePacking = {
    kind: 'table',
    layout: image,
    output: [I, J],
    taps: [P, Q],
    stride,
    dilation,
    before: [padding[0], padding[3]],
  };
  const words = new Int32Array(packingSize(table));
  pack(table, new Map(), { f32: new Float32Array(words.buffer), i32: words });

  const taps = P * Q;
  const count = spans.outputs.length;
  const scene = new Scene(N * H * W * xPixel + words.byteLength + panelsBytes(panels) + N * I * J * pixel + taps * 240 + 20000, seed);
  const cells = garbage(N * H * W * xPixel, seed + 1); // pads hold anything
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++)
      for (let cell = 0; cell < H * W; cell++) cells[(n * H * W + cell) * xPixel + c] = x[(n * C + c) * H * W + cell] as number;
  const packed = new Uint8Array(panelsBytes(panels));
  const each = w.length / O;
  const starts = bias.map((b, o) => b - zeroX * w.subarray(o * each, (o + 1) * each).reduce((sum, value) => sum + value, 0));
  packBytePanels(panels, { weights: w, starts, factors }, new DataView(packed.buffer));
  const y = scene.room(N * I * J * pixel);
  await scene.call(
    build,
    'conv8',
    {
      x: scene.put(cells),
      table: scene.put(words),
      starts: scene.put(Int32Array.from(spans.starts.flatMap((start, panel) => [start, spans.outputs[panel] as number]))),
      padding: scene.put(new Uint8Array(Math.max(run, xPixel)).fill(zeroX)),
      panels: scene.put(packed),
      y,
      scratch: scene.room((taps + 3) * 240 + 65 * spans.columns * 4),
      ...{ image: H * W * xPixel, pixel, rows: I * J, taps, run, count, zero, lowest, highest },
      ...{
        tile: tile.rows,
        columns: spans.columns,
        kind: panelKinds.indexOf(spans.kind),
        form: productForms.indexOf(form),
        result: results.indexOf(result),
      },
    },
    Array.from({ length: parts + 1 }, (_, part) => Math.floor((N * blocksOf(I * J) * count * part) / parts)),
    times,
  );
  const values = scene[result](y, result === 'bytes' ? N * I * J * pixel : (N * I * J * pixel) / 4);
  const row = result === 'bytes' ? pixel : pixel / 4;
  const found = new Float64Array(N * O * I * J);
  for (let n = 0; n < N; n++)
    for (let o = 0; o < O; o++)
      for (let cell = 0; cell < I * J; cell++) found[(n * O + o) * I * J + cell] = values[(n * I * J + cell) * row + o] as number;
  if (result !== 'bytes') expect(values.every((value, i) => i % row < O || value === 0)).toBe(true);
  return found;
}

const channelAt = (i: number, { filter: [O = 1] }: Convolution, plane: number): number => Math.floor(i / plane) % O;

/** Draws values for a convolution: bytes up to `most`, weights from `least`; factors of which many make ties. */
function caseOf(convolution: Convolution, seed: number, most: number, least: number): Case {
  const [O = 0] = convolution.filter;
  const stream = garbage(size(convolution.image) + size(convolution.filter) + 6 * O + 8, seed);
  let at = 0;
  const take = (low: number, high: number): number => between(stream[at++] as number, low, high);
  const x = Uint8Array.from({ length: size(convolution.image) }, () => take(0, most));
  const w = Int8Array.from({ length: size(convolution.filter) }, () => take(least, 127));
  const bias = Int32Array.from({ length: O }, () => (convolution.bias ? take(-128, 127) * take(0, 255) : 0));
  const factors = Float32Array.from({ length: O }, () => {
    const [which, digits] = [take(0, 3), take(1, 255)];
    return which === 0 ? 2 ** -(digits % 12) : which === 1 ? digits * 3.1 : digits / 16384;
  });
  const [lowest, highest] = [take(0, 100), take(100, 255)];
  return { convolution, x, w, bias, factors, zeroX: take(0, most), zero: take(0, 255), lowest, highest };
}

const groupings = fc.oneof(
  fc.tuple(fc.constant(1), extents(21), extents(40)),
  fc.tuple(extents(3), extents(9), extents(27)),
  fc.tuple(extents(40), fc.constant(1), fc.constant(1)),
  fc.tuple(extents(9), fc.constant(4), fc.constant(4)),
);

test('conv8: any convolution equals exact integers, rounded half to even: every build, form, tile and cut', async () => {
  await fc.assert(
    fc.asyncProperty(convolutions(groupings, 9), extents(3), seeds(), async (convolution, parts, seed) => {
      const [I, J] = outputOf(convolution);
      for (const most of [127, 255]) {
        const one = caseOf(convolution, seed, most, -128);
        const sums = sumsOf(one);
        const factor = (i: number): number => one.factors[channelAt(i, convolution, I * J)] as number;
        const scaled = (sum: number, i: number): number => Math.fround(Math.fround(sum) * factor(i));
        const bytes = sums.map((sum, i) => clipped(halfToEven(scaled(sum, i)) + one.zero, one.lowest, one.highest));
        const floats = sums.map(scaled);
        for (const engine of engines8.filter(({ form }) => most === 127 || form === 'wide'))
          for (const tile of Object.values(tiles)) {
            expect(await onKernel(one, engine, tile, parts, seed, 'bytes'), JSON.stringify([engine, tile, most])).toEqual(bytes);
            if (tile.rows !== 5) continue;
            expect(await onKernel(one, engine, tile, parts, seed, 'floats')).toEqual(floats);
            expect(await onKernel(one, engine, tile, parts, seed, 'sums')).toEqual(sums);
          }
      }
    }),
    { numRuns: cases(24) },
  );
});

const plain = (image: readonly number[], filter: readonly number[], groups = 1): Convolution => ({
  image,
  filter,
  attrs: { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups },
  bias: false,
});

test('conv8: the largest products of the longest sums neither saturate nor wrap', async () => {
  const C = 512;
  for (const [most, weight] of [
    [255, 127],
    [255, -128],
    [127, 127],
    [127, -128],
  ] as const) {
    const convolution = plain([1, C, 3, 3], [9, C, 3, 3]);
    const one: Case = {
      convolution,
      x: new Uint8Array(C * 9).fill(most),
      w: new Int8Array(9 * C * 9).fill(weight),
      bias: new Int32Array(9),
      factors: new Float32Array(9).fill(1),
      ...{ zeroX: 0, zero: 0, lowest: 0, highest: 255 },
    };
    const sum = C * 9 * most * weight;
    for (const engine of engines8.filter(({ form }) => most === 127 || form === 'wide'))
      for (const tile of Object.values(tiles))
        expect([...(await onKernel(one, engine, tile, 1, 5, 'sums'))]).toEqual(new Array(9).fill(sum));
  }
});

test('conv8: ties of both signs go to the even number, whatever the zero point, and a pad is the zero point', async () => {
  // x − zero is 0 .. 127 − zero in one column, times 1, times 1/2: every half
  const halves = Array.from({ length: 128 }, (_, x) => x);
  for (const zero of [0, 128]) // of uint8 0, of int8 0 and of int8 −128 again
    for (const zeroX of [0, 64, 127]) {
      const one: Case = {
        convolution: plain([1, 1, 1, 128], [1, 1, 1, 1]),
        x: Uint8Array.from(halves),
        w: Int8Array.of(1),
        bias: Int32Array.of(0),
        factors: Float32Array.of(0.5),
        ...{ zeroX, zero, lowest: 0, highest: 255 },
      };
      const expected = halves.map((x) => Math.max(halfToEven((x - zeroX) / 2) + zero, 0));
      for (const engine of engines8) expect([...(await onKernel(one, engine, tiles['6x8'], 1, 7, 'bytes'))]).toEqual(expected);
    }
});

test('conv8: the first call of code that nobody has run is exact, and hot calls give the same', async () => {
  const shapes = [plain([1, 32, 8, 8], [32, 32, 1, 1]), plain([1, 32, 8, 8], [32, 1, 3, 3], 32), plain([1, 32, 8, 8], [32, 4, 1, 1], 8)];
  for (const convolution of shapes) {
    const one = { ...caseOf(convolution, 11, 127, -128), factors: new Float32Array(32).fill(1) };
    const expected = sumsOf(one);
    for (const engine of engines8)
      for (const tile of Object.values(tiles)) expect(await onKernel(one, engine, tile, 1, 3, 'sums', 150)).toEqual(expected);
  }
});
