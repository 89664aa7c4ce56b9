import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError, ShapeError } from '../../../src/errors.js';
import { build } from '../../../src/graph/build.js';
import { checkGraph } from '../../../src/graph/check.js';
import { evaluate, reference } from '../../../src/graph/evaluate.js';
import { forwards } from '../../../src/ops/forwards.js';
import type { Quantisation } from '../../../src/ops/quantised/quantisation.js';
import { quantiseAxis } from '../../../src/ops/quantised/quantiseAxis.js';
import { tableOf } from '../../../src/ops/quantised/quantisedPointwise.js';
import { tensor } from '../../../src/tensor.js';
import { extents, seeded, seeds } from '../../support/arbitraries.js';
import { wholesWithin } from '../../support/integers.js';

const u8 = (scale: number, zeroPoint: number, range: readonly [number, number] = [0, 255]): Quantisation => ({
  dtype: 'uint8',
  scale,
  zeroPoint,
  range,
});

test('quantise: halves to even before the zero point, clipped at both ends, infinities too; NaN is refused', () => {
  const x = tensor([1, 9], [-0.75, -0.25, 0.25, 0.75, 1.25, 1e9, -1e9, Infinity, -Infinity]);
  expect([...forwards.quantise([x], { y: u8(0.5, 3) }).data]).toEqual([1, 3, 3, 5, 5, 255, 0, 255, 0]);
  expect([...forwards.quantise([x], { y: u8(0.5, 3, [3, 4]) }).data]).toEqual([3, 3, 3, 4, 4, 4, 3, 4, 3]);
  expect(() => forwards.quantise([tensor([1, 1], [Number.NaN])], { y: u8(0.5, 3) })).toThrow(InputError);
});

test('dequantise undoes quantise to half a quantum, and quantise undoes dequantise', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 20 }), fc.integer({ min: 0, max: 255 }), seeds(), (mantissa, zeroPoint, seed) => {
      const y = u8(mantissa * 2 ** -24, zeroPoint);
      const q = wholesWithin([1, 300], seed, [0, 255]);
      const reals = forwards.dequantise([q], { x: y });
      expect([...forwards.quantise([reals], { y }).data]).toEqual([...q.data]);
    }),
  );
});

test('along an axis each place has its own; int32 beyond 2^24 is rounded once, then scaled', () => {
  const along = { dtype: 'int8', scales: [1, 2], zeroPoints: [0, -1], axis: 1 } as const;
  const q = forwards.quantiseAxis([tensor([2, 2, 1, 1], [3, 3, 300, -300])], { along });
  expect([...q.data]).toEqual([3, 1, 127, -128]);
  expect([...forwards.dequantiseAxis([q], { along }).data]).toEqual([3, 4, 127, -254]);
  const sums = { dtype: 'int32', scales: [1], zeroPoints: [0], axis: 1 } as const;
  expect([...forwards.dequantiseAxis([tensor([1, 1], Float64Array.of(2 ** 24 + 1))], { along: sums }).data]).toEqual([2 ** 24]);
  expect(() => quantiseAxis.infer([[2, 3]], { along })).toThrow(ShapeError);
});

test('a range that is found on the way contains 0, which stays exact', () => {
  const x = tensor([1, 4], [0.5, 1, 2, 4.1]);
  const [scale, zero] = [forwards.dynamicScale([x], {}), forwards.dynamicZeroPoint([x], {})];
  expect([scale.data[0], zero.data[0]]).toEqual([Math.fround(Math.fround(4.1) / 255), 0]);
  expect([...forwards.quantiseBy([x, scale, zero], {}).data]).toEqual([31, 62, 124, 255]);
  const negative = tensor([1, 2], [-2, -1]);
  expect(forwards.dynamicZeroPoint([negative], {}).data[0]).toBe(255);
  const none = tensor([1, 2], [0, 0]);
  expect([forwards.dynamicScale([none], {}).data[0], forwards.dynamicZeroPoint([none], {}).data[0]]).toEqual([1, 0]);
});

test('sums, gates and means are of what the integers stand for, to half a quantum', () => {
  fc.assert(
    fc.property(extents(2), extents(3), extents(4), extents(4), seeds(), (N, C, H, W, seed) => {
      const [a, b] = [u8(0.02, 100), u8(0.03, 17)].map((q) => ({ ...q, scale: Math.fround(q.scale) })) as [Quantisation, Quantisation];
      const y = u8(2 ** -4, 90);
      const [p, q] = [wholesWithin([N, C, H, W], seed, [0, 255]), wholesWithin([N, C, H, W], seed + 1, [0, 255])];
      const s = tensor(
        [N, C],
        Float32Array.from(seeded([N, C], seed + 2).data, (value) => (value + 1) / 2),
      );
      const real = (v: number, of: Quantisation): number => (v - of.zeroPoint) * of.scale;
      const within = (found: number, wanted: number): void => {
        const clipped = Math.min(Math.max(wanted / y.scale + y.zeroPoint, 0), 255);
        expect(Math.abs(found - clipped)).toBeLessThanOrEqual(0.5 + 2 ** -12);
      };
      const plane = H * W;
      const gate = (i: number): number => s.data[Math.floor(i / plane)] as number;
      forwards.quantisedAdd([p, q], { a, b, y }).data.forEach((value, i) => {
        within(value, real(p.data[i] as number, a) + real(q.data[i] as number, b));
      });
      forwards.quantisedScale([p, s], { u: a, y }).data.forEach((value, i) => {
        within(value, gate(i) * real(p.data[i] as number, a));
      });
      forwards.quantisedScale([p, s, q], { u: a, residual: b, y }).data.forEach((value, i) => {
        within(value, gate(i) * real(p.data[i] as number, a) + real(q.data[i] as number, b));
      });
      const z = forwards.quantisedGlobalAvgPool([p], { u: a });
      z.data.forEach((value, i) => {
        const sum = [...p.data.slice(i * plane, (i + 1) * plane)].reduce((total, v) => total + v - a.zeroPoint, 0);
        expect(value).toBe(Math.fround(Math.fround(sum) * Math.fround(a.scale / plane)));
      });
    }),
  );
});

test('a function is a table: quantise(f(dequantise(x)))', () => {
  const [x, y] = [u8(0.0625, 128), u8(0.03125, 9)];
  const table = tableOf({ x, y, of: 'silu' });
  const all = tensor(
    [1, 256],
    Float32Array.from({ length: 256 }, (_, i) => i),
  );
  const composed = forwards.quantise([forwards.silu([forwards.dequantise([all], { x })], {})], { y });
  expect([...table]).toEqual([...composed.data]);
  expect([...forwards.quantisedPointwise([all], { x, y, of: 'silu' }).data]).toEqual([...table]);
  const signed = { dtype: 'int8', scale: 1, zeroPoint: 0, range: [-128, 127] } as const;
  expect([...tableOf({ x: signed, y: { ...signed, scale: 2 }, of: 'identity' })].slice(0, 3)).toEqual([-64, -64, -63]);
});

describe('a graph knows which values are integers', () => {
  const y = u8(0.5, 3);
  test('and ops of floats do not take them', () => {
    expect(() => build([1, 2], (x) => x.graph.emit('relu', [x.graph.emit('quantise', [x], { y })], {}))).toThrow(
      'relu: operand 0 is uint8 of 0 to 255, expected floats',
    );
    expect(() => build([1, 2], (x) => x.graph.emit('dequantise', [x], { x: y }))).toThrow('dequantise: x is floats');
  });
  test('ops that choose pass them on', () => {
    const graph = build([1, 2, 4, 4], (x) => {
      const q = x.graph.emit('quantise', [x], { y: u8(0.5, 3, [0, 127]) });
      return x.graph.emit('concat', [q, x.graph.emit('quantise', [x], { y })], {});
    });
    expect(graph.nodes.at(-1)?.integers).toEqual({ dtype: 'uint8', range: [0, 255] });
  });
  test('a graph that lies about them is refused', () => {
    const graph = build([1, 2], (x) => x.graph.emit('quantise', [x], { y }));
    const nodes = graph.nodes.map(({ integers, ...node }) => node);
    expect(() => checkGraph({ ...graph, nodes } as typeof graph)).toThrow(
      'node 1: quantise gives uint8 of another dtype or range than it says',
    );
  });
  test('an attribute that is no quantisation is refused', () => {
    for (const wrong of [
      { scale: 0 },
      { scale: 0.1 },
      { zeroPoint: 256 },
      { zeroPoint: 0.5 },
      { dtype: 'int16' },
      { range: [3, 2] },
      { range: [0, 300] },
    ])
      expect(() => build([1, 2], (x) => x.graph.emit('quantise', [x], { y: { ...y, ...wrong } as Quantisation }))).toThrow(
        'quantise cannot have y',
      );
  });
  test('weights that are none of the integers that they should be are refused by name', () => {
    const graph = build([1, 2], (x) => {
      const w = x.graph.emit('param', [], { name: 'w', shape: [1, 2], trainable: true, dtype: 'int8' });
      const q = x.graph.emit('quantise', [x], { y });
      return x.graph.emit('integerLinear', [q, w], { xDtype: 'uint8', xZeroPoint: 3, w: { dtype: 'int8', zeroPoints: [0] } });
    });
    const run = (w: readonly number[]) =>
      evaluate(graph, reference(new Map([['w', tensor([1, 2], w)]]), { input: tensor([1, 2], [1, 2]) }));
    expect([...(run([1, -128]).get('logits')?.data ?? [])]).toEqual([2 - 4 * 128]);
    expect(() => run([1, 128])).toThrow('tensor w is int8 and holds 128 at index 1');
    expect(() => run([0.5, 1])).toThrow('tensor w is int8 and holds 0.5 at index 0');
  });
});
