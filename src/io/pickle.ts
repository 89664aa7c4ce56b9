import { WeightsError } from '../errors.js';
import { opcodeNames } from './pickleOpcodes.js';

/**
 * Python's pickle, protocol 2, as far as PyTorch's files use it: a stack machine whose programs build lists, tuples, dictionaries,
 * numbers and text. A pickle may also name Python functions and have them called: here a name is handed to the caller, who knows a
 * handful of them and refuses the others. Nothing from the file is ever executed.
 */

/** What the caller makes of a name, or of calling it. */
export interface Named {
  readonly kind: string;
}

/** What a pickle is made of; lists and tuples are arrays, dictionaries are maps. */
export type PickleValue = number | bigint | string | boolean | null | PickleValue[] | Map<PickleValue, PickleValue> | Named;

/** What the caller makes of the names in a pickle. Each throws for what it does not know. */
export interface PickleNames {
  /** `module.name`, as in `collections.OrderedDict`. */
  global(name: string): Named;
  /** A global called. */
  call(global: PickleValue, args: readonly PickleValue[]): PickleValue;
  /** An object that the pickle refers to but does not hold. */
  persistent(id: PickleValue): PickleValue;
}

/** A pickle that goes on where the bytes end. */
export class TruncatedPickle extends WeightsError {}

/** Far more than any checkpoint has; a byte can claim an object of its own, and a few hundred megabytes of them would fill the memory. */
const maxOpcodes = 2 ** 22;

/**
 * The object of the pickle that begins at byte `begin`.
 *
 * @throws TruncatedPickle if `bytes` end before it; WeightsError that names an opcode which is not one of those listed below.
 */
export function unpickle(bytes: Uint8Array, begin: number, names: PickleNames): { readonly value: PickleValue; readonly end: number } {
  const machine = new Machine(bytes, begin, names);
  for (let i = 0; i < maxOpcodes; i++) {
    const code = machine.uint8();
    if (code === stop) return { value: machine.pop(), end: machine.at };
    const run = opcodes[code];
    if (run === undefined)
      throw damaged(
        `expected one of the opcodes that PyTorch writes, found ${opcodeNames[code] ?? 'none'} (0x${code.toString(16)}) at byte ${machine.at - 1}`,
      );
    run(machine);
  }
  throw damaged(`expected at most ${maxOpcodes} opcodes`);
}

const stop = 0x2e;

const opcodes: Readonly<Record<number, (m: Machine) => void>> = {
  128: (m) => m.protocol(m.uint8()), //                                 PROTO
  99: (m) => m.push(m.names.global(`${m.line()}.${m.line()}`)), //     GLOBAL
  88: (m) => m.push(m.text(m.uint32())), //                            BINUNICODE
  85: (m) => m.push(m.text(m.uint8())), //                             SHORT_BINSTRING
  84: (m) => m.push(m.text(m.uint32())), //                            BINSTRING
  74: (m) => m.push(m.int32()), //                                     BININT
  75: (m) => m.push(m.uint8()), //                                     BININT1
  77: (m) => m.push(m.uint16()), //                                    BININT2
  138: (m) => m.push(m.long(m.uint8())), //                             LONG1
  71: (m) => m.push(m.float64()), //                                   BINFLOAT
  78: (m) => m.push(null), //                                          NONE
  136: (m) => m.push(true), //                                          NEWTRUE
  137: (m) => m.push(false), //                                         NEWFALSE
  40: (m) => m.mark(), //                                              MARK
  41: (m) => m.push([]), //                                            EMPTY_TUPLE
  133: (m) => m.push(m.popSeveral(1)), //                               TUPLE1
  134: (m) => m.push(m.popSeveral(2)), //                               TUPLE2
  135: (m) => m.push(m.popSeveral(3)), //                               TUPLE3
  116: (m) => m.push(m.popToMark()), //                                 TUPLE
  125: (m) => m.push(new Map()), //                                     EMPTY_DICT
  115: (m) => m.setItems(m.popSeveral(2)), //                           SETITEM
  117: (m) => m.setItems(m.popToMark()), //                             SETITEMS
  93: (m) => m.push([]), //                                            EMPTY_LIST
  97: (m) => m.append(m.popSeveral(1)), //                             APPEND
  101: (m) => m.append(m.popToMark()), //                               APPENDS
  113: (m) => m.put(m.uint8()), //                                      BINPUT
  114: (m) => m.put(m.uint32()), //                                     LONG_BINPUT
  104: (m) => m.get(m.uint8()), //                                      BINGET
  106: (m) => m.get(m.uint32()), //                                     LONG_BINGET
  81: (m) => m.push(m.names.persistent(m.pop())), //                   BINPERSID
  82: (m) => m.reduce(), //                                            REDUCE
  98: (m) => m.build(), //                                             BUILD
};

class Machine {
  at: number;
  readonly names: PickleNames;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, at: number, names: PickleNames) {
    this.at = at;
    this.names = names;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where `length` bytes lie that are read next. */
  #take(length: number): number {
    const begin = this.at;
    if (begin + length > this.#bytes.length) throw new TruncatedPickle(`pickle: expected ${length} bytes at ${begin}, found the end`);
    this.at += length;
    return begin;
  }

  uint8 = (): number => this.#view.getUint8(this.#take(1));
  uint16 = (): number => this.#view.getUint16(this.#take(2), true);
  uint32 = (): number => this.#view.getUint32(this.#take(4), true);
  int32 = (): number => this.#view.getInt32(this.#take(4), true);
  float64 = (): number => this.#view.getFloat64(this.#take(8), false);

  /** Two's complement, little-endian: a number where it is one exactly. */
  long(length: number): number | bigint {
    let value = 0n;
    const begin = this.#take(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[begin + i] as number);
    const signed = length > 0 ? BigInt.asIntN(8 * length, value) : 0n;
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  text(length: number): string {
    const begin = this.#take(length);
    return decode(this.#bytes.subarray(begin, this.at));
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new TruncatedPickle(`pickle: expected a line at byte ${this.at}, found the end`);
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  protocol(version: number): void {
    if (version !== 2) throw damaged(`expected protocol 2, which PyTorch writes, found ${version}`);
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    return this.popSeveral(1)[0] as PickleValue;
  }

  popSeveral(count: number): PickleValue[] {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count) throw damaged(`expected ${count} values on the stack at byte ${this.at}`);
    return this.#stack.splice(this.#stack.length - count, count);
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw damaged(`expected a mark on the stack at byte ${this.at}`);
    return this.#stack.splice(mark);
  }

  /** The value that stays on the stack. */
  #top(): PickleValue {
    const [value] = this.popSeveral(1);
    this.#stack.push(value as PickleValue);
    return value as PickleValue;
  }

  setItems(items: readonly PickleValue[]): void {
    const target = this.#top();
    if (!(target instanceof Map) || items.length % 2 !== 0) throw damaged(`expected keys and values for a dictionary at byte ${this.at}`);
    for (let i = 0; i < items.length; i += 2) target.set(items[i] as PickleValue, items[i + 1] as PickleValue);
  }

  append(items: readonly PickleValue[]): void {
    const target = this.#top();
    if (!Array.isArray(target)) throw damaged(`expected a list to append to at byte ${this.at}`);
    for (const item of items) target.push(item);
  }

  put(index: number): void {
    this.#memo.set(index, this.#top());
  }

  get(index: number): void {
    if (!this.#memo.has(index)) throw damaged(`expected a memo entry ${index} at byte ${this.at}`);
    this.#stack.push(this.#memo.get(index) as PickleValue);
  }

  reduce(): void {
    const [global, args] = this.popSeveral(2);
    if (!Array.isArray(args)) throw damaged(`expected a tuple of arguments at byte ${this.at}`);
    this.#stack.push(this.names.call(global as PickleValue, args));
  }

  /** Python would set attributes: PyTorch's are `_metadata`, the versions of the modules, which inference has no use for. */
  build(): void {
    this.pop();
    this.#top();
  }
}

/** Python 2 wrote its names as bytes; all of PyTorch's are ASCII. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw damaged('expected text in UTF-8');
  }
}

const damaged = (message: string): WeightsError => new WeightsError(`pickle: ${message}`);
