// Does an evaluation on a queue lose anything when what it is made of is killed? Classifies a folder in one process, then on a queue, while the
// coordinator, a worker and Redis are killed in turn and started again, and compares what is printed. Needs redis-server and a build.
// node tooling/queueKills.js FOLDER [--workers N] [--every SECONDS] [--seed N]. Exit code 1 if anything was lost.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort, redisArguments } from './redis.js';

const root = resolve(import.meta.dirname, '..');
const {
  values: flags,
  positionals: [folder],
} = parseArgs({
  allowPositionals: true,
  options: {
    workers: { type: 'string', default: '2' },
    every: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
});
const [workers, every, seed] = [flags.workers, flags.every, flags.seed].map(Number);
if (folder === undefined || !(workers >= 1) || !(every > 0) || !Number.isSafeInteger(seed))
  throw new Error('expected FOLDER [--workers N] [--every SECONDS] [--seed N]');

const place = mkdtempSync(join(tmpdir(), 'senet-queue-kills-'));
const port = await freePort();
const url = `redis://127.0.0.1:${port}`;
const env = { ...process.env, SENET_TILE: '5x8', SENET_CACHE: join(place, 'cache') };
const running = new Set();

function start(command, ...args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const one = { child, stdout: '', stderr: '', ended: once(child, 'close') };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (text) => (one[name] += text));
  running.add(one);
  one.ended.then(() => running.delete(one));
  return one;
}
const evaluate = (...more) => start(process.execPath, join(root, 'dist/node/cli.js'), 'evaluate', folder, '--json', ...more);

/** What is killed and started again, in turn. */
const parts = {
  redis: () => start('redis-server', ...redisArguments(port, place)),
  coordinator: () => evaluate('--queue', url),
  ...Object.fromEntries(
    Array.from({ length: workers }, (_, i) => [
      `worker ${i + 1}`,
      () => start(process.execPath, join(root, 'serve/dist/worker.js'), '--queue', url, '--images', folder),
    ]),
  ),
};

/** Milliseconds until the next kill: drawn, half to one and a half of what is asked for (Numerical Recipes' generator). */
let state = seed >>> 0;
function pause() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return 1000 * every * (0.5 + state / 2 ** 32);
}

const percent = (share) => `${(100 * share).toFixed(2)} %`;

/** A command's end, which nobody killed. */
async function endOf(one) {
  const [code, signal] = await one.ended;
  if (code !== 0 && code !== 2) throw new Error(`ends with ${signal ?? code}: ${one.stderr.slice(-500)}`);
  return { code, stdout: one.stdout };
}

try {
  const began = performance.now();
  const alone = await endOf(evaluate());
  const { images, top1, top5 } = JSON.parse(alone.stdout);
  console.log(
    `one process: ${images} images, top-1 error ${percent(top1.error)}, top-5 error ${percent(top5.error)}, ${((performance.now() - began) / 1000).toFixed(0)} s`,
  );

  const now = Object.fromEntries(Object.entries(parts).map(([name, begin]) => [name, begin()]));
  const kills = Object.fromEntries(Object.keys(parts).map((name) => [name, 0]));
  const from = performance.now();
  for (let turn = 0; ; turn++) {
    const coordinator = now.coordinator;
    const over = await Promise.race([coordinator.ended.then(() => true), sleep(pause(), false, { ref: false })]);
    if (over) break;
    const name = Object.keys(parts)[turn % Object.keys(parts).length];
    now[name].child.kill('SIGKILL');
    await now[name].ended;
    now[name] = parts[name]();
    kills[name]++;
  }
  const queued = await endOf(now.coordinator);
  const same = queued.stdout === alone.stdout && queued.code === alone.code;
  const told = Object.entries(kills).map(([name, count]) => `${name} ${count}`);
  console.log(`on the queue: ${((performance.now() - from) / 1000).toFixed(0)} s; killed: ${told.join(', ')}`);
  console.log(same ? 'the same JSON, byte for byte' : `ANOTHER JSON: ${queued.stdout.slice(0, 500)}`);
  process.exitCode = same ? 0 : 1;
} finally {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all([...running].map(({ ended }) => ended));
  rmSync(place, { recursive: true, force: true });
}
