import { WeightsError } from '../errors.js';
import { readRange, type Source } from './source.js';

/**
 * Protobuf's wire format (protobuf.dev, "Encoding"), as far as finding fields: what has a length is given as a range of the file, so
 * that half a gigabyte of weights is passed over and not read.
 */

export interface Field {
  readonly number: number;
  /** A number, or of 64 bits fixed, 32 bits fixed, or with a length. */
  readonly wire: 'varint' | 'fixed64' | 'bytes' | 'fixed32';
  /** Of `varint`; those beyond 2^53 are inexact. */
  readonly value: number;
  /** The same bits as an int64: negative numbers take ten bytes. */
  readonly signed: number;
  /** Where the value lies. */
  readonly begin: number;
  readonly end: number;
}

/** Far more than any network has: 2-byte fields could fill a file for hours. */
const maxFields = 2 ** 20;
const window = 2 ** 12;
const maxVarint = 10;

export interface Varint {
  readonly value: number;
  readonly signed: number;
  /** Where the next value begins. */
  readonly end: number;
}

/** The number at a place of bytes, seven bits a byte; undefined if it does not end before `end`. */
export function varint(bytes: Uint8Array, begin: number, end: number): Varint | undefined {
  let value = 0;
  let complement = 0; // of 63 bits, so that a small negative number is exact
  for (let i = 0; i < maxVarint && begin + i < end; i++) {
    const byte = bytes[begin + i] as number;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { value, signed: i === maxVarint - 1 ? -complement - 1 : value, end: begin + i + 1 };
    complement += (~byte & 127) * 2 ** (7 * i);
  }
  return undefined;
}

/** Reads a file's messages by their fields. One reader a file, so that the limit of fields is the file's. */
export class ProtobufReader {
  readonly #source: Source;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Where `#bytes` begin. */
  #at = 0;
  #fields = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** The fields of the message at [begin, end). @throws WeightsError for a damaged one. */
  async *fields(begin: number, end: number): AsyncGenerator<Field> {
    let at = begin;
    while (at < end) {
      if (++this.#fields > maxFields) throw damaged(`expected at most ${maxFields} fields`);
      if (!this.#holds(at)) await this.#fill(at);
      const tag = this.#varint(at, end);
      const number = Math.floor(tag.value / 8);
      const field = { number, ...this.#value(tag.value % 8, tag.end, end) };
      if (number === 0 || field.end > end) throw damaged(`expected a field within its message at byte ${at}`);
      at = field.end;
      yield field;
    }
  }

  #value(wire: number, begin: number, end: number): Omit<Field, 'number'> {
    if (wire === 0) return { wire: 'varint', begin, ...this.#varint(begin, end) };
    if (wire === 1) return { wire: 'fixed64', value: 0, signed: 0, begin, end: begin + 8 };
    if (wire === 5) return { wire: 'fixed32', value: 0, signed: 0, begin, end: begin + 4 };
    if (wire !== 2) throw damaged(`expected a field of a known kind, found ${wire} at byte ${begin}`);
    const length = this.#varint(begin, end);
    return { wire: 'bytes', value: 0, signed: 0, begin: length.end, end: length.end + length.value };
  }

  /** Whether two numbers at a place, as a field begins with, can be read without waiting: a wait for each would take most of the time. */
  #holds(begin: number): boolean {
    const held = this.#at + this.#bytes.length;
    return begin >= this.#at && (begin + 2 * maxVarint <= held || held === this.#source.size);
  }

  async #fill(begin: number): Promise<void> {
    this.#at = begin;
    this.#bytes = await readRange(this.#source, begin, Math.min(window, this.#source.size - begin));
  }

  #varint(begin: number, end: number): Varint {
    const found = varint(this.#bytes, begin - this.#at, Math.min(end - this.#at, this.#bytes.length));
    if (found === undefined) throw damaged(`expected a number of at most ${maxVarint} bytes at byte ${begin}`);
    return { ...found, end: found.end + this.#at };
  }

  /** The text of a field. @param most its bytes. @throws WeightsError if it is longer, or no UTF-8. */
  async text(field: Field, most: number = window): Promise<string> {
    const bytes = await this.bytes(field, most);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw damaged(`expected text in UTF-8 at byte ${field.begin}`);
    }
  }

  /** The numbers of a packed field. @throws WeightsError if there are too many for what describes a shape. */
  async packed(field: Field, as: 'value' | 'signed' = 'value'): Promise<readonly number[]> {
    const bytes = await this.bytes(field);
    const values: number[] = [];
    for (let at = 0; at < bytes.length; ) {
      const number = varint(bytes, at, bytes.length);
      if (number === undefined) throw damaged(`expected a number of at most ${maxVarint} bytes at byte ${field.begin + at}`);
      values.push(number[as]);
      at = number.end;
    }
    return values;
  }

  /** The bytes of a field, not to be written to. @throws WeightsError if there are more than `most`. */
  async bytes({ begin, end }: Field, most: number = window): Promise<Uint8Array> {
    if (end - begin > most) throw damaged(`expected at most ${most} bytes of text or extents at byte ${begin}, found ${end - begin}`);
    // mostly a few bytes behind a tag that has just been read: a file is not asked again
    if (begin >= this.#at && end <= this.#at + this.#bytes.length) return this.#bytes.subarray(begin - this.#at, end - this.#at);
    return readRange(this.#source, begin, end - begin);
  }
}

const damaged = (message: string): WeightsError => new WeightsError(`protobuf: ${message}`);
