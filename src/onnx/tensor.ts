import { UnsupportedError } from '../errors.js';
import { heap } from '../io/budget.js';
import { floatsFromBfloats, floatsFromHalves } from '../io/half.js';
import { type Field, varint } from '../io/protobuf.js';
import { readRange } from '../io/source.js';
import { type AxisQuantisation, type IntegerDtype, isIntegerDtype } from '../ops/quantised/quantisation.js';
import { isShape, type Shape, sizeOf } from '../tensor.js';
import { damaged, type ExternalReader, type OnnxReading, who } from './reading.js';

/** A constant, small or a weight, as numbers: what TensorProto's storages all become. */
export interface Constant {
  readonly shape: Shape;
  /** Whole numbers are divided as such. `bool` is 0 or 1. */
  readonly kind: 'float' | 'int' | 'bool';
  /** int64 beyond 2^53 are inexact: no extent or index is so large, and what only ends a slice may be. */
  readonly data: Float32Array | Float64Array;
  /** Of whole numbers, where values of such are known. */
  readonly dtype?: IntegerDtype;
  /** Whether floats are float64: what is made of others is rounded to float32. */
  readonly isDouble?: true;
  /** Of floats that the file has as integers: these, and what they stand for. */
  readonly stored?: StoredIntegers;
}

/** Integers of a constant, in its shape, with a scale and a zero point for all or for each place along an axis. */
export interface StoredIntegers extends AxisQuantisation {
  readonly data: Constant['data'];
}

/** A TensorProto. */
export interface OnnxTensor {
  readonly name: string;
  /** TensorProto.DataType. */
  readonly type: number;
  readonly shape: Shape;
  /** Whether it has a shape and no values, although it needs some. */
  readonly hollow: boolean;
  /** @throws WeightsError for values that do not fill the shape, or that no output of the file needs; UnsupportedError for types that we do not read. */
  read(): Constant;
}

/** Fields with the bytes that they lie in, which begin at a byte of the file. */
interface Held {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly fields: readonly Field[];
}

interface Dtype {
  readonly name: string;
  readonly kind: Constant['kind'];
  readonly bytes: number;
  /** The field of TensorProto that holds them if they are not raw: 4 floats, 5 and 7 and 11 varints, 10 doubles. */
  readonly typed: 4 | 5 | 7 | 10 | 11;
  /** The numbers of little-endian bytes. */
  readonly raw: (view: DataView, length: number) => Constant['data'];
  /** The number that a varint of a typed field stands for; of 16-bit floats its bits. @defaultValue itself */
  readonly bits?: (bits: Uint16Array) => Float32Array;
}

const each =
  (bytes: number, get: (view: DataView, at: number) => number): Dtype['raw'] =>
  (view, length) => {
    const data = bytes <= 2 ? new Float32Array(length) : new Float64Array(length); // exact, and at most four times the file
    for (let i = 0; i < length; i++) data[i] = get(view, i * bytes);
    return data;
  };

const halves =
  (floats: (bits: Uint16Array) => Float32Array): Dtype['raw'] =>
  (view, length) => {
    const bits = new Uint16Array(length);
    for (let i = 0; i < length; i++) bits[i] = view.getUint16(2 * i, true);
    return floats(bits);
  };

/** float32 whose bytes are aligned stay where they are. */
function floats(view: DataView, length: number): Float32Array {
  if (view.byteOffset % 4 === 0 && littleEndian) return new Float32Array(view.buffer, view.byteOffset, length);
  const data = new Float32Array(length);
  for (let i = 0; i < length; i++) data[i] = view.getFloat32(4 * i, true);
  return data;
}
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** By their numbers in TensorProto.DataType. */
const dtypes: Readonly<Record<number, Dtype>> = {
  1: { name: 'float', kind: 'float', bytes: 4, typed: 4, raw: floats },
  2: { name: 'uint8', kind: 'int', bytes: 1, typed: 5, raw: each(1, (view, at) => view.getUint8(at)) },
  3: { name: 'int8', kind: 'int', bytes: 1, typed: 5, raw: each(1, (view, at) => view.getInt8(at)) },
  4: { name: 'uint16', kind: 'int', bytes: 2, typed: 5, raw: each(2, (view, at) => view.getUint16(at, true)) },
  5: { name: 'int16', kind: 'int', bytes: 2, typed: 5, raw: each(2, (view, at) => view.getInt16(at, true)) },
  6: { name: 'int32', kind: 'int', bytes: 4, typed: 5, raw: each(4, (view, at) => view.getInt32(at, true)) },
  7: { name: 'int64', kind: 'int', bytes: 8, typed: 7, raw: each(8, (view, at) => Number(view.getBigInt64(at, true))) },
  9: { name: 'bool', kind: 'bool', bytes: 1, typed: 5, raw: each(1, (view, at) => view.getUint8(at)) },
  10: { name: 'float16', kind: 'float', bytes: 2, typed: 5, raw: halves(floatsFromHalves), bits: floatsFromHalves },
  11: { name: 'double', kind: 'float', bytes: 8, typed: 10, raw: each(8, (view, at) => view.getFloat64(at, true)) },
  12: { name: 'uint32', kind: 'int', bytes: 4, typed: 11, raw: each(4, (view, at) => view.getUint32(at, true)) },
  13: { name: 'uint64', kind: 'int', bytes: 8, typed: 11, raw: each(8, (view, at) => Number(view.getBigUint64(at, true))) },
  16: { name: 'bfloat16', kind: 'float', bytes: 2, typed: 5, raw: halves(floatsFromBfloats), bits: floatsFromBfloats },
};

/** Types that are told by their names, and not read. */
const others: Readonly<Record<number, string>> = {
  8: 'string',
  14: 'complex64',
  15: 'complex128',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
};

export const dtypeName = (type: number): string => dtypes[type]?.name ?? others[type] ?? `type ${type}`;
export const kindOfType = (type: number): Constant['kind'] | undefined => dtypes[type]?.kind;

/** What a constant says of its type, beside the kind. */
export function typeOf(type: number): Pick<Constant, 'dtype' | 'isDouble'> {
  const name = dtypeName(type);
  return isIntegerDtype(name) ? { dtype: name } : name === 'double' ? { isDouble: true } : {};
}

const rawField = 9;
const typedFields = [4, 5, 7, 10, 11];
export const maxAxes = 16;

export const shownName = (name: string): string => name.slice(0, 80) || 'without a name';

/** @throws WeightsError for what is no shape, or has more values than can be counted exactly */
export function checkExtents(name: string, shape: readonly number[]): void {
  if (!isShape(shape) || !Number.isSafeInteger(sizeOf(shape)))
    throw damaged(`tensor ${shownName(name)}: expected extents from 0, found [${shape.join(', ')}]`);
}

export async function readTensor(from: OnnxReading, { begin, end }: Field): Promise<OnnxTensor> {
  const { source, reader, budget, loads } = from;
  let [name, type] = ['', 0];
  let isExternal = false;
  const shape: number[] = [];
  const stored: Field[] = [];
  const external: Field[] = [];
  budget.spend(3 * heap.object + 4 * heap.dict, who);
  for await (const field of reader.fields(begin, end)) {
    const { number, wire } = field;
    if (number === 1) shape.push(...(wire === 'bytes' ? await reader.packed(field, 'signed') : [field.signed]));
    else if (number === 2 && wire === 'varint') type = field.value;
    else if (number === 8 && wire === 'bytes') {
      budget.spend(heap.text(field.end - field.begin), who);
      name = await reader.text(field);
    } else if (number === rawField || typedFields.includes(number)) {
      budget.spend(heap.object + heap.element, who);
      stored.push(field);
    } else if (number === 13 && wire === 'bytes') {
      budget.spend(heap.object + heap.element, who);
      external.push(field);
    } else if (number === 14 && wire === 'varint') isExternal = field.value === 1;
    if (shape.length > maxAxes) throw damaged(`tensor ${name.slice(0, 80)}: expected at most ${maxAxes} extents, found more`);
  }
  const shown = shownName(name);
  checkExtents(name, shape);
  const size = sizeOf(shape);
  const hollow = stored.length === 0 && !isExternal && size > 0;
  const place = isExternal ? await (await import('./external.js')).readExternal(from, external, name) : undefined;
  let held: Held | undefined;
  let constant: Constant | undefined;

  async function load(files?: ExternalReader): Promise<void> {
    if (held !== undefined || hollow) return;
    if (place !== undefined) {
      const { name: dtype = dtypeName(type), bytes: each } = dtypes[type] ?? {};
      const bytes = await (files as ExternalReader).read(place, each === undefined ? undefined : { dtype, shape, bytes: size * each });
      held = {
        bytes,
        at: 0,
        fields: size === 0 ? [] : [{ number: rawField, wire: 'bytes', value: 0, signed: 0, begin: 0, end: bytes.length }],
      };
      return;
    }
    const [first, last] = [stored[0]?.begin ?? 0, stored.at(-1)?.end ?? 0];
    held = { bytes: await readRange(source, first, last - first), at: first, fields: stored };
  }

  function read(): Constant {
    if (constant !== undefined) return constant;
    const dtype = dtypes[type];
    if (dtype === undefined) throw new UnsupportedError(`${who}: tensor ${shown}: values of ${dtypeName(type)} are not read`);
    if (hollow) throw damaged(`tensor ${shown}: expected ${size} values, found none`);
    if (held === undefined) throw damaged(`tensor ${shown}: no output needs it, so that its values were not read`);
    const { kind } = dtype;
    constant = { shape, kind, data: valuesOf(held, dtype, size, shown), ...typeOf(type) };
    held = { bytes: new Uint8Array(0), at: 0, fields: [] }; // numbers of another width have been copied
    return constant;
  }
  const tensor = { name, type, shape, hollow, read };
  loads.set(tensor, load);
  return tensor;
}

/** Raw bytes are one field; typed values may come in several, packed or one by one. */
function valuesOf({ bytes, at: from, fields: stored }: Held, dtype: Dtype, size: number, shown: string): Constant['data'] {
  const wrong = (found: string) => damaged(`tensor ${shown}: expected ${size} values of ${dtype.name}, found ${found}`);
  const raw = stored.find(({ number }) => number === rawField);
  const view = ({ begin, end }: Field): DataView => new DataView(bytes.buffer, bytes.byteOffset + begin - from, end - begin);
  if (raw !== undefined) {
    if (stored.length > 1) throw wrong('two storages');
    if (raw.wire !== 'bytes' || raw.end - raw.begin !== size * dtype.bytes) throw wrong(`${raw.end - raw.begin} bytes`);
    return dtype.raw(view(raw), size);
  }
  const fields = stored.filter(({ number }) => number === dtype.typed);
  if (fields.length < stored.length) throw wrong('those of another type');
  // each value takes a byte at least, so that nothing is allocated for what a file merely claims
  if (fields.reduce((sum, { begin, end }) => sum + end - begin, 0) < size) throw wrong('fewer');
  const isFixed = dtype.typed === 4 || dtype.typed === 10;
  const data = dtype.bits ? new Uint16Array(size) : dtype.typed === 4 || dtype.bytes <= 2 ? new Float32Array(size) : new Float64Array(size);
  let count = 0;
  for (const field of fields) {
    if (isFixed) {
      const length = (field.end - field.begin) / dtype.bytes;
      if (field.wire === 'varint' || !Number.isInteger(length) || count + length > size) throw wrong(`${count} and ${length}`);
      data.set(dtype.raw(view(field), length), count);
      count += length;
    } else
      for (let at = field.begin - from, end = field.end - from; at < end; ) {
        const number = varint(bytes, at, end);
        if (number === undefined || field.wire.startsWith('fixed') || count === size) throw wrong('more, or no numbers');
        data[count++] = number.signed;
        at = number.end;
      }
  }
  if (count !== size) throw wrong(`${count}`);
  return data instanceof Uint16Array ? (dtype.bits as (bits: Uint16Array) => Float32Array)(data) : data;
}
