import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * One tile for all processes of a test: which is the fastest is timed in each, and Winograd's filtering, chosen by it, differs in the last digits. A machine
 * that others use took now this one, now that one.
 */
process.env.SENET_TILE ??= '5x8';

/** What is kept of one run of the tests is nothing for the next, of other code. */
if (process.env.SENET_CACHE === undefined) {
  const cache = mkdtempSync(join(tmpdir(), 'senet-tests-'));
  process.env.SENET_CACHE = cache;
  process.on('exit', () => rmSync(cache, { recursive: true, force: true }));
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const main = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url));

/** Runs the built command in a process of its own, as a user does. */
export const senet = (...args: readonly string[]): Promise<Outcome> => senetWith({}, ...args);

/** The same, with more in the environment. */
export function senetWith(environment: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { maxBuffer: 2 ** 26, env: { ...process.env, ...environment } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
      },
    );
  });
}
