import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomOf } from '../../src/data/random.js';
import { quantile, sorted } from '../../src/stats/timing.js';

/** Requests at times of their own, whether those before are answered or not. */
export interface PacedTask {
  readonly url: string;
  readonly picture: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** Evenly, or independently of each other (Poisson's arrivals). */
  readonly arrivals: 'even' | 'random';
}

/** Milliseconds from when a request was due to the end of its answer. */
export interface PacedReport {
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
  readonly failed: number;
}

/**
 * A client of a given rate: a child of the bench. autocannon sends all of a second's requests at its beginning, and then waits for the next: that is
 * saturation for half of the time.
 */
const { url, picture, perSecond, seconds, arrivals } = JSON.parse(process.argv[2] as string) as PacedTask;
const body = await readFile(picture);
const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
const headers = { 'content-type': 'application/octet-stream', 'content-length': body.length };
const random = randomOf(1);
const took: number[] = [];
let failed = 0;

function ask(due: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (right: boolean): void => {
      took.push(performance.now() - due);
      if (!right) failed++;
      resolve();
    };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', () => done(response.statusCode === 200));
    });
    sent.once('error', () => done(false));
    sent.end(body);
  });
}

const start = performance.now();
const asked: Promise<void>[] = [];
for (let due = start; due - start < 1000 * seconds; ) {
  const wait = due - performance.now();
  if (wait > 0) await sleep(wait);
  asked.push(ask(due));
  due += (1000 / perSecond) * (arrivals === 'even' ? 1 : -Math.log(1 - random.between(0, 1)));
}
await Promise.all(asked);
agent.destroy();
const all = sorted(took);
const report: PacedReport = { p50: quantile(all, 0.5), p99: quantile(all, 0.99), requests: all.length, failed };
process.stdout.write(JSON.stringify(report));
