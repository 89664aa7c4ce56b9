import { concat } from '../../io/concat.js';
import type { Shape } from '../../tensor.js';
import { type FilePart, float, int, message, text } from './wire.js';

/** The part of ONNX (onnx.proto) that our graphs need, as plain data, and its bytes. */
export interface WrittenModel {
  readonly opset: WrittenOpset;
  readonly nodes: readonly WrittenNode[];
  readonly initializers: readonly WrittenTensor[];
  readonly inputs: readonly WrittenValue[];
  readonly outputs: readonly WrittenValue[];
  /** What the file says of itself: `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface WrittenNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, WrittenAttribute>>;
}

/** A number is an ONNX int, a list ints; a float says so. */
export type WrittenAttribute = number | string | readonly number[] | { readonly float: number };

export interface WrittenTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly type: keyof typeof dataTypes;
  /** Its values, little-endian, as is every machine that runs WebAssembly. */
  readonly data: FilePart;
}

/** A value by name. */
export interface WrittenValue {
  readonly name: string;
  readonly shape: Shape;
  readonly type: keyof typeof dataTypes;
}

/** Operator sets in which every op here is defined as we use it, and the file format that came with each. */
export const irVersions = { 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10 } as const;
export type WrittenOpset = keyof typeof irVersions;

/** Codes of onnx.proto's enums. */
export const dataTypes = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 } as const;
const attributeTypes = { float: 1, int: 2, text: 3, ints: 7 } as const;

/** A ModelProto: what an .onnx file holds, in pieces one after another. */
export function partsOf({ opset, nodes, initializers, inputs, outputs, metadata }: WrittenModel): readonly FilePart[] {
  const graph = [
    ...nodes.flatMap((node) => message(1, nodeFields(node))),
    text(2, 'senet'),
    ...initializers.flatMap((initializer) => message(5, tensorFields(initializer))),
    ...inputs.flatMap((value) => message(11, valueFields(value))),
    ...outputs.flatMap((value) => message(12, valueFields(value))),
  ];
  return [
    int(1, irVersions[opset]),
    text(2, 'senet'),
    ...message(7, graph),
    ...message(8, [int(2, opset)]),
    ...Object.entries(metadata).flatMap(([key, value]) => message(14, [text(1, key), text(2, value)])),
  ];
}

const nodeFields = ({ op, inputs, outputs, attributes }: WrittenNode): readonly FilePart[] => [
  ...inputs.map((name) => text(1, name)),
  ...outputs.map((name) => text(2, name)),
  text(3, outputs[0] as string),
  text(4, op),
  ...Object.entries(attributes).flatMap(([name, value]) => message(5, [text(1, name), ...attributeFields(value)])),
];

function attributeFields(value: WrittenAttribute): readonly FilePart[] {
  if (typeof value === 'number') return [int(3, value), int(20, attributeTypes.int)];
  if (typeof value === 'string') return [text(4, value), int(20, attributeTypes.text)];
  if ('float' in value) return [float(2, value.float), int(20, attributeTypes.float)];
  return [...value.map((element) => int(8, element)), int(20, attributeTypes.ints)];
}

const tensorFields = ({ name, shape, type, data }: WrittenTensor): readonly FilePart[] => [
  ...shape.map((extent) => int(1, extent)),
  int(2, dataTypes[type]),
  text(8, name),
  ...message(9, [data]),
];

function valueFields({ name, shape, type }: WrittenValue): readonly FilePart[] {
  const extents = shape.flatMap((extent) => message(1, [int(1, extent)]));
  return [text(1, name), ...message(2, message(1, [int(1, dataTypes[type]), ...message(2, extents)]))];
}

/**
 * What makes values of any ONNX file outputs, by their names, when it stands behind the file's bytes: messages of one field that comes twice are merged
 * (protobuf.dev, "Last One Wins"). Their types are what the reader infers.
 */
export const withOutputs = (names: readonly string[]): Uint8Array<ArrayBuffer> =>
  concat(
    message(
      7,
      names.flatMap((name) => message(12, [text(1, name)])),
    ) as readonly Uint8Array[],
  );
