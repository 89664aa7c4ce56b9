import { type Normalisation, normalise } from 'senet';
import type { ServedModel } from '../../models/model.js';
import { invalid, tooLarge } from '../errors.js';
import { halves } from './half.js';
import type { InputTensor } from './request.js';

/** What one answer is asked about: values [3, H, W] that are normalised, or a picture's bytes. */
export type Asked = { readonly image: Float32Array } | { readonly picture: Uint8Array };

export const inputName = 'image';

/** What the network takes, in words that name the shapes. */
const taken = ({ input: [C, H, W], normalisation }: ServedModel): string =>
  [
    `FP32 or FP16 [N, ${C}, ${H}, ${W}]`,
    ...(normalisation === undefined ? [] : [`UINT8 [N, ${H}, ${W}, ${C}] or [N, ${C}, ${H}, ${W}]`]),
    'BYTES [N]',
  ].join(', ');

/**
 * The images of a request's tensors, in their order.
 *
 * @throws RequestError for another name, datatype, shape, number of values, value, or more images than `maxImages`
 */
export function imagesOf(inputs: readonly InputTensor[], model: ServedModel, maxImages: number): readonly Asked[] {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1 || input.name !== inputName)
    throw invalid(`${model.name} has one input, ${inputName}; found ${inputs.map(({ name }) => JSON.stringify(name)).join(', ')}`);
  const { datatype, shape } = input;
  const count = shape[0] ?? 0;
  if (count < 1) throw invalid(`${inputName} of shape [${shape.join(', ')}] has no image: ${model.name} takes ${taken(model)}`);
  if (count > maxImages) throw tooLarge(`${count} images in a request: at most ${maxImages}`);
  const { input: planes, normalisation } = model;
  const [C, H, W] = planes;
  const dims = shape.slice(1).join();
  if (datatype === 'BYTES' && dims === '' && shape.length === 1) return elements(input).map((picture) => ({ picture }));
  if ((datatype === 'FP32' || datatype === 'FP16') && dims === planes.join())
    return cut(finite(floats(input)), count, (image) => ({ image }));
  if (datatype === 'UINT8' && normalisation !== undefined && (dims === [H, W, C].join() || dims === planes.join()))
    return cut(pixels(input), count, (image) => ({
      image: prepared(dims === planes.join() ? interleaved(image, planes) : image, planes, normalisation),
    }));
  throw invalid(`${inputName} is ${datatype} [${shape.join(', ')}]: ${model.name} takes ${taken(model)}`);
}

/** `count` equal parts, views of the values. */
function cut<T extends Float32Array | Uint8Array, R>(values: T, count: number, use: (part: T) => R): readonly R[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, n) => use(values.subarray(n * length, (n + 1) * length) as T));
}

const extent = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function floats({ datatype, shape, data }: InputTensor): Float32Array {
  if (data instanceof Uint8Array) {
    const bytes = bytesOf(data, extent(shape) * (datatype === 'FP16' ? 2 : 4));
    return datatype === 'FP16' ? halves(bytes) : new Float32Array(new Uint8Array(bytes).buffer); // a copy is aligned; `slice` of a Buffer is none
  }
  if (datatype === 'FP16') throw invalid(`${inputName}: FP16 has no form in JSON, send it as binary data`);
  return valuesOf({ shape, data }, (n) => new Float32Array(n), isNumber, 'a number');
}

function pixels({ shape, data }: InputTensor): Uint8Array {
  if (data instanceof Uint8Array) return bytesOf(data, extent(shape));
  return valuesOf({ shape, data }, (n) => new Uint8Array(n), isByte, 'a whole number from 0 to 255');
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isByte = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;

function bytesOf(data: Uint8Array, length: number): Uint8Array {
  if (data.length !== length) throw invalid(`${inputName} has ${data.length} bytes of binary data: its shape needs ${length}`);
  return data;
}

function finite(values: Float32Array): Float32Array {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw invalid(`${inputName}: value ${at} is not a finite number in float32`);
  return values;
}

/** JSON's data, flat or nested as the shape is. Memory is taken when the values are known to be there. */
function valuesOf<T extends Float32Array | Uint8Array>(
  { shape, data }: { readonly shape: readonly number[]; readonly data: readonly unknown[] },
  make: (length: number) => T,
  fits: (value: unknown) => value is number,
  expected: string,
): T {
  const length = extent(shape);
  const rows = Array.isArray(data[0]) ? rowsOf(data, shape) : [data];
  const found = rows.reduce((sum, row) => sum + row.length, 0);
  if (found !== length) throw invalid(`${inputName} has ${found} values: its shape needs ${length}`);
  const out = make(length);
  let at = 0;
  for (const row of rows)
    for (const value of row) {
      if (!fits(value)) throw invalid(`${inputName}: value ${at} is not ${expected}`);
      out[at++] = value;
    }
  return out;
}

/** The innermost lists. */
function rowsOf(list: readonly unknown[], [length, ...inner]: readonly number[]): readonly (readonly unknown[])[] {
  if (list.length !== length) throw invalid(`${inputName}: a list of ${list.length} where the shape has ${length}`);
  if (inner.length === 0) return [list];
  return list.flatMap((part) => {
    if (!Array.isArray(part)) throw invalid(`${inputName}: data is flat, or lists nested as the shape is`);
    return rowsOf(part, inner);
  });
}

/** Of BYTES, each with its length in 4 bytes, little-endian, in front. */
function elements({ shape, data }: InputTensor): readonly Uint8Array[] {
  if (!(data instanceof Uint8Array)) throw invalid(`${inputName}: a picture is no text, send BYTES as binary data`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  const found = Array.from({ length: shape[0] as number }, (_, n) => {
    const begin = at + 4;
    const end = begin <= data.length ? begin + view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (end > data.length) throw invalid(`${inputName}: element ${n} of BYTES ends beyond the ${data.length} bytes of binary data`);
    at = end;
    return data.subarray(begin, end);
  });
  if (at !== data.length) throw invalid(`${inputName}: ${data.length - at} bytes of binary data follow the last element of BYTES`);
  return found;
}

/** [C, H, W] as [H, W, C]. */
function interleaved(plane: Uint8Array, [C, H, W]: ServedModel['input']): Uint8Array {
  const out = new Uint8Array(plane.length);
  for (let c = 0; c < C; c++) for (let at = 0; at < H * W; at++) out[at * C + c] = plane[c * H * W + at] as number;
  return out;
}

const prepared = (data: Uint8Array, [, height, width]: ServedModel['input'], normalisation: Normalisation): Float32Array =>
  normalise({ width, height, data }, normalisation).data as Float32Array;
