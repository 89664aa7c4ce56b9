import { describe, expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { openCaffe } from '../../src/io/caffe.js';
import { bytesSource } from '../../src/io/source.js';
import { concatBytes, text } from '../support/files/bytes.js';
import { integer, message } from '../support/files/caffe.js';

const [layer, name, blob, shape, dim] = [100, 1, 7, 7, 1];
const many = (count: number, part: Uint8Array): Uint8Array => concatBytes(Array.from({ length: count }, () => part));
const named = (title: string, ...parts: readonly Uint8Array[]): Uint8Array => message(layer, message(name, text(title)), ...parts);

describe('a file takes time and memory in proportion to its size', () => {
  test.each([
    [
      'blobs in a layer',
      named('a', many(100_000, message(blob))),
      /^caffe: expected a file whose objects take at most \d+ bytes of memory/,
    ],
    ['long names of blobs', named('a'.repeat(4000), many(1000, message(blob))), /objects take at most 1048576 bytes of memory/],
    [
      'layers',
      concatBytes(Array.from({ length: 20_000 }, (_, i) => named(`${i}`, message(blob)))),
      /objects take at most \d+ bytes of memory/,
    ],
    [
      'extents',
      named('a', message(blob, message(shape, many(100_000, integer(dim, 1))))),
      /blob a:0: expected at most 32 extents, found more/,
    ],
    [
      'packed extents',
      named('a', message(blob, message(shape, many(250, message(dim, many(4000, Uint8Array.of(1))))))),
      /at most 32 extents/,
    ],
    ['fields', many(2 ** 20 + 1, integer(5, 1)), /protobuf: expected at most 1048576 fields/],
  ])('too many %s are a WeightsError', async (_, file, expected) => {
    const error = await openCaffe(bytesSource(file)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect((error as Error).message).toMatch(expected);
  });

  test('fields are read by windows of a few thousand bytes, and not one by one', async () => {
    const file = bytesSource(concatBytes([many(50_000, integer(5, 1)), named('a', message(blob))]));
    let reads = 0;
    const read = (begin: number, length: number) => {
      reads++;
      return file.read(begin, length);
    };
    expect([...(await openCaffe({ size: file.size, read })).tensors.keys()]).toEqual(['a:0']);
    expect(reads).toBeLessThan(file.size / 2000);
  });
});
