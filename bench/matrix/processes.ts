import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SenetError, UnsupportedError } from '../../src/errors.js';
import { findRuntime, type RuntimeName, root } from '../runtimes.js';
import type { Answered, Task } from './answer.js';

/** Starts inProcess.js as a command would. @throws SenetError with the last that it says on stderr, if it fails */
export async function inProcess(
  task: Task,
  [program, ...flags]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const folder = await mkdtemp(join(tmpdir(), 'senet-matrix-'));
  const file = join(folder, 'task.json');
  try {
    await writeFile(file, JSON.stringify(task));
    const script = join(root, 'bench/matrix/inProcess.js');
    const { stdout } = await promisify(execFile)(program, [...flags, script, file], { env: { ...process.env, ...env } });
    return JSON.parse(stdout);
  } catch (cause) {
    const { stderr = '', message } = cause as Error & { readonly stderr?: string };
    throw new SenetError(stderr.trim().split('\n').at(-1) || message, { cause });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A runtime of the bench, with flags of its own before the script. @throws UnsupportedError that says what to install where it is missing */
export function inRuntime(
  task: Task,
  name: RuntimeName,
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Answered> {
  const found = findRuntime(name);
  if (found === undefined) throw new UnsupportedError(`no ${name}: npm run test:runtimes installs it`);
  return inProcess(task, [...found.command, ...flags], env);
}
