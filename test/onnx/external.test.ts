import { describe, expect, test } from 'vitest';
import { InputError, SenetError, WeightsError } from '../../src/errors.js';
import { halvesFromFloats } from '../../src/io/half.js';
import { graphOfOnnx, type OpenExternal, readOnnx } from '../../src/onnx/index.js';
import { bytesOf } from '../support/files/bytes.js';
import { external, floats, onnxFile, raw, type TensorPart } from '../support/files/onnx.js';

const values = [1, -2, 0.5, 100];
/** Four floats behind four bytes that are nobody's. */
const file = bytesOf(Float32Array.of(7, ...values));

const modelOf = (tensor: Partial<TensorPart>): Uint8Array =>
  onnxFile({ nodes: [['Add', ['x', 'w'], ['y']]], initializers: [{ name: 'w', shape: [4], type: 1, stored: [], ...tensor }] });
const placed = (place: Readonly<Record<string, string>>): Uint8Array => modelOf({ stored: [external(place)] });

async function read(model: Uint8Array, open: OpenExternal | undefined = (path) => (path === 'w.bin' ? file : undefined)) {
  const found = await readOnnx(model, open && { external: open });
  return [...(found.initializers.get('w')?.read().data ?? [])];
}

describe('values in another file', () => {
  test.each([
    ['with offset and length', { location: 'w.bin', offset: '4', length: '16' }],
    ['without a length', { location: 'w.bin', offset: '4' }],
    ['by a path with a detour', { location: './/w.bin', offset: '4' }],
    ['with a key that we do not know', { location: 'w.bin', offset: '4', checksum: 'da39a3' }],
  ])('%s', async (_, place) => {
    expect(await read(placed(place))).toEqual(values);
  });

  test('from the first byte, at an odd one, and as halves', async () => {
    const halves = bytesOf(halvesFromFloats(Float64Array.from(values)));
    const odd = new Uint8Array(halves.length + 1);
    odd.set(halves, 1);
    expect(await read(modelOf({ type: 10, stored: [external({ location: 'w.bin' })] }), () => halves)).toEqual(values);
    expect(await read(modelOf({ type: 10, stored: [external({ location: 'w.bin', offset: '1' })] }), () => odd)).toEqual(values);
  });

  test('of a Blob, a source, or in a folder of the folder; each file is opened once', async () => {
    const asked: string[] = [];
    const open = async (path: string) => {
      asked.push(path);
      return new Blob([Uint8Array.from(file)]);
    };
    const tensor = (name: string): TensorPart => ({
      name,
      shape: [4],
      type: 1,
      stored: [external({ location: 'data/w.bin', offset: '4', length: '16' })],
    });
    const nodes = [
      ['Add', ['x', 'v'], ['z']],
      ['Add', ['z', 'w'], ['y']],
    ] as const;
    expect(await read(onnxFile({ nodes, initializers: [tensor('v'), tensor('w'), tensor('nobody reads it')] }), open)).toEqual(values);
    expect(asked).toEqual(['data/w.bin']);
  });

  test('of a Constant node', async () => {
    const tensor: TensorPart = { name: 'shape', shape: [2], type: 7, stored: [external({ location: 'shape.bin' })] };
    const nodes = [
      ['Constant', [], ['shape'], { value: { tensor } }],
      ['Reshape', ['x', 'shape'], ['y']],
    ] as const;
    const model = await readOnnx(onnxFile({ nodes }), { external: () => bytesOf(BigInt64Array.of(2n, -1n)) });
    expect(graphOfOnnx(model, { input: [2, 3] }).graph.outputs.size).toBe(1);
  });
});

describe('a place that is wrong is a WeightsError that names tensor and file', () => {
  test.each([
    ['a folder above', { location: '../w.bin' }, /^onnx: tensor w: expected a file in the model's folder, found "\.\.\/w\.bin"$/],
    ['one above a folder below', { location: 'a/../../w.bin' }, /a file in the model's folder, found "a\/\.\.\/\.\.\/w\.bin"/],
    ['from the root', { location: '/etc/passwd' }, /a file in the model's folder, found "\/etc\/passwd"/],
    ['of Windows', { location: '..\\w.bin' }, /a file in the model's folder/],
    ['of a drive', { location: 'C:w.bin' }, /a file in the model's folder/],
    ['of a web page', { location: 'http://x/w.bin' }, /a file in the model's folder/],
    ['of the folder itself', { location: '.' }, /a file in the model's folder, found "\."/],
    ['of a folder', { location: 'w.bin/' }, /a file in the model's folder/],
    ['with a byte of 0', { location: 'w.bin\0' }, /a file in the model's folder/],
    ['without a name', { offset: '4' }, /a file in the model's folder, found none that is named/],
    ['of a file that is not there', { location: 'v.bin' }, /tensor w: expected its values in "v\.bin", found no such file/],
    ['before the file', { location: 'w.bin', offset: '-4' }, /a number of bytes as offset in "w\.bin", found "-4"/],
    ['at a fraction', { location: 'w.bin', offset: '1.5' }, /a number of bytes as offset in "w\.bin", found "1\.5"/],
    ['at no number', { location: 'w.bin', offset: '0x4' }, /found "0x4"/],
    ['beyond all numbers', { location: 'w.bin', offset: '99999999999999999999' }, /a number of bytes as offset/],
    ['of a negative length', { location: 'w.bin', length: '-16' }, /a number of bytes as length in "w\.bin", found "-16"/],
    ['past the end', { location: 'w.bin', offset: '8', length: '16' }, /tensor w: expected bytes 8 to 24 in "w\.bin", found a file of 20/],
    ['far past the end', { location: 'w.bin', offset: '4000000000' }, /expected bytes 4000000000 to 4000000016 in "w\.bin"/],
    ['of part of a number', { location: 'w.bin', length: '15' }, /expected 16 bytes of float \[4\] in "w\.bin", found 15/],
    ['of too many numbers', { location: 'w.bin', length: '20' }, /expected 16 bytes of float \[4\] in "w\.bin", found 20/],
  ])('%s', async (_, place, message) => {
    const error = await read(placed(place)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect((error as WeightsError).tensor).toBe('w');
    expect((error as Error).message).toMatch(message);
  });

  test('where no file is given at all', async () => {
    const error = await readOnnx(placed({ location: 'w.bin' })).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect((error as Error).message).toMatch(
      /tensor w: expected its values in "w\.bin", found no such file given: \{ external \} opens it/,
    );
  });

  test('of a shape that no file has', async () => {
    const huge = modelOf({ shape: [2 ** 40], stored: [external({ location: 'w.bin' })] });
    await expect(read(huge)).rejects.toThrow(/tensor w: expected bytes 0 to 4398046511104 in "w\.bin", found a file of 20/);
  });
});

test('many tensors that each take all of a file are refused', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `w${i}`);
  const initializers = names.map(
    (name): TensorPart => ({ name, shape: [100_000], type: 1, stored: [external({ location: 'w.bin', offset: String(name.length) })] }),
  );
  const nodes = names.map((name, i) => ['Add', [i === 0 ? 'x' : `y${i - 1}`, name], [i === 11 ? 'y' : `y${i}`]] as const);
  const open = () => new Uint8Array(400_004);
  await expect(readOnnx(onnxFile({ nodes, initializers }), { external: open })).rejects.toThrow(
    /tensor w\d, in "w\.bin": onnx: expected a file whose/,
  );
});

test('what opens the file may throw: errors of ours name the tensor, others are as they were', async () => {
  const refused = read(placed({ location: 'w.bin' }), () => {
    throw new InputError('w.bin: no leave');
  });
  await expect(refused).rejects.toThrow(/^onnx: tensor w: expected its values in "w\.bin", found w\.bin: no leave$/);
  const broken = new TypeError('broken');
  const thrown = await read(placed({ location: 'w.bin' }), () => Promise.reject(broken)).catch((error: unknown) => error);
  expect(thrown).toBe(broken);
});

test.each([[new Map()], ['w.bin'], [null]])('an `external` of %j is an InputError', async (given) => {
  const error = await readOnnx(placed({ location: 'w.bin' }), { external: given as unknown as OpenExternal }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
});

test.each([['a path'], [null], [7]])('a file of %j is an InputError, outside as inside', async (given) => {
  for (const opened of [readOnnx(given as unknown as Blob), read(placed({ location: 'w.bin' }), () => given as unknown as Blob)]) {
    const error = await opened.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SenetError);
  }
});

test('a file by ranges gives the same network as its bytes, and only its tensors are read whole', async () => {
  const w = floats(
    'w',
    [1, 3, 100, 100],
    Array.from({ length: 30_000 }, (_, i) => i),
  );
  const bytes = onnxFile({
    nodes: [['Conv', ['x', 'w'], ['y']]],
    initializers: [w, { ...w, name: 'nobody reads it', stored: [raw(new Float32Array(30_000))] }],
  });
  let read = 0;
  const source = {
    size: bytes.length,
    read: async (begin: number, length: number) => {
      read += length;
      return bytes.slice(begin, begin + length);
    },
  };
  const input = [1, 3, 100, 100];
  const [one, other] = [graphOfOnnx(await readOnnx(source), { input }), graphOfOnnx(await readOnnx(bytes), { input })];
  expect([...one.weights]).toEqual([...other.weights]);
  expect(read).toBeGreaterThan(120_000);
  expect(read).toBeLessThan(180_000); // of the other 120,000 at most what is read ahead
});
