import { expect, test, vi } from 'vitest';
import { InputError } from '../../src/errors.js';
import { normalise, preprocess, preprocessAsync } from '../../src/io/preprocess.js';
import { cut, photographs, type ResizeCase, read, readJson, sha256 } from './fixtures.js';

const { cases } = await readJson<{ cases: readonly ResizeCase[] }>('resize.json');

test.each(cases.filter(({ tensor }) => tensor))('$filter $box → $resize/$crop: the tensor equals torchvision’s to the bit', async (row) => {
  const { photo, box, filter, resize, crop } = row as Required<ResizeCase>;
  const { shape, data } = preprocess(cut(await read(photographs, photo), box), { resize, filter, crop });
  expect(shape).toEqual([1, 3, crop, crop]);
  expect(sha256(new Uint8Array(data.buffer))).toBe(row.tensor);
});

test.each(cases.filter(({ tensor }) => tensor))(
  '$filter $box → $resize/$crop: the asynchronous form gives the same tensor',
  async (row) => {
    const { photo, box, filter, resize, crop } = row as Required<ResizeCase>;
    const { shape, data } = await preprocessAsync(cut(await read(photographs, photo), box), { resize, filter, crop });
    expect(shape).toEqual([1, 3, crop, crop]);
    expect(sha256(new Uint8Array(data.buffer))).toBe(row.tensor);
  },
);

test('of 12 megapixels no more than a fiftieth is done between two turns of the event loop, where each piece takes its 10 ms', async () => {
  const pixels = { width: 4000, height: 3000, data: new Uint8Array(4000 * 3000 * 3) };
  let now = 0;
  using _clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 10));
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns++;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  const x = await preprocessAsync(pixels, { resize: 256, filter: 'bicubic', crop: 224 });
  over = true;
  expect(x.shape).toEqual([1, 3, 224, 224]);
  expect(turns).toBeGreaterThan(50);
});

test('the asynchronous form rejects what the other throws', async () => {
  const pixels = { width: 2, height: 1, data: new Uint8Array(6) };
  await expect(preprocessAsync(pixels, { resize: 0, filter: 'bilinear', crop: 1 })).rejects.toThrow(InputError);
});

test('channels become planes, each with its own mean and standard deviation', () => {
  const pixels = { width: 2, height: 1, data: Uint8Array.of(0, 51, 255, 255, 0, 102) };
  const { shape, data } = normalise(pixels, { mean: [0, 0, 0.5], std: [1, 0.5, 0.25] });
  expect(shape).toEqual([1, 3, 1, 2]);
  expect([...data]).toEqual([0, 1, Math.fround(0.2) * 2, 0, 2, Math.fround((Math.fround(0.4) - 0.5) * 4)]);
});

test('a range of 255 keeps bytes as they are, and bgr turns the channels round; mean and deviation are those of the channel in their place', () => {
  const pixels = { width: 1, height: 2, data: Uint8Array.of(1, 2, 3, 251, 252, 253) };
  const { data } = normalise(pixels, { mean: [104, 117, 128], std: [1, 1, 2], range: 255, channels: 'bgr' });
  expect([...data]).toEqual([3 - 104, 253 - 104, 2 - 117, 252 - 117, (1 - 128) / 2, (251 - 128) / 2]);
});
