import { bytesOf, concatBytes, text, u32, u64 } from './bytes.js';

/** What gguf-py writes, and what it would not. */

/** A value of a key, by its kind. */
export type GgufValue =
  | { readonly kind: PlainKind; readonly value: number | bigint | boolean }
  | { readonly kind: 'string'; readonly value: string | Uint8Array }
  | { readonly kind: 'array'; readonly of: PlainKind | 'string' | 'array'; readonly values: readonly GgufValue[] }
  /** Any bytes, as of a kind of that number. */
  | { readonly kind: number; readonly value: Uint8Array };

const write = (length: number, set: (view: DataView) => void): Uint8Array => {
  const bytes = new Uint8Array(length);
  set(new DataView(bytes.buffer));
  return bytes;
};

const plainKinds = {
  u8: [0, (value: number | bigint) => write(1, (view) => view.setUint8(0, Number(value)))],
  i8: [1, (value: number | bigint) => write(1, (view) => view.setInt8(0, Number(value)))],
  u16: [2, (value: number | bigint) => write(2, (view) => view.setUint16(0, Number(value), true))],
  i16: [3, (value: number | bigint) => write(2, (view) => view.setInt16(0, Number(value), true))],
  u32: [4, (value: number | bigint) => u32(Number(value))],
  i32: [5, (value: number | bigint) => write(4, (view) => view.setInt32(0, Number(value), true))],
  f32: [6, (value: number | bigint) => bytesOf(Float32Array.of(Number(value)))],
  bool: [7, (value: number | bigint) => Uint8Array.of(Number(value))],
  u64: [10, (value: number | bigint) => u64(value)],
  i64: [11, (value: number | bigint) => bytesOf(BigInt64Array.of(BigInt(value)))],
  f64: [12, (value: number | bigint) => bytesOf(Float64Array.of(Number(value)))],
} as const;

export type PlainKind = keyof typeof plainKinds;

const numberOf = (kind: GgufValue['kind']): number => {
  if (typeof kind === 'number') return kind;
  if (kind === 'string') return 8;
  return kind === 'array' ? 9 : plainKinds[kind][0];
};

const string = (value: string | Uint8Array): Uint8Array => {
  const bytes = typeof value === 'string' ? text(value) : value;
  return concatBytes([u64(bytes.length), bytes]);
};

function valueBytes(given: GgufValue): Uint8Array {
  if (given.kind === 'array') return concatBytes([u32(numberOf(given.of)), u64(given.values.length), ...given.values.map(valueBytes)]);
  if (given.kind === 'string') return string(given.value);
  if (typeof given.kind === 'number') return given.value as Uint8Array;
  const [, bytes] = plainKinds[given.kind];
  return bytes(typeof given.value === 'boolean' ? Number(given.value) : (given.value as number | bigint));
}

/** ggml's numbers of types. */
export const types = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8, Q6_K: 14, I32: 26, I64: 27, F64: 28, BF16: 30 } as const;

export interface GgufTensor {
  readonly name: string | Uint8Array;
  readonly type: keyof typeof types | number;
  /** The slowest first, as PyTorch has it. */
  readonly shape: readonly (number | bigint)[];
  readonly bytes: Uint8Array;
  /** @defaultValue behind the tensor before it, aligned */
  readonly offset?: number | bigint;
}

export interface GgufOptions {
  /** @defaultValue 3 */
  readonly version?: number;
  /** Their keys, which may be any bytes; entries in order, so that one may stand twice. @defaultValue none */
  readonly metadata?: readonly (readonly [key: string | Uint8Array, value: GgufValue])[];
  /** @defaultValue 32 */
  readonly alignment?: number;
  /** What the file says of how many tensors and keys it has, should it lie. */
  readonly counts?: { readonly tensors?: number | bigint; readonly keys?: number | bigint };
}

/** A file's two parts, between which the padding lies: `head` is all that is read to open it. */
export function ggufParts(
  tensors: readonly GgufTensor[],
  { version = 3, metadata = [], alignment = 32, counts = {} }: GgufOptions = {},
): { readonly head: Uint8Array<ArrayBuffer>; readonly data: Uint8Array<ArrayBuffer> } {
  const padded = (length: number): number => Math.ceil(length / alignment) * alignment;
  const entries: Uint8Array[] = [];
  const data: Uint8Array[] = [];
  let at = 0;
  for (const { name, type, shape, bytes, offset } of tensors) {
    const code = typeof type === 'number' ? type : types[type];
    entries.push(string(name), u32(shape.length), ...shape.toReversed().map(u64), u32(code), u64(offset ?? at));
    data.push(bytes, new Uint8Array(padded(bytes.length) - bytes.length));
    at += padded(bytes.length);
  }
  const head = concatBytes([
    ...[text('GGUF'), u32(version), u64(counts.tensors ?? tensors.length), u64(counts.keys ?? metadata.length)],
    ...metadata.map(([key, value]) => concatBytes([string(key), u32(numberOf(value.kind)), valueBytes(value)])),
    ...entries,
  ]);
  return { head, data: concatBytes(data) };
}

export function gguf(tensors: readonly GgufTensor[], options: GgufOptions = {}): Uint8Array<ArrayBuffer> {
  const { head, data } = ggufParts(tensors, options);
  const { alignment = 32 } = options;
  return concatBytes([head, new Uint8Array(Math.ceil(head.length / alignment) * alignment - head.length), data]);
}
