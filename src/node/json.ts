import { naming } from '../errors.js';
import { parseJson } from '../io/jsonText.js';
import type { Kind } from '../io/schema.js';
import { readText } from './files.js';

/** The value of a file that holds JSON. @throws InputError naming the file: if it cannot be read or is not JSON, or the key that is not as `kind` has it */
export async function readJsonAs<T>(path: string, kind: Kind<T>): Promise<T> {
  const text = await readText(path);
  return naming(path, () => kind.read(parseJson(text), ''));
}
