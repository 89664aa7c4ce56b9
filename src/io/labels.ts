import { InputError } from '../errors.js';

/** What a class is called. */
export interface Label {
  readonly name: string;
  /** WordNet's id, where the classes are ImageNet's: folders of images are called so. */
  readonly synset?: string;
}

const synset = /^(n\d{8})\s+(.+)$/;

/**
 * Labels from the text of a file: a JSON list of names; a JSON object of a name, or of a synset and a name, by index
 * (`{"0": ["n01440764", "tench"]}`); or a name a line, with or without a synset in front (`n01440764 tench`).
 *
 * @throws InputError if it is none of these, or an index is missing.
 */
export function parseLabels(text: string): readonly Label[] {
  if (typeof text !== 'string') throw new InputError(`labels are read from text, not ${typeof text}`);
  const start = text.trimStart()[0];
  const labels = start === '[' || start === '{' ? fromJson(text) : fromLines(text);
  if (labels.length === 0) throw new InputError('holds no label');
  return labels;
}

function fromLines(text: string): Label[] {
  return text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/)
    .map((line, i) => labelOf(line.trim(), i));
}

function fromJson(text: string): Label[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`is not JSON (${(cause as Error).message})`, { cause });
  }
  if (Array.isArray(value)) return value.map(labelOf);
  const byIndex = value as Readonly<Record<string, unknown>>;
  return Object.keys(byIndex).map((_, i) => labelOf(byIndex[i], i));
}

function labelOf(value: unknown, index: number): Label {
  const [first, second] = Array.isArray(value) ? value : [value];
  const text = [first, second].filter((part) => part !== undefined).join(' ');
  if (typeof first !== 'string' || !['string', 'undefined'].includes(typeof second) || text === '')
    throw new InputError(`class ${index}: expected a label, found ${JSON.stringify(value) ?? 'nothing'}`);
  const [, id, name] = synset.exec(text) ?? [];
  return id === undefined || name === undefined ? { name: text } : { name, synset: id };
}
