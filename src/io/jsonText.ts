import { InputError } from '../errors.js';
import { Budget, heap } from './budget.js';

/** The value of a text. @throws InputError if it is not JSON, or nested too deeply; WeightsError if its value would take memory out of proportion */
export function parseJson(text: string): unknown {
  checkSize(text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(text.trim() === '' ? 'is empty, not JSON' : `is not JSON (${(cause as Error).message})`, { cause });
  }
}

/** Deeper than anything that is written here, and not so deep that it could not be written again. */
const deepest = 100;

/** Counts lists, objects and what is in them: a byte can be a list. Strings take what they take in the text. */
function checkSize(text: string): void {
  const budget = new Budget(text.length);
  let quoted = false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === quote) quoted = !quoted;
    else if (quoted) i += unit === backslash ? 1 : 0;
    else if (unit === comma) budget.spend(heap.element, 'JSON');
    else if (opening.includes(unit)) {
      budget.spend(heap.object, 'JSON');
      if (++depth > deepest) throw new InputError(`is JSON of more than ${deepest} lists or objects in each other`);
    } else if (closing.includes(unit)) depth--;
  }
}

const codesOf = (characters: string): readonly number[] => Array.from(characters, (character) => character.charCodeAt(0));
const [quote, backslash, comma, ...opening] = codesOf('"\\,[{');
const closing = codesOf(']}');
