// What an evaluation on a queue takes: images a second of one process and of workers, and what Redis carries for a shard. Needs redis-server and a build.
// node tooling/queueLoad.js [IMAGES] [WORKERS …]
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { Redis } from 'ioredis';
import { freePort, redisArguments } from './redis.js';

const [images = 1600, ...counts] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'senet-load-'));
const data = join(folder, 'data');
const port = await freePort();
const url = `redis://127.0.0.1:${port}`;
const children = [];
const start = (command, ...args) => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, SENET_CACHE: join(folder, 'cache') } });
  children.push(child);
  return child;
};

try {
  writeImages();
  start('redis-server', ...redisArguments(port, folder));
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined); // until it is up
  await redis.ping();
  const alone = await evaluate();
  console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.versions.node}, ${images} images`);
  console.log(`one process: ${alone.said}`);
  for (const count of counts.length > 0 ? counts : [1, 2]) await measure(redis, count, alone);
  redis.disconnect();
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}

async function measure(redis, count, alone) {
  await redis.flushall();
  const workers = Array.from({ length: count }, () => start(process.execPath, 'serve/dist/worker.js', '--queue', url, '--images', data));
  await new Promise((resolve) => setTimeout(resolve, 3000)); // they have started
  const before = await info(redis);
  let peak = 0;
  const watch = setInterval(async () => {
    peak = Math.max(peak, (await info(redis)).used_memory);
  }, 200);
  const { said, stdout } = await evaluate('--queue', url);
  clearInterval(watch);
  const after = await info(redis);
  for (const worker of workers) worker.kill('SIGKILL');
  const shards = Math.ceil(images / 32);
  const perShard = (key) => Math.round((after[key] - before[key]) / shards);
  const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
  console.log(`${count} worker${count === 1 ? '' : 's'}: ${said}; ${stdout === alone.stdout ? 'the same JSON' : 'ANOTHER JSON'}`);
  console.log(
    `  Redis for a shard: ${perShard('total_commands_processed')} commands, ${kib(perShard('total_net_input_bytes'))} in, ` +
      `${kib(perShard('total_net_output_bytes'))} out, ${kib(perShard('aof_current_size'))} of append-only file, ` +
      `${kib((peak - before.used_memory) / shards)} of memory at the peak`,
  );
}

/** What the command says of its speed, and its JSON. */
function evaluate(...flags) {
  const child = start(process.execPath, 'dist/node/cli.js', 'evaluate', data, '--json', ...flags);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (text) => (texts[name] += text));
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      const said = /\d+ images in .* a second/.exec(texts.stderr)?.[0];
      if (code === 0 && said !== undefined) resolve({ said, stdout: texts.stdout });
      else reject(new Error(texts.stderr));
    });
  });
}

async function info(redis) {
  const lines = (await redis.info('everything')).split('\r\n').map((line) => line.split(':'));
  return Object.fromEntries(lines.map(([name, value]) => [name, Number(value)]));
}

/** Ten classes of pictures of 32 x 32 pixels of noise. */
function writeImages() {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
    return state >>> 24;
  };
  for (let i = 0; i < images; i++) {
    const to = join(data, String(i % 10));
    mkdirSync(to, { recursive: true });
    writeFileSync(join(to, `${i}.png`), encode({ width: 32, height: 32, channels: 3, data: Uint8Array.from({ length: 3072 }, next) }));
  }
}
