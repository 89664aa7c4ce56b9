import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

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
