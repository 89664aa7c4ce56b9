import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type Region, regionOf } from '../../src/wasm/region.js';

const shared = (bytes: number): Region => regionOf(bytes, 'unshared', true);
const live: Region[] = [];
const held = (bytes: number): Region => {
  const region = shared(bytes);
  live.push(region);
  return region;
};
afterEach(() => {
  for (const region of live.splice(0)) region.release();
});

test('elsewhere each session has a memory of its own, of the pages that it needs', () => {
  const [a, b] = [regionOf(100_000, 'unshared', false), regionOf(100_000, 'unshared', false)];
  expect(a.memory).not.toBe(b.memory);
  expect([a.begin, a.memory.buffer.byteLength]).toEqual([65536, 3 * 65536]);
});

test('a memory grows if it may, and keeps what it holds', () => {
  const [fixed, growing] = [regionOf(100, 'unshared', false), regionOf(100, 'unshared', false, true)];
  expect([fixed.grow(65536), fixed.grow(65537)]).toEqual([true, false]); // the pages that it has, and one more
  new Uint8Array(growing.memory.buffer)[growing.begin] = 7;
  expect(growing.grow(200_000)).toBe(true);
  expect(growing.memory.buffer.byteLength).toBeGreaterThanOrEqual(growing.begin + 200_000);
  expect(new Uint8Array(growing.memory.buffer)[growing.begin]).toBe(7);
  expect(growing.grow(2 ** 33)).toBe(false);
});

describe('where memories are few', () => {
  test('a session has its bytes and no more', () => {
    expect([held(100).grow(100), held(100).grow(101)]).toEqual([true, false]);
  });

  test('sessions lie side by side in one, behind page 0', () => {
    const [a, b, c] = [held(100), held(65536), held(1)];
    expect(new Set([a.memory, b.memory, c.memory]).size).toBe(1);
    expect([a.begin, b.begin, c.begin]).toEqual([65536, 65536 + 128, 65536 + 128 + 65536]);
  });

  test('a gap is taken by what fits into it, and by nothing larger', () => {
    const [a, b] = [held(1000), held(1000)];
    a.release();
    expect(held(1025).begin).toBeGreaterThan(b.begin);
    expect(held(1000).begin).toBe(a.begin);
  });

  test('threads, and what is too large, have a memory of their own', () => {
    const home = held(100);
    expect(regionOf(100, 'shared', true).memory).not.toBe(home.memory);
    expect(shared(2 ** 30).memory.buffer.byteLength).toBe(2 ** 30 + 65536);
  });

  test('a memory that is full has another beside it; one that nobody is in is let go of', () => {
    const [a, b] = [held(2 ** 29), held(2 ** 29)];
    expect(a.memory).not.toBe(b.memory);
    a.release();
    b.release();
    expect(held(100).memory).not.toBe(a.memory);
  });

  test('no two sessions overlap, whatever the order', () => {
    const step = fc.oneof(fc.integer({ min: 1, max: 2 ** 28 }), fc.record({ release: fc.nat(20) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const regions: { readonly region: Region; readonly bytes: number }[] = [];
        for (const one of steps)
          if (typeof one === 'number') regions.push({ region: shared(one), bytes: one });
          else regions.splice(one.release, 1)[0]?.region.release();
        for (const { region, bytes } of regions) {
          expect(region.begin % 64).toBe(0);
          expect(region.begin + bytes).toBeLessThanOrEqual(region.memory.buffer.byteLength);
          const others = regions.filter((other) => other.region !== region && other.region.memory === region.memory);
          expect(
            others.every((other) => other.region.begin >= region.begin + bytes || other.region.begin + other.bytes <= region.begin),
          ).toBe(true);
        }
        for (const { region } of regions) region.release();
      }),
    );
  });
});
