import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { root } from '../runtimes.js';
import type { OrtServerTask } from './ortServer.js';

export interface RunningServer {
  readonly origin: string;
  /** Ends it as a service manager does. */
  stop(): Promise<void>;
}

/** `senet-serve` on a free port of loopback. @throws Error if it ends before it listens */
export const startSenet = (flags: readonly string[]): Promise<RunningServer> =>
  started([join(root, 'serve/dist/server.js'), '--port', '0', '--log-level', 'error', ...flags]);

/** A server around onnxruntime. @throws Error if it ends before it listens */
export const startOrt = (task: OrtServerTask): Promise<RunningServer> =>
  started([fileURLToPath(new URL('ortServer.js', import.meta.url)), JSON.stringify(task)]);

async function started(args: readonly string[]): Promise<RunningServer> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  for await (const line of createInterface(child.stdout)) {
    const origin = / listens on (http:\S+)$/.exec(line)?.[1];
    if (origin === undefined) continue;
    const stop = async (): Promise<void> => {
      child.kill('SIGTERM');
      await ended;
    };
    return { origin, stop };
  }
  throw new Error('the server ended before it listened');
}
