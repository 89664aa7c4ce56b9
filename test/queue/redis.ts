import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/** Debian's redis-server on a free port of loopback, with an append-only file in a folder of its own. */
export interface RedisServer {
  readonly url: string;
  /** A client for the test itself. */
  readonly client: Redis;
  /** Kills it at once, and starts it again on what it had written. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'senet-redis-'));
  const port = await freePort();
  let server = start(port, folder);
  const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null });
  client.on('error', () => undefined); // while it restarts
  await answering(client, server);
  return {
    url: `redis://127.0.0.1:${port}`,
    client,
    restart: async () => {
      await ended(server, 'SIGKILL');
      server = start(port, folder);
      await answering(client, server);
    },
    stop: async () => {
      client.disconnect();
      await ended(server, 'SIGTERM');
      await rm(folder, { recursive: true });
    },
  };
}

const start = (port: number, folder: string): ChildProcess =>
  spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--appendonly', 'yes', '--save', '', '--dir', folder], {
    stdio: 'ignore',
  });

/** @throws Error where redis-server is not installed, or does not stay */
async function answering(client: Redis, server: ChildProcess): Promise<void> {
  const gone = new Promise<never>((_, reject) => {
    server.on('error', (cause) => reject(new Error('these tests need redis-server: apt-get install redis-server', { cause })));
    server.on('exit', (code, signal) => reject(new Error(`redis-server ended at once (${code ?? signal})`)));
  });
  await Promise.race([client.ping(), gone]);
  server.removeAllListeners();
}

async function ended(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await exit;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
