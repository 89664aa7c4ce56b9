import { setTimeout as sleep } from 'node:timers/promises';
import { Draw } from '../draw.js';
import { errorCodesOf } from './check.js';
import { Client, newTally, type Tally } from './clients.js';
import { type Known, knownRequests } from './known.js';
import { watchMemory } from './memory.js';
import { token } from './request.js';
import type { RunningServer } from './server.js';

const pictures = 64;

export interface CrowdResult extends Tally {
  /** The most connections that were open at a time. */
  readonly open: number;
  /** Bytes that the server held. */
  readonly memory: readonly number[];
}

/** Many connections at a time, of which some are slow, and some go away half way. */
export async function runCrowd(
  server: RunningServer,
  { connections, seconds, seed }: { readonly connections: number; readonly seconds: number; readonly seed: number },
): Promise<CrowdResult> {
  const codes = await errorCodesOf(server.origin, token);
  const known = await knownRequests(server, pictures, seed);
  const tally = newTally();
  const clients = Array.from({ length: connections }, () => new Client(server.port, codes, tally));
  const watched = watchMemory(server);
  for (const client of clients) client.connect();
  let open = 0;
  const counting = setInterval(() => {
    open = Math.max(open, clients.filter((client) => client.open).length);
  }, 100);
  const until = performance.now() + 1000 * seconds;
  await Promise.all(
    clients.map(async (client, i) => {
      for (let n = 0; performance.now() < until; n++) await behave(client, known, new Draw(`crowd ${i}`, seed, n));
    }),
  );
  clearInterval(counting);
  watched.stop();
  await idle(server);
  const last = new Client(server.port, codes, tally);
  for (const one of known) await last.ask(one); // nothing stays of it all
  for (const client of [last, ...clients]) client.drop();
  return { ...tally, open, memory: watched.samples };
}

async function behave(client: Client, known: readonly Known[], draw: Draw): Promise<void> {
  const one = draw.pick(known);
  const { length } = one.bytes;
  const kind = draw.whole(0, 9);
  if (kind === 0)
    await client.abort(one, draw.whole(0, length - 1), draw.whole(0, 500)); // before it was sent
  else if (kind === 1)
    await client.abort(one, length, draw.whole(0, 500)); // before it was answered
  else if (kind <= 4) await client.ask(one, Math.ceil(length / draw.whole(2, 20)), draw.whole(10, 200));
  else {
    await sleep(draw.whole(0, 3000));
    await client.ask(one);
  }
}

/** Waits until no request waits any more. */
async function idle({ origin }: RunningServer): Promise<void> {
  const depth = async (): Promise<number> => {
    const response = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    return Number(/^senet_queue_depth\{.*\} (\d+)$/m.exec(await response.text())?.[1] ?? 0);
  };
  while ((await depth()) > 0) await sleep(50);
}
