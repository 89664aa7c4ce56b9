import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface RunningServer {
  readonly origin: string;
  readonly port: number;
  /** Process ids of its workers, those among them that start. As Linux tells. */
  workers(): Promise<readonly number[]>;
  /** Bytes of memory that it and its workers hold. As Linux tells. */
  memory(): Promise<number>;
  /** Ends it as a service manager does. @returns its exit code */
  stop(): Promise<number | null>;
}

const program = fileURLToPath(new URL('../../../serve/dist/server.js', import.meta.url));

/** Starts `senet-serve` on a free port of loopback. @param token that its clients must send @throws Error if it ends before it listens */
export async function startServer(flags: readonly string[], token?: string): Promise<RunningServer> {
  const child = spawn(process.execPath, [program, '--port', '0', '--log-level', 'fatal', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(token !== undefined && { SENET_SERVE_TOKEN: token }) },
  });
  const ended = once(child, 'exit');
  const pid = child.pid as number;
  for await (const line of createInterface(child.stdout)) {
    const origin = / listens on (http:\S+)$/.exec(line)?.[1];
    if (origin === undefined) continue;
    const workers = async (): Promise<readonly number[]> =>
      (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean).map(Number);
    return {
      origin,
      port: Number(new URL(origin).port),
      workers,
      memory: async () => (await Promise.all([pid, ...(await workers())].map(residentBytes))).reduce((sum, bytes) => sum + bytes),
      stop: async () => {
        child.kill('SIGTERM');
        return (await ended)[0] as number | null;
      },
    };
  }
  throw new Error('senet-serve ended before it listened');
}

/** Of a process; 0 of one that has ended. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}
