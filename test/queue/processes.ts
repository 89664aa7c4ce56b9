import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { main } from '../cli/senet.js';

/** A command that runs, and what it has said. */
export interface Running {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves once stdout holds a line of JSON of this event; with `times`, so many of them. */
  saw(event: string, times?: number): Promise<void>;
  /** The exit code, or null after a signal. */
  readonly ended: Promise<number | null>;
}

const worker = fileURLToPath(new URL('../../serve/dist/worker.js', import.meta.url));

export const startSenet = (...args: readonly string[]): Running => running([main, ...args]);
export const startWorker = (...args: readonly string[]): Running => running([worker, ...args]);

function running(args: readonly string[]): Running {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env } });
  let stdout = '';
  let stderr = '';
  const waiting: (() => void)[] = [];
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString();
    for (const check of waiting) check();
  });
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    saw: (event, times = 1) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (stdout.split(`{"event":"${event}"`).length > times) resolve();
        };
        waiting.push(check);
        check();
        void ended.then(() => reject(new Error(`it ended before ${event}: ${stdout}${stderr}`)));
      }),
    ended,
  };
}

/** Those that still run are killed. */
export async function endAll(all: readonly Running[]): Promise<void> {
  for (const { child, ended } of all) {
    child.kill('SIGKILL');
    await ended;
  }
}
