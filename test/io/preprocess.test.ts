import { expect, test } from 'vitest';
import { normalise, preprocess } from '../../src/io/preprocess.js';
import { cut, photographs, type ResizeCase, read, readJson, sha256 } from './fixtures.js';

const { cases } = await readJson<{ cases: readonly ResizeCase[] }>('resize.json');

test.each(cases.filter(({ tensor }) => tensor))('$filter $box → $resize/$crop: the tensor equals torchvision’s to the bit', async (row) => {
  const { photo, box, filter, resize, crop } = row as Required<ResizeCase>;
  const { shape, data } = preprocess(cut(await read(photographs, photo), box), { resize, filter, crop });
  expect(shape).toEqual([1, 3, crop, crop]);
  expect(sha256(new Uint8Array(data.buffer))).toBe(row.tensor);
});

test('channels become planes, each with its own mean and standard deviation', () => {
  const pixels = { width: 2, height: 1, data: Uint8Array.of(0, 51, 255, 255, 0, 102) };
  const { shape, data } = normalise(pixels, { mean: [0, 0, 0.5], std: [1, 0.5, 0.25] });
  expect(shape).toEqual([1, 3, 1, 2]);
  expect([...data]).toEqual([0, 1, Math.fround(0.2) * 2, 0, 2, Math.fround((Math.fround(0.4) - 0.5) * 4)]);
});
