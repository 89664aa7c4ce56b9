import { concatBytes, text } from './bytes.js';
import { message, varint } from './caffe.js';

/** A ModelProto in protobuf's wire format, by the field numbers of onnx.proto: each form that exporters write. */
export interface OnnxParts {
  /** @defaultValue 13 */
  readonly opset?: number;
  readonly nodes: readonly NodePart[];
  readonly initializers?: readonly TensorPart[];
  /** @defaultValue one, `x` */
  readonly inputs?: readonly ValuePart[];
  /** @defaultValue one, `y` */
  readonly outputs?: readonly string[];
  readonly sparse?: readonly SparsePart[];
  readonly functions?: readonly FunctionPart[];
}

/** [operator, inputs, outputs, attributes, domain]. */
export type NodePart = readonly [
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Readonly<Record<string, AttributePart>> | undefined,
  /** With `#` before the overload of a function. */
  domain?: string,
];

/** A number is an int, a list ints. */
export type AttributePart =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly sparse: SparsePart }
  /** Within a function: of which attribute of the node that calls it this is the value, and AttributeProto.AttributeType. */
  | { readonly of: string; readonly type: number }
  | { readonly tensor: TensorPart }
  | { readonly graph: GraphPart };

/** A graph that is an attribute. */
export interface GraphPart {
  readonly nodes: readonly NodePart[];
  readonly initializers?: readonly TensorPart[];
  readonly outputs: readonly string[];
}

export interface TensorPart {
  readonly name: string;
  readonly shape: readonly number[];
  /** TensorProto.DataType. */
  readonly type: number;
  /** The fields that hold its values. */
  readonly stored: readonly Uint8Array[];
}

export interface SparsePart {
  readonly values: TensorPart;
  readonly indices: TensorPart;
  readonly shape: readonly number[];
}

export interface FunctionPart {
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly NodePart[];
  /** Attributes without a default, and those with one. */
  readonly attributes?: readonly string[];
  readonly defaults?: Readonly<Record<string, AttributePart>>;
  /** @defaultValue 13 */
  readonly opset?: number;
  readonly overload?: string;
}

export interface ValuePart {
  readonly name: string;
  /** @defaultValue open, even in its rank */
  readonly shape?: readonly (number | string)[];
  /** @defaultValue 1, float */
  readonly type?: number;
}

/** An int64, of which a negative one takes ten bytes. */
export function int64(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

export const int = (field: number, value: number | bigint): Uint8Array => concatBytes([varint(field * 8), int64(value)]);
const string = (field: number, value: string): Uint8Array => message(field, text(value));
const fixed32 = (field: number, value: number): Uint8Array =>
  concatBytes([varint(field * 8 + 5), new Uint8Array(Float32Array.of(value).buffer)]);

export const raw = (data: ArrayBufferView): Uint8Array => message(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
export const packedInts = (field: number, values: readonly (number | bigint)[]): Uint8Array => message(field, ...values.map(int64));
export const packedFloats = (values: readonly number[]): Uint8Array => message(4, new Uint8Array(Float32Array.from(values).buffer));
export const unpackedFloats = (values: readonly number[]): Uint8Array => concatBytes(values.map((value) => fixed32(4, value)));
export const packedDoubles = (values: readonly number[]): Uint8Array => message(10, new Uint8Array(Float64Array.from(values).buffer));
/** Values in another file, by keys as `location`, `offset` and `length`. */
export const external = (place: Readonly<Record<string, string>>): Uint8Array =>
  concatBytes([...Object.entries(place).map(([key, value]) => message(13, string(1, key), string(2, value))), int(14, 1)]);

export const floats = (name: string, shape: readonly number[], values: readonly number[]): TensorPart => ({
  name,
  shape,
  type: 1,
  stored: [raw(Float32Array.from(values))],
});

export const u8 = (name: string, shape: readonly number[], values: readonly number[]): TensorPart => ({
  name,
  shape,
  type: 2,
  stored: [raw(Uint8Array.from(values))],
});

export const s8 = (name: string, shape: readonly number[], values: readonly number[]): TensorPart => ({
  name,
  shape,
  type: 3,
  stored: [raw(Int8Array.from(values))],
});

export const s32 = (name: string, shape: readonly number[], values: readonly number[]): TensorPart => ({
  name,
  shape,
  type: 6,
  stored: [raw(Int32Array.from(values))],
});

export const ints = (name: string, shape: readonly number[], values: readonly (number | bigint)[]): TensorPart => ({
  name,
  shape,
  type: 7,
  stored: [raw(BigInt64Array.from(values, BigInt))],
});

const tensorFields = ({ name, shape, type, stored }: TensorPart): readonly Uint8Array[] => [
  ...shape.map((extent) => int(1, extent)),
  int(2, type),
  string(8, name),
  ...stored,
];

const sparseFields = ({ values, indices, shape }: SparsePart): readonly Uint8Array[] => [
  message(1, ...tensorFields(values)),
  message(2, ...tensorFields(indices)),
  ...shape.map((extent) => int(3, extent)),
];

function attribute(name: string, value: AttributePart, field = 5): Uint8Array {
  const typed = (type: number, ...fields: readonly Uint8Array[]): Uint8Array => message(field, string(1, name), ...fields, int(20, type));
  if (typeof value === 'number') return typed(2, int(3, value));
  if (typeof value === 'string') return typed(3, string(4, value));
  if ('float' in value) return typed(1, fixed32(2, value.float));
  if ('floats' in value) return typed(6, ...value.floats.map((number) => fixed32(7, number)));
  if ('strings' in value) return typed(8, ...value.strings.map((each) => string(9, each)));
  if ('sparse' in value) return typed(11, message(22, ...sparseFields(value.sparse)));
  if ('of' in value) return typed(value.type, string(21, value.of));
  if ('tensor' in value) return typed(4, message(5, ...tensorFields(value.tensor)));
  if ('graph' in value) {
    const { nodes, initializers = [], outputs } = value.graph;
    const parts = [
      ...initializers.map((tensor) => message(5, ...tensorFields(tensor))),
      ...outputs.map((each) => message(12, string(1, each))),
    ];
    return typed(5, message(6, ...nodes.map((each) => node(each)), ...parts));
  }
  return typed(7, ...value.map((number) => int(8, number)));
}

function node([op, inputs, outputs, attributes = {}, domain = '']: NodePart, field = 1): Uint8Array {
  const fields = [...inputs.map((name) => string(1, name)), ...outputs.map((name) => string(2, name)), string(4, op)];
  const attributeFields = Object.entries(attributes).map(([name, value]) => attribute(name, value));
  const [plain = '', overload = ''] = domain.split('#');
  return message(field, ...fields, ...attributeFields, ...(plain ? [string(7, plain)] : []), ...(overload ? [string(8, overload)] : []));
}

const functionFields = ({ attributes = [], defaults = {}, opset = 13, ...part }: FunctionPart): readonly Uint8Array[] => [
  string(1, part.name),
  ...part.inputs.map((name) => string(4, name)),
  ...part.outputs.map((name) => string(5, name)),
  ...attributes.map((name) => string(6, name)),
  ...part.nodes.map((each) => node(each, 7)),
  message(9, int(2, opset)),
  string(10, part.domain),
  ...Object.entries(defaults).map(([name, value]) => attribute(name, value, 11)),
  ...(part.overload ? [string(13, part.overload)] : []),
];

function value(field: number, { name, shape, type = 1 }: ValuePart): Uint8Array {
  const extents = (shape ?? []).map((extent) => message(1, typeof extent === 'number' ? int(1, extent) : string(2, extent)));
  return message(field, string(1, name), message(2, message(1, int(1, type), ...(shape === undefined ? [] : [message(2, ...extents)]))));
}

export const onnxFile = ({
  opset = 13,
  nodes,
  initializers = [],
  inputs = [{ name: 'x' }],
  outputs = ['y'],
  sparse = [],
  functions = [],
}: OnnxParts): Uint8Array =>
  concatBytes([
    int(1, 8),
    message(
      7,
      ...nodes.map((each) => node(each)),
      ...initializers.map((tensor) => message(5, ...tensorFields(tensor))),
      ...sparse.map((tensor) => message(15, ...sparseFields(tensor))),
      ...inputs.map((input) => value(11, input)),
      ...outputs.map((name) => value(12, { name })),
    ),
    message(8, int(2, opset)),
    ...[...new Set(functions.map(({ domain }) => domain))].map((domain) => message(8, string(1, domain), int(2, 1))),
    ...functions.map((each) => message(25, ...functionFields(each))),
  ]);
