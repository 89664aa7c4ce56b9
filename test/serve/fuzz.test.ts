import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCrowd } from '../../fuzz/serve/crowd.js';
import { runKills } from '../../fuzz/serve/kills.js';
import { kinds } from '../../fuzz/serve/malformed.js';
import { runMalformed } from '../../fuzz/serve/malformedRun.js';
import { isFlat } from '../../fuzz/serve/memory.js';
import { token } from '../../fuzz/serve/request.js';
import { type RunningServer, startServer } from '../../fuzz/serve/server.js';
import { cases, long } from '../support/length.js';

/** What `npm run serve:fuzz` does at length. */

describe('a server over sockets', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(['--workers', '3'], token);
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });

  test('refuses what is malformed with a typed 4xx, and answers what is not', async () => {
    const { faults, refused, answers, between } = await runMalformed(server, { cases: cases(3200), seed: 1 });
    expect(faults).toEqual([]);
    expect(refused).toBeGreaterThanOrEqual(cases(3200));
    expect(between).toBeGreaterThan(0);
    expect(Object.keys(answers).sort()).toEqual(Object.keys(kinds).sort());
    const words = new Set(Object.values(answers).flatMap(Object.keys));
    for (const word of [
      '400 invalid',
      '401 unauthorised',
      '404 not-found',
      '413 too-large',
      '415 media-type',
      '417 headers',
      '431 headers',
    ])
      expect(words).toContain(word);
  });

  test('answers each of many connections with what is on its picture, slow and aborted ones among them', async () => {
    const connections = long ? 1000 : 200;
    const { faults, right, aborted, open } = await runCrowd(server, { connections, seconds: long ? 30 : 5, seed: 1 });
    expect(faults).toEqual([]);
    expect(right).toBeGreaterThan(connections);
    expect(aborted).toBeGreaterThan(0);
    expect(open).toBeGreaterThan(connections / 2);
  });

  test('whose workers are killed gives right answers or refusals', async () => {
    const { faults, right, kills, refused } = await runKills(server, { clients: 8, seconds: long ? 30 : 6, everyMs: 1000, seed: 1 });
    expect(faults).toEqual([]);
    expect(kills).toBeGreaterThan(1);
    expect(right).toBeGreaterThan(0);
    expect(Object.keys(refused).filter((word) => !/^503 unavailable$/.test(word))).toEqual([]);
  });
});

test('memory that comes back is flat, memory that only grows is not', () => {
  const saw = Array.from({ length: 100 }, (_, i) => 1000 + i + 100 * (i % 7));
  const sloped = Array.from({ length: 100 }, (_, i) => 1000 + 100 * i + 100 * (i % 7));
  expect([isFlat(saw), isFlat(sloped)]).toEqual([true, false]);
});
