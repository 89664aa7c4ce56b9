import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inflateZlib } from '../../src/io/zlib.js';

const split = (bytes: Uint8Array, at: number): readonly Uint8Array[] => [bytes.subarray(0, at), bytes.subarray(at)];

test('bytes that were deflated come back, however the stream is cut into pieces and however much it shrank', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(2000), fc.nat(), async (random, zeros, cut) => {
      const bytes = Uint8Array.from([...random, ...Array(zeros).fill(0), ...random]);
      const stream = new Uint8Array(deflateSync(bytes));
      const inflated = await inflateZlib(split(stream, cut % (stream.length + 1)), bytes.length);
      expect(inflated).toEqual({ bytes, checked: true });
    }),
  );
});

test('a wrong byte is found wherever zlib finds it', async () => {
  const bytes = Uint8Array.from({ length: 400 }, (_, i) => (i * i) % 61);
  const stream = deflateSync(bytes);
  await fc.assert(
    fc.asyncProperty(fc.nat(stream.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const damaged = stream.map((byte, i) => (i === at ? byte ^ flip : byte));
      const { bytes: found, checked, fault } = await inflateZlib([damaged], bytes.length);
      let sound = true;
      try {
        inflateSync(damaged);
      } catch {
        sound = false;
      }
      if (fault === undefined && checked) expect(sound).toBe(true);
      if (sound) expect(found).toEqual(bytes);
    }),
  );
});

test('a stream of 50 MB of which 4 bytes are asked for takes no more room than they do', async () => {
  const { bytes, checked } = await inflateZlib([deflateSync(new Uint8Array(50_000_000))], 4);
  expect([bytes.length, bytes.buffer.byteLength, checked]).toEqual([4, 4, false]);
});

test('a length that a stream does not have takes room in proportion to the stream', async () => {
  const stream = deflateSync(Uint8Array.of(1, 2, 3));
  const { bytes } = await inflateZlib([stream], 2 ** 31);
  expect([...bytes]).toEqual([1, 2, 3]);
  expect(bytes.buffer.byteLength).toBeLessThanOrEqual(16 * stream.length);
});
