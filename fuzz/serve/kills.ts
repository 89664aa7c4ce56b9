import { setTimeout as sleep } from 'node:timers/promises';
import { Draw } from '../draw.js';
import { errorCodesOf } from './check.js';
import { Client, newTally, type Tally } from './clients.js';
import { knownRequests } from './known.js';
import { token } from './request.js';
import type { RunningServer } from './server.js';

const pictures = 64;

export interface KillsResult extends Tally {
  readonly kills: number;
}

/**
 * Clients that ask one request after another, while a worker is killed every so many milliseconds, whatever the server is doing: the oldest, which is the likeliest
 * to have work.
 */
export async function runKills(
  server: RunningServer,
  {
    clients,
    seconds,
    everyMs,
    seed,
  }: { readonly clients: number; readonly seconds: number; readonly everyMs: number; readonly seed: number },
): Promise<KillsResult> {
  const codes = await errorCodesOf(server.origin, token);
  const known = await knownRequests(server, pictures, seed);
  const tally = newTally();
  const until = performance.now() + 1000 * seconds;
  let kills = 0;
  const killing = (async () => {
    for (let due = performance.now(); due < until; due += everyMs) {
      await sleep(due - performance.now());
      const [oldest] = await server.workers();
      if (oldest !== undefined && killed(oldest)) kills++;
    }
  })();
  const asking = Array.from({ length: clients }, async (_, i) => {
    const client = new Client(server.port, codes, tally);
    for (let n = 0; performance.now() < until; n++) await client.ask(new Draw(`client ${i}`, seed, n).pick(known));
    client.drop();
  });
  await Promise.all([killing, ...asking]);
  return { ...tally, kills };
}

/** Whether it was there to be killed. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
