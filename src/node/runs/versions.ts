import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, naming } from '../../errors.js';
import { anyText, listOf, objectWith, optional, record } from '../../io/schema.js';
import { readJsonAs } from '../json.js';
import { machineFacts, runtimeName } from '../machine.js';
import { note } from '../output.js';
import { version } from '../package.js';
import { writeNow } from '../writeNow.js';
import { runFiles } from './folder.js';

const known = objectWith({ data: optional(anyText), runtime: optional(anyText) });

/** What each part of a run was made with: whatever other versions wrote of it is kept. */
const versions = listOf(record);

/**
 * Adds what the run goes on with from a step. Says on stderr if that is another runtime than before: engines differ in the last bits of
 * `Math.exp`, `Math.cos` and `Math.pow`.
 *
 * @param data names its images
 * @throws InputError if they are not those that it began with: the order in which it saw them would be lost; or if the file is damaged
 */
export async function noteVersions(folder: string, step: number, data: string): Promise<void> {
  const file = join(folder, runFiles.versions);
  const before = existsSync(file) ? await readJsonAs(file, versions) : [];
  const parts = before.map((entry, i) => naming(file, () => known.read(entry, `[${i}]`)));
  if (step > 0 && parts.some((part) => part.data !== undefined && part.data !== data))
    throw new InputError(
      `${folder}: the images are not those that the run began with: their number, their classes or their order have changed`,
    );
  const runtime = runtimeName();
  const other = parts.find((part) => part.runtime !== undefined && part.runtime !== runtime)?.runtime;
  if (step > 0 && other !== undefined)
    note(`${folder}: was trained in ${other}, and goes on in ${runtime}: it ends with the bits of an unbroken run within one runtime only`);
  const entry = { step, began: new Date().toISOString(), senet: version, data, runtime, ...machineFacts() };
  writeNow(file, `${JSON.stringify([...before, entry], null, 2)}\n`);
}
