import { note } from '../src/node/output.js';
import { runScript } from './process.js';
import { findRuntime, type RuntimeName } from './runtimes.js';

/** The runtimes on which networks are timed beside other engines. */
export const timedRuntimes: readonly RuntimeName[] = ['paired', 'node26', 'node'];

/** An option that may be given several times. */
export const collected = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/**
 * What a script prints as a JSON list of rows, for each task on each runtime, a process each. Runtimes that are not installed are named.
 *
 * @param script by its path from this folder
 * @param tasks the script's argument, by what stderr calls it
 */
export async function rowsOn<Row extends object>(
  names: readonly RuntimeName[],
  script: string,
  tasks: ReadonlyMap<string, object>,
): Promise<readonly (Row & { readonly runtime: string })[]> {
  const rows: (Row & { readonly runtime: string })[] = [];
  for (const name of names) {
    const found = findRuntime(name);
    if (found === undefined) {
      note(`${name} is not installed: npm run bench:setup`);
      continue;
    }
    for (const [what, task] of tasks) {
      note(`${found.label}: ${what}`);
      const { text } = await runScript(found, script, task);
      rows.push(...(JSON.parse(text) as readonly Row[]).map((row) => ({ ...row, runtime: found.label })));
    }
  }
  return rows;
}
