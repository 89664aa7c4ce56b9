import { InputError, WeightsError } from '../errors.js';
import { kindOf, shown } from '../tensor.js';
import { Budget, heap } from './budget.js';
import { type Literal, parseLiteral } from './literal.js';

/** What a class is called. */
export interface Label {
  readonly name: string;
  /** WordNet's id, where the classes are ImageNet's: folders of images are called so. */
  readonly synset?: string;
}

/** Labels of what a caller gave. @throws InputError naming the place of what is neither a name nor a label */
export const labelsFrom = (given: readonly (string | Label)[]): readonly Label[] =>
  given.map((label: string | Label | null, i) => {
    if (typeof label === 'string') return { name: label };
    if (typeof label?.name !== 'string') throw new InputError(`labels[${i}] must be a name, or { name }, not ${shown(label)}`);
    return label;
  });

/**
 * Labels from a file, or from its text, in one of these forms. Those with braces or brackets are JSON, or as Python prints it.
 *
 * | form | example |
 * | --- | --- |
 * | names | `["tench", "goldfish"]` |
 * | names, or synsets and names, by index | `{"0": ["n01440764", "tench"]}` |
 * | indices by name | `{"tench": 0}` |
 * | objects of `id` and `name` | `[{"id": 0, "name": "tench"}]` |
 * | one of them in an object, as `id2label`, `names`, `classes` or `categories` | `{"names": ["tench", "goldfish"]}` |
 * | a name a line, with or without a synset | `n01440764 tench` |
 * | a name and its index on every line | `0,tench`, `0: tench` or `tench,0` |
 * | Places365's (docs/spec/checkpoints.md §7.2), names as its publisher's own program prints them | `/d/diner/outdoor 119` is `diner/outdoor` |
 *
 * @throws InputError if it is none of these, is not UTF-8, or if its indices are not 0 to n − 1, each once: it names the one that is missing or twice.
 */
export function parseLabels(file: string | Uint8Array): readonly Label[] {
  if (typeof file !== 'string' && !(file instanceof Uint8Array))
    throw new InputError(`labels are read from text or bytes, not ${kindOf(file)}`);
  const text = (typeof file === 'string' ? file : textOf(file)).replace(/^\uFEFF/, '');
  if (text.includes('\0')) throw new InputError('holds zero bytes: it is UTF-16 or no text; save it as UTF-8');
  // a list of labels may be small and of many: tens of thousands of short names
  const budget = new Budget(Math.max(text.length, 2 ** 23));
  try {
    const start = text.trimStart()[0];
    if (start === undefined) throw new InputError('holds no label');
    const labels = start === '[' || start === '{' ? fromLiteral(parseLiteral(text, budget)) : fromLines(text, budget);
    if (labels.length === 0) throw new InputError('holds no label');
    return labels;
  } catch (cause) {
    throw cause instanceof WeightsError ? new InputError(cause.message, { cause }) : cause;
  }
}

function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) throw new InputError('is UTF-16: save it as UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError('is not UTF-8: save it so', { cause });
  }
}

/** Nothing can fail after the name's first character, so that no line makes it try again from each of its spaces. */
const indexed = /^(\d+)(?:\s*[,;:\t]\s*|\s+)(\S[\s\S]*)/;
const numberedSynset = /^n\d{8}\s+\d+\s/;

function fromLines(text: string, budget: Budget): readonly Label[] {
  const lines = withoutDashes(
    text
      .trimEnd()
      .split(/\r\n?|\n/)
      .map((line) => line.trim()),
  );
  for (const line of lines) budget.spend(heap.dict + heap.object + heap.element + heap.text(line.length), 'labels');
  if (lines.every((line) => numberedSynset.test(line)))
    throw new InputError("lists synsets by the development kit's numbers, which are not the order of a network's classes");
  const places = lines.findIndex((line) => placed.test(line));
  if (places >= 0) return inOrder(lines.map(placeOf));
  const pairs = lines.map((line) => indexed.exec(line));
  const isIndexed = (line: RegExpExecArray | null): boolean => line !== null;
  const headed = pairs.length > 2 && !isIndexed(pairs[0] as RegExpExecArray | null) && pairs.slice(1).every(isIndexed);
  if (!headed && !(pairs.length > 1 && pairs.every(isIndexed)))
    return namedFirst(lines) ?? lines.map((line, i) => labelOf(unquoted(line), i));
  return inOrder(pairs.slice(headed ? 1 : 0).map((pair) => [Number(pair?.[1]), unquoted(pair?.[2] ?? '')]));
}

/** A list of YAML's. */
const dash = /^-\s+(?=\S)/;
const withoutDashes = (lines: readonly string[]): readonly string[] =>
  lines.every((line) => dash.test(line)) ? lines.map((line) => unquoted(line.replace(dash, ''))) : lines;

/**
 * Lines of a name and its index, apart by a comma, a semicolon or a tab (`tench,0`), below a header or not. A name may end in a number of its own, so the
 * indices must be 0 to n − 1, and the names differ without them.
 *
 * @returns undefined for any other lines
 */
function namedFirst(lines: readonly string[]): readonly Label[] | undefined {
  const pairs = lines.map((line) => indexLast.exec(line));
  const below = pairs[0] === null ? pairs.slice(1) : pairs;
  const named = below.flatMap((pair): [number, string][] =>
    pair !== null && /[,;\t]/.test(pair[2] as string) ? [[Number(pair[3]), unquoted(pair[1] as string)]] : [],
  );
  const [indices, names] = [new Set(named.map(([index]) => index)), new Set(named.map(([, name]) => name))];
  const count = named.length;
  const apart = [below.length, indices.size, names.size].every((size) => size === count);
  return count > 1 && apart && named.every(([index]) => index < count) ? inOrder(named) : undefined;
}

/** The name ends where no blank or separator follows another, so that no line makes it try again from each of them. */
const indexLast = /^(.*[^\s,;])([\s,;]+)(\d+)$/;

/** The name behind the initial's folder. The list of the networks of 1365 classes has ImageNet's before, `n01440764 tench, Tinca tinca 0`. */
const placed = /^\/[a-z]\/(\S+)\s+\d+$/;
const indexAtEnd = /\s\d+$/;

/** @throws InputError for a line without an index at its end */
function placeOf(line: string, i: number): readonly [index: number, label: Literal] {
  const end = indexAtEnd.exec(line);
  if (end === null) throw new InputError(`line ${i + 1}: expected a name and its index, as in /a/airfield 0, found ${show(line)}`);
  return [Number(end[0]), placed.exec(line)?.[1] ?? line.slice(0, end.index)];
}

/** A field of CSV without its quotes, if it has any. */
export const unquoted = (field: string): string =>
  field.length > 1 && field.startsWith('"') && field.endsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;

/** Under which Hugging Face's configurations, torchvision's data sets, and what others write for themselves keep labels, the likeliest first. */
const wrappers = ['id2label', 'label2id', 'class_to_idx', 'names', 'classes', 'class_names', 'labels', 'categories'];

function fromLiteral(value: Literal): readonly Label[] {
  if (isList(value)) return value.every((entry) => entry instanceof Map) ? inOrder(value.map(recordOf)) : value.map(labelOf);
  if (!(value instanceof Map)) throw new InputError('expected a list of labels, or an object of them');
  const dict: ReadonlyMap<Literal, Literal> = value;
  const inner = wrappers.map((key) => dict.get(key)).find((held) => held instanceof Map || isList(held));
  if (inner !== undefined) return fromLiteral(inner);
  const pairs = [...dict];
  if (pairs.every(([key]) => indexOf(key) !== undefined)) return inOrder(pairs.map(([key, label]) => [indexOf(key) as number, label]));
  if (pairs.every(([, index]) => indexOf(index) !== undefined))
    return inOrder(pairs.map(([name, index]) => [indexOf(index) as number, name]));
  const strange = pairs.find(([key]) => indexOf(key) === undefined)?.[0];
  throw new InputError(`expected labels by index, indices by label, or ${wrappers[0]}, found ${show(strange)}`);
}

/** `{ "id": 3, "name": "cat" }`; without an index the list's order is meant. @throws InputError for one without a name */
function recordOf(record: Literal, place: number): readonly [index: number, label: Literal] {
  const fields = record as ReadonlyMap<Literal, Literal>;
  const first = (keys: readonly string[]): Literal | undefined => keys.map((key) => fields.get(key)).find((held) => held !== undefined);
  const name = first(['name', 'label', 'class']);
  if (typeof name !== 'string') throw new InputError(`class ${place}: expected an object with a name, found ${show(record)}`);
  return [indexOf(first(['id', 'index']) ?? place) ?? place, name];
}

const isList = (value: Literal | undefined): value is readonly Literal[] => Array.isArray(value);

/** A whole number, as such or as text. */
function indexOf(value: Literal): number | undefined {
  const index = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 ? index : undefined;
}

/** Labels by their indices. @throws InputError if one is missing, or stands twice. */
function inOrder(pairs: readonly (readonly [index: number, label: Literal])[]): readonly Label[] {
  const byIndex = new Map<number, Literal>();
  for (const [index, label] of pairs) {
    if (byIndex.has(index))
      throw new InputError(`class ${index}: expected one label, found ${show(byIndex.get(index))} and ${show(label)}`);
    byIndex.set(index, label);
  }
  if (!byIndex.has(0) && byIndex.has(pairs.length))
    throw new InputError('class 0: expected a label, found nothing; indices count from 0, these from 1');
  return pairs.map((_, i) => labelOf(byIndex.get(i), i));
}

const synset = /^n\d{8}\s/;

function labelOf(value: Literal | undefined, index: number): Label {
  const [first, second] = isList(value) ? value : [value];
  if (typeof first !== 'string' || !['string', 'undefined'].includes(typeof second) || (first === '' && !second))
    throw new InputError(`class ${index}: expected a label, found ${show(value)}`);
  const text = second === undefined ? first : `${first} ${String(second)}`;
  const name = text.slice('n01440764'.length).trim();
  return synset.test(text) && name !== '' ? { name, synset: text.slice(0, 'n01440764'.length) } : { name: text };
}

/** What a file says, briefly. */
function show(value: Literal | undefined): string {
  if (value === undefined) return 'nothing';
  if (isList(value)) return `a list of ${value.length}`;
  return value instanceof Map ? 'an object' : JSON.stringify(typeof value === 'string' ? value.slice(0, 80) : value);
}
