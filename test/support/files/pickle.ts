import { concatBytes, f64, i32, text, u8, u16, u32 } from './bytes.js';

/** What Python's pickle writes in protocol 2, as far as PyTorch's files need it. */
export type Pickled =
  | number
  | bigint
  | string
  | boolean
  | null
  | { readonly tuple: readonly Pickled[] }
  | { readonly list: readonly Pickled[] }
  | { readonly dict: readonly (readonly [Pickled, Pickled])[] }
  | { readonly global: string }
  | { readonly call: Pickled; readonly args: readonly Pickled[]; readonly items?: readonly (readonly [Pickled, Pickled])[] }
  | { readonly build: Pickled; readonly attributes: Pickled }
  | { readonly persistent: Pickled }
  | { readonly opcodes: string }
  | { readonly bytes: string };

export const pickle = (value: Pickled): Uint8Array => concatBytes([u8(0x80), u8(2), ...write(value), u8(code('.'))]);

const code = (opcode: string): number => opcode.charCodeAt(0);
const op = (opcode: string | number, ...args: readonly Uint8Array[]): Uint8Array =>
  concatBytes([u8(typeof opcode === 'number' ? opcode : code(opcode)), ...args]);

function* write(value: Pickled): Generator<Uint8Array> {
  if (value === null) yield op('N');
  else if (typeof value === 'boolean') yield op(value ? 0x88 : 0x89);
  else if (typeof value === 'bigint') yield long(value);
  else if (typeof value === 'number') yield number(value);
  else if (typeof value === 'string') yield op('X', u32(text(value).length), text(value));
  else if ('tuple' in value) yield* tuple(value.tuple);
  else if ('list' in value) yield* filled(op(']'), value.list, 'e');
  else if ('dict' in value) yield* filled(op('}'), value.dict.flat(), 'u');
  else if ('global' in value) yield global(value.global);
  else if ('opcodes' in value) yield Uint8Array.from(value.opcodes, code);
  else if ('bytes' in value) yield byteString(value.bytes);
  else if ('persistent' in value) {
    yield* write(value.persistent);
    yield op('Q');
  } else if ('build' in value) {
    yield* write(value.build);
    yield* write(value.attributes);
    yield op('b');
  } else {
    yield* write(value.call);
    yield* tuple(value.args);
    yield op('R');
    if (value.items) yield* filled(op('q', u8(0)), value.items.flat(), 'u');
  }
}

/** A `str` of Python 2. */
function byteString(value: string): Uint8Array {
  const bytes = text(value);
  return bytes.length < 256 ? op('U', u8(bytes.length), bytes) : op('T', u32(bytes.length), bytes);
}

function number(value: number): Uint8Array {
  if (!Number.isInteger(value)) return op('G', f64(value));
  if (value < 0 || value > 0xffff) return value === value << 0 ? op('J', i32(value)) : long(BigInt(value));
  return value > 0xff ? op('M', u16(value)) : op('K', u8(value));
}

function long(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; !(rest === 0n && (bytes.at(-1) ?? 0) < 128) && !(rest === -1n && (bytes.at(-1) ?? 0) >= 128); rest >>= 8n)
    bytes.push(Number(rest & 255n));
  return op(0x8a, u8(bytes.length), Uint8Array.from(bytes));
}

function global(name: string): Uint8Array {
  const dot = name.lastIndexOf('.');
  return op('c', text(`${name.slice(0, dot)}\n${name.slice(dot + 1)}\n`));
}

function* tuple(items: readonly Pickled[]): Generator<Uint8Array> {
  const short = [op(')'), op(0x85), op(0x86), op(0x87)][items.length];
  if (!short) yield op('(');
  for (const item of items) yield* write(item);
  yield short ?? op('t');
}

function* filled(empty: Uint8Array, items: readonly Pickled[], opcode: string): Generator<Uint8Array> {
  yield empty;
  if (items.length === 0) return;
  yield op('(');
  for (const item of items) yield* write(item);
  yield op(opcode);
}
