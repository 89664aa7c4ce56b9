import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../runtimes.js';

export interface RunningServer {
  readonly origin: string;
  /** Ends it as a service manager does. */
  stop(): Promise<void>;
}

/** Starts `senet-serve` on a free port of loopback. @throws Error if it ends before it listens */
export async function startServer(flags: readonly string[]): Promise<RunningServer> {
  const program = join(root, 'serve/dist/server.js');
  const child = spawn(process.execPath, [program, '--port', '0', '--log-level', 'error', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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
  throw new Error('senet-serve ended before it listened');
}
