import { type Budget, heap } from './budget.js';
import { damaged, type GgufReader, show, who } from './ggufReader.js';

/** The keys of a GGUF file and their values (docs/spec/checkpoints.md §6.1). */

interface Kind {
  readonly bytes: number;
  /** Undefined for bytes that stand for nothing. */
  readonly read: (view: DataView) => number | bigint | boolean | undefined;
}

const u32 = 4;
const text = 8;
const array = 9;

/** Those of a fixed size, by number. */
const kinds: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [0, { bytes: 1, read: (view) => view.getUint8(0) }],
  [1, { bytes: 1, read: (view) => view.getInt8(0) }],
  [2, { bytes: 2, read: (view) => view.getUint16(0, true) }],
  [3, { bytes: 2, read: (view) => view.getInt16(0, true) }],
  [u32, { bytes: 4, read: (view) => view.getUint32(0, true) }],
  [5, { bytes: 4, read: (view) => view.getInt32(0, true) }],
  [6, { bytes: 4, read: (view) => shortest(view.getFloat32(0, true)) }],
  [7, { bytes: 1, read: (view) => [false, true][view.getUint8(0)] }],
  [10, { bytes: 8, read: (view) => view.getBigUint64(0, true) }],
  [11, { bytes: 8, read: (view) => view.getBigInt64(0, true) }],
  [12, { bytes: 8, read: (view) => view.getFloat64(0, true) }],
]);

/** The least bytes of what a file lists: an entry's key, kind and value; a text's length; an array's kind and length. */
export const leastEntry = 8 + 4 + 1;
const leastText = 8;
const leastArray = 4 + 8;

/** Longer arrays are vocabularies of language models, of which no network here has a use. */
const longest = 2 ** 12;

/** In practice none is nested. */
const deepest = 8;

/** As text, a number. */
const longestNumber = 24;

const alignmentKey = 'general.alignment';
const usualAlignment = 32;

export interface GgufMetadata {
  /**
   * Texts as they are; numbers and booleans as they are written, a float32 in no more digits than tell it; arrays of those as JSON, if they have at
   * most 4096 elements. Longer arrays, and arrays of arrays, are left out.
   */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors begin at multiples of so many bytes. */
  readonly alignment: number;
}

/** @throws WeightsError for a value of no kind that there is, a key that stands twice, and what is more than the file or its budget holds */
export async function readMetadata(reader: GgufReader, entries: number, budget: Budget): Promise<GgufMetadata> {
  const metadata: Record<string, string> = Object.create(null); // so that `metadata.constructor` is the file's or nothing
  const keys = new Set<string>();
  let alignment = usualAlignment;
  for (let i = 0; i < entries; i++) {
    budget.spend(2 * heap.entry, who);
    const key = await reader.text(`key ${i}`);
    if (keys.has(key)) throw damaged(`expected each key once, found ${show(key)} twice`);
    keys.add(key);
    const what = `value of ${show(key)}`;
    const kind = await reader.u32(`the kind of the ${what}`);
    const value = await readValue(reader, kind, what, budget);
    if (value !== undefined) metadata[key] = value;
    if (key === alignmentKey) alignment = alignmentOf(kind, value);
  }
  return { metadata, alignment };
}

/** @returns undefined for an array that is left out */
async function readValue(reader: GgufReader, kind: number, what: string, budget: Budget): Promise<string | undefined> {
  if (kind === text) return reader.text(what);
  if (kind === array) return readArray(reader, what, budget);
  budget.spend(heap.text(longestNumber), who);
  return String(await readPlain(reader, kind, what));
}

async function readPlain(reader: GgufReader, kind: number, what: string): Promise<number | bigint | boolean> {
  const { bytes, read } = kindOf(kind, what);
  const value = read(await reader.take(bytes, what));
  if (value === undefined) throw damaged(`${what}: expected 0 or 1 for false or true, found another byte`);
  return value;
}

async function readArray(reader: GgufReader, what: string, budget: Budget): Promise<string | undefined> {
  const kind = await reader.u32(`the kind of the elements of the ${what}`);
  const count = await reader.count(leastOf(kind, what), `elements of the ${what}`);
  if (count > longest || kind === array) {
    await passElements(reader, kind, count, what, 1);
    return undefined;
  }
  budget.spend(heap.dict, who);
  const elements: string[] = [];
  for (let i = 0; i < count; i++) {
    const element = kind === text ? JSON.stringify(await reader.text(what)) : asJson(await readPlain(reader, kind, what));
    budget.spend(heap.element + 2 * heap.text(element.length), who); // once more where they are joined
    elements.push(element);
  }
  return `[${elements.join(',')}]`;
}

/** JSON has no number for what is not finite. */
const asJson = (value: number | bigint | boolean): string =>
  typeof value === 'number' && !Number.isFinite(value) ? `"${value}"` : String(value);

async function passElements(reader: GgufReader, kind: number, count: number, what: string, depth: number): Promise<void> {
  if (depth > deepest) throw damaged(`${what}: expected arrays nested at most ${deepest} deep, found more`);
  if (kind === text) for (let i = 0; i < count; i++) reader.pass(await reader.u64(`the length of the ${what}`), what);
  else if (kind === array)
    for (let i = 0; i < count; i++) {
      const inner = await reader.u32(`the kind of the elements of the ${what}`);
      await passElements(reader, inner, await reader.count(leastOf(inner, what), `elements of the ${what}`), what, depth + 1);
    }
  else reader.pass(count * leastOf(kind, what), what);
}

function leastOf(kind: number, what: string): number {
  if (kind === text) return leastText;
  return kind === array ? leastArray : kindOf(kind, what).bytes;
}

function kindOf(kind: number, what: string): Kind {
  const known = kinds.get(kind);
  if (known === undefined) throw damaged(`${what}: expected a kind from 0 to 12, found ${kind}`);
  return known;
}

function alignmentOf(kind: number, value: string | undefined): number {
  const alignment = Number(value);
  if (kind !== u32 || !Number.isInteger(Math.log2(alignment)))
    throw damaged(`${alignmentKey}: expected a power of two in 32 bits, found ${kind === u32 ? value : `a value of kind ${kind}`}`);
  return alignment;
}

/** The float64 of the fewest digits that rounds to a float32: 0.485 and not 0.48500001430511475. */
function shortest(value: number): number {
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value; // NaN
}
