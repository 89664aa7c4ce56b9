import { WeightsError } from '../errors.js';
import { type Budget, heap } from './budget.js';
import { quotedBytesIn, unicodeIn } from './pickleLines.js';
import { addTexts, dictOf, inert, isInert, type PickleNames, type PickleValue } from './pickleValue.js';

/** A pickle that goes on where the bytes end. */
export class TruncatedPickle extends WeightsError {}

/** Numbers that a list keeps: nothing needs them, and a history or a sampler's order may be millions long. */
const keptNumbers = 1000;

const longestByteText = 1000;

/** Python's longest name that is told: what is longer is nobody's. */
const longestName = 200;

/** Pickle's stack machine: its operations. What it builds is counted against the file's budget. */
export class PickleMachine {
  at: number;
  readonly #names: PickleNames;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #budget: Budget;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  /** The highest that stack and marks have been. */
  #height = 0;
  /** Picklers number entries one by one; what is numbered otherwise is in the other. */
  readonly #memo: (PickleValue | undefined)[] = [];
  readonly #sparseMemo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, at: number, names: PickleNames, budget: Budget) {
    this.at = at;
    this.#names = names;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#budget = budget;
  }

  #spend(bytes: number): void {
    this.#budget.spend(bytes, 'pickle');
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
  /** Beyond 2^53 it is inexact, and beyond any file. */
  uint64 = (): number => Number(this.#view.getBigUint64(this.#take(8), true));
  int32 = (): number => this.#view.getInt32(this.#take(4), true);
  float64 = (): number => this.#view.getFloat64(this.#take(8), false);

  skip(length: number): void {
    this.#take(length);
  }

  /** Two's complement, little-endian: a number where it is one exactly. */
  long(length: number): number | bigint {
    let value = 0n;
    const begin = this.#take(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[begin + i] as number);
    const signed = length > 0 ? BigInt.asIntN(8 * length, value) : 0n;
    if (Number.isSafeInteger(Number(signed))) return Number(signed);
    this.#spend(heap.object + length);
    return signed;
  }

  text(length: number): string {
    const begin = this.#take(length);
    this.#spend(heap.text(length));
    return decode(this.#bytes.subarray(begin, this.at));
  }

  /** A view of the file. */
  bytes(length: number): Uint8Array {
    const begin = this.#take(length);
    return this.#bytes.subarray(begin, this.at);
  }

  /** Python 2's text, a character a byte, or bytes: what is longer than a name is not needed as text. */
  pushByteText(bytes: Uint8Array): void {
    if (bytes.length > longestByteText) this.pushBytes(bytes, 'str');
    else {
      this.#spend(heap.text(bytes.length));
      this.push(String.fromCharCode(...bytes));
    }
  }

  pushQuotedLine(): void {
    const line = this.#line();
    this.#spend(heap.object + line.length);
    this.pushByteText(this.#valueOf(quotedBytesIn(line), 'a text in quotes'));
  }

  pushUnicodeLine(): void {
    const line = this.#line();
    this.#spend(heap.text(line.length));
    this.push(this.#valueOf(unicodeIn(line), 'a text'));
  }

  pushNumber(value: number | bigint | boolean | undefined, what: string): void {
    const number = this.#valueOf(value, what);
    if (typeof number === 'bigint') this.#spend(heap.object + number.toString(16).length);
    this.push(number);
  }

  #valueOf<T>(value: T | undefined, what: string): T {
    if (value === undefined) throw damaged(`expected ${what} in the line that ends at byte ${this.at - 1}`);
    return value;
  }

  /** Of a memo, as a line. */
  index(): number {
    const line = this.line();
    return this.#valueOf(/^\d{1,15}$/.test(line) ? Number(line) : undefined, 'the number of a memo entry');
  }

  line(): string {
    const line = this.#line();
    this.#spend(heap.text(line.length));
    return decode(line);
  }

  /** Up to the line feed, which is taken too. */
  #line(): Uint8Array {
    const begin = this.at;
    const end = this.#bytes.indexOf(0x0a, begin);
    if (end < 0) throw new TruncatedPickle(`pickle: expected a line at byte ${begin}, found the end`);
    this.at = end + 1;
    return this.#bytes.subarray(begin, end);
  }

  protocol(version: number): void {
    if (version > 5) throw damaged(`expected protocol 0 to 5, found ${version}`);
  }

  /** The room on the stack is taken once, however often it is used. */
  #reach(height: number): void {
    if (height <= this.#height) return;
    this.#spend(heap.element);
    this.#height = height;
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
    this.#reach(this.#stack.length + this.#marks.length);
  }

  pushList(items: PickleValue[]): void {
    this.#spend(heap.object + heap.element * items.length);
    this.push(items);
  }

  /** Of keys and values in turn. */
  pushDict(items: readonly PickleValue[]): void {
    this.#spend(heap.dict);
    this.push(new Map());
    this.setItems(items);
  }

  pushInert(what: string): void {
    this.#spend(heap.object);
    this.push(inert(what));
  }

  /** What is of no use here, and may be long. */
  skipped(length: number, what: string): void {
    this.skip(length);
    this.pushInert(what);
  }

  pushBytes(bytes: Uint8Array, what: 'bytes' | 'bytearray' | 'str'): void {
    this.#spend(heap.object);
    this.push(inert(what, { bytes }));
  }

  frozenSet(_items: readonly PickleValue[]): void {
    this.pushInert('frozenset');
  }

  globalOf(module: string, name: string): PickleValue {
    return this.#names.global(`${module.slice(0, longestName)}.${name.slice(0, longestName)}`);
  }

  pushGlobal(module: string, name: string): void {
    this.push(this.globalOf(module, name));
  }

  stackGlobal([module, name]: readonly PickleValue[]): void {
    if (typeof module !== 'string' || typeof name !== 'string') throw damaged(`expected the name of a global at byte ${this.at}`);
    this.pushGlobal(module, name);
  }

  persistent(id: PickleValue): void {
    this.#spend(2 * heap.object + heap.entry);
    this.push(this.#names.persistent(id));
  }

  duplicate(): void {
    this.push(this.#top());
  }

  pop(): PickleValue {
    this.#need(1);
    return this.#stack.pop() as PickleValue;
  }

  popSeveral(count: number): PickleValue[] {
    this.#need(count);
    return this.#stack.splice(this.#stack.length - count, count);
  }

  #need(count: number): void {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count) throw damaged(`expected ${count} values on the stack at byte ${this.at}`);
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
    this.#reach(this.#stack.length + this.#marks.length);
  }

  popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw damaged(`expected a mark on the stack at byte ${this.at}`);
    return this.#stack.splice(mark);
  }

  /** Python takes a mark away that is on top. */
  drop(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  /** The value that stays on the stack. */
  #top(): PickleValue {
    this.#need(1);
    return this.#stack.at(-1) as PickleValue;
  }

  setItems(items: readonly PickleValue[]): void {
    const target = this.#top();
    if (isInert(target) && target.items === undefined) {
      this.#spend(heap.dict);
      target.items = new Map();
    }
    const dict = dictOf(target) as Map<PickleValue, PickleValue> | undefined;
    if (dict === undefined || items.length % 2 !== 0) throw damaged(`expected keys and values for a dictionary at byte ${this.at}`);
    this.#spend((heap.entry * items.length) / 2);
    for (let i = 0; i < items.length; i += 2) dict.set(items[i] as PickleValue, items[i + 1] as PickleValue);
  }

  /** An object that extends a list need not know what it holds, and a set only its texts. */
  append(items: readonly PickleValue[]): void {
    const target = this.#top();
    if (isInert(target)) {
      if (target.what === 'set') addTexts(target, items, this.#budget);
      return;
    }
    if (!Array.isArray(target)) throw damaged(`expected a list to append to at byte ${this.at}`);
    const before = target.length;
    for (const item of items) if (typeof item !== 'number' || target.length < keptNumbers) target.push(item);
    this.#spend(heap.element * (target.length - before));
  }

  put(index: number): void {
    const value = this.#top();
    // Python 2 counts from 1
    if (index <= this.#memo.length + 1) {
      if (index >= this.#memo.length) this.#spend(heap.element);
      this.#memo[index] = value;
    } else {
      this.#spend(heap.entry);
      this.#sparseMemo.set(index, value);
    }
  }

  memoize(): void {
    this.put(this.#memo.length);
  }

  get(index: number): void {
    const value = this.#memo[index] ?? this.#sparseMemo.get(index);
    if (value === undefined && this.#memo[index] !== null) throw damaged(`expected a memo entry ${index} at byte ${this.at}`);
    this.push(value ?? null);
  }

  call([global, args]: readonly PickleValue[]): void {
    if (!Array.isArray(args)) throw damaged(`expected a tuple of arguments at byte ${this.at}`);
    this.#spend(2 * heap.object);
    this.push(this.#names.call(global as PickleValue, args));
  }

  /** An object of a class that is named, or lies above the mark before its arguments. */
  instance(named?: PickleValue): void {
    const values = this.popToMark();
    const [global, args] = named === undefined ? [values[0], values.slice(1)] : [named, values];
    if (global === undefined) throw damaged(`expected a class at byte ${this.at}`);
    this.call([global, args]);
  }

  /** Python would set attributes. A module keeps its tensors in them; an OrderedDict the versions of the modules, which inference has no use for. */
  build(): void {
    const attributes = this.pop();
    const target = this.#top();
    if (!isInert(target)) return;
    if (attributes instanceof Map) target.attributes = attributes;
    else if (Array.isArray(attributes)) target.state = attributes;
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const latin1 = new TextDecoder('latin1');

/** Python's text may hold half a character, which is no UTF-8: it stays distinct. */
function decode(bytes: Uint8Array): string {
  const text = utf8.decode(bytes);
  return text.includes('\ufffd') ? latin1.decode(bytes) : text;
}

const damaged = (message: string): WeightsError => new WeightsError(`pickle: ${message}`);
