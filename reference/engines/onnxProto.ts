import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Shape } from '../../src/tensor.js';

/** The part of ONNX (onnx.proto) that our graphs need, as plain data, and its bytes. */
export interface OnnxModel {
  readonly opset: keyof typeof irVersions;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A number is an ONNX int, a list ints; a float says so. */
export type OnnxAttribute = number | readonly number[] | { readonly float: number };

export interface OnnxTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | BigInt64Array;
}

/** A float32 value by name. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: Shape;
}

/** The oldest operator sets in which every op here is defined as we use it, and the file formats that came with them. RoiAlign has no half pixel in 13, and one in 16. */
const irVersions = { 13: 7, 16: 8 } as const;

/** Codes of onnx.proto's enums. */
const dataType = { float: 1, int64: 7 } as const;
const attributeType = { float: 1, int: 2, ints: 7 } as const;

/** The bytes of a ModelProto: what an .onnx file holds. */
export function encodeOnnx(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const file = new BinaryWriter();
  int(file, 1, irVersions[model.opset]);
  text(file, 2, 'senet');
  message(file, 7, (graph) => {
    for (const node of model.nodes) message(graph, 1, (m) => writeNode(m, node));
    text(graph, 2, 'senet');
    for (const initializer of model.initializers) message(graph, 5, (m) => writeTensor(m, initializer));
    for (const value of model.inputs) message(graph, 11, (m) => writeValue(m, value));
    for (const value of model.outputs) message(graph, 12, (m) => writeValue(m, value));
  });
  message(file, 8, (m) => int(m, 2, model.opset));
  return file.finish();
}

function writeNode(to: BinaryWriter, { op, inputs, output, attributes }: OnnxNode): void {
  for (const name of inputs) text(to, 1, name);
  text(to, 2, output);
  text(to, 3, output);
  text(to, 4, op);
  for (const [name, value] of Object.entries(attributes))
    message(to, 5, (m) => {
      text(m, 1, name);
      if (typeof value === 'number') {
        int(m, 3, value);
        int(m, 20, attributeType.int);
      } else if ('float' in value) {
        m.tag(2, WireType.Bit32).float(value.float);
        int(m, 20, attributeType.float);
      } else {
        for (const element of value) int(m, 8, element);
        int(m, 20, attributeType.ints);
      }
    });
}

function writeTensor(to: BinaryWriter, { name, shape, data }: OnnxTensor): void {
  for (const extent of shape) int(to, 1, extent);
  int(to, 2, data instanceof Float32Array ? dataType.float : dataType.int64);
  text(to, 8, name);
  // raw_data is little-endian, as is every machine that runs WebAssembly's peers.
  to.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValue(to: BinaryWriter, { name, shape }: OnnxValue): void {
  text(to, 1, name);
  message(to, 2, (type) =>
    message(type, 1, (tensor) => {
      int(tensor, 1, dataType.float);
      message(tensor, 2, (dims) => {
        for (const extent of shape) message(dims, 1, (dim) => int(dim, 1, extent));
      });
    }),
  );
}

function int(to: BinaryWriter, field: number, value: number): void {
  to.tag(field, WireType.Varint).int64(value);
}

function text(to: BinaryWriter, field: number, value: string): void {
  to.tag(field, WireType.LengthDelimited).string(value);
}

function message(to: BinaryWriter, field: number, write: (to: BinaryWriter) => void): void {
  to.tag(field, WireType.LengthDelimited).fork();
  write(to);
  to.join();
}
