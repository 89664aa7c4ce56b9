import { bytesOf, concatBytes, text } from './bytes.js';

/** A NetParameter in protobuf's wire format, by the field numbers of caffe.proto. */

export interface CaffeBlob {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

export interface CaffeLayer {
  readonly name: string;
  readonly type: string;
  readonly blobs: readonly CaffeBlob[];
}

/** `layer` is today's form; `v1` that of 2014, whose blobs have four extents and whose types are numbers. */
export type CaffeForm = 'layer' | 'v1';

export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(Math.floor(value / 128 ** bytes.length));
  return Uint8Array.from(bytes);
}

const wires = { varint: 0, bytes: 2 };
export const integer = (field: number, value: number): Uint8Array => concatBytes([varint(field * 8 + wires.varint), varint(value)]);
export const message = (field: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const content = concatBytes(parts);
  return concatBytes([varint(field * 8 + wires.bytes), varint(content.length), content]);
};
const string = (field: number, value: string): Uint8Array => message(field, text(value));

const v1Types: Readonly<Record<string, number>> = { Convolution: 4, InnerProduct: 14 };

export function* caffeModel(name: string, layers: readonly CaffeLayer[], form: CaffeForm = 'layer'): Generator<Uint8Array> {
  yield string(1, name);
  yield layerMessage(form, 'data', 'Input', []);
  for (const { name, type, blobs } of layers) yield layerMessage(form, name, type, blobs);
}

function layerMessage(form: CaffeForm, name: string, type: string, blobs: readonly CaffeBlob[]): Uint8Array {
  if (form === 'v1')
    return message(
      2,
      string(4, name),
      string(3, name),
      integer(5, v1Types[type] ?? 0),
      ...blobs.map((blob) => message(6, ...v1Blob(blob))),
    );
  return message(100, string(1, name), string(2, type), string(4, name), ...blobs.map((blob) => message(7, ...newBlob(blob))));
}

const newBlob = (blob: CaffeBlob): Uint8Array[] => [values(blob), message(7, message(1, ...blob.shape.map(varint)))];

/** Extents of 1 come first. */
const v1Blob = (blob: CaffeBlob): Uint8Array[] => [
  ...[1, 1, 1, 1, ...blob.shape].slice(-4).map((extent, i) => integer(i + 1, extent)),
  values(blob),
];

const values = ({ data }: CaffeBlob): Uint8Array => message(data instanceof Float32Array ? 5 : 8, bytesOf(data));
