import { WeightsError } from '../errors.js';
import { type Budget, heap } from './budget.js';

/**
 * The value of a JSON text that came in a file of weights. What it takes is counted before anything is built, and a key that stands twice in the
 * outer object or in one right inside it is refused: JSON.parse would keep the last.
 *
 * @throws WeightsError, which begins with `who`, the format that is read.
 */
export function parseFileJson(json: string, budget: Budget, who: string): unknown {
  try {
    scan(json, budget, who);
    return JSON.parse(json);
  } catch (cause) {
    if (cause instanceof WeightsError) throw cause;
    throw new WeightsError(`${who}: expected JSON in UTF-8, found ${(cause as Error).message.slice(0, 200)}`, { cause });
  }
}

const [quote, backslash, comma, colon] = ['"', '\\', ',', ':'].map((c) => c.charCodeAt(0));
const [braceOpen, braceClose, bracketOpen, bracketClose] = ['{', '}', '[', ']'].map((c) => c.charCodeAt(0));

/** Goes through a text that may be no JSON at all. */
function scan(json: string, budget: Budget, who: string): void {
  const keys = [new Set<unknown>(), new Set<unknown>()]; // of the object that is open at depth 0, and at depth 1
  let depth = 0;
  let [start, end] = [0, 0]; // of the latest string
  budget.spend(heap.text(json.length), who);
  for (let i = 0; i < json.length; i++) {
    const c = json.charCodeAt(i);
    if (c === quote) {
      start = i;
      for (i++; i < json.length && json.charCodeAt(i) !== quote; i++) if (json.charCodeAt(i) === backslash) i++;
      end = i + 1;
      budget.spend(heap.text((end - start) / 2), who); // most are of one byte a character
    } else if (c === braceOpen || c === bracketOpen) {
      keys[depth++]?.clear();
      budget.spend(heap.object, who);
    } else if (c === braceClose || c === bracketClose) depth--;
    else if (c === comma) budget.spend(heap.element, who);
    else if (c === colon && depth <= keys.length) {
      const key: unknown = JSON.parse(json.slice(start, end));
      const known = keys[depth - 1];
      if (known?.has(key)) throw new WeightsError(`${who}: expected each key once, found ${String(key).slice(0, 80)} twice`);
      known?.add(key);
      if (depth === 1) budget.spend(heap.entry, who);
    }
  }
}
