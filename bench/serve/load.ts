import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { machineFacts } from '../../src/node/machine.js';
import { note, print } from '../../src/node/output.js';
import { machineLine } from '../../src/report/machine.js';
import { table } from '../../src/report/table.js';
import { quantile, sorted } from '../../src/stats/timing.js';
import { runScript } from '../process.js';
import { root } from '../runtimes.js';
import type { Alone, AloneTask } from './alone.js';
import type { ClientTask, LoadReport } from './client.js';
import { type RunningServer, startServer } from './server.js';

/**
 * `node dist/bench/serve/load.js`: images a second of `POST /v1/classify` at saturation, beside as many processes that classify the same picture with the library
 * alone, in turns; and the latency at half of that load beside a lone request's. The client shares the machine's cores with the server.
 */

const {
  values: { seconds, rounds, workers },
} = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});

/** As `--batch-delay` is by default, in milliseconds. */
const delay = 2;

enableRelaxed(); // as all contenders do; the machine's line tells so
const node = { command: [process.execPath], label: process.version } as const;
const picture = join(root, 'assets/images/rocket.jpg');
const folder = await mkdtemp(join(tmpdir(), 'senet-load-'));
try {
  const resnet = join(folder, 'legacy_seresnet50.safetensors');
  await writeFile(resnet, saveSafetensors(syntheticWeights(createModel('legacy_seresnet50'), { seed: 1 })));
  const rows: string[][] = [];
  for (const [name, weights] of [['the network that ships'], ['legacy_seresnet50', resnet]] as const)
    rows.push([name, ...(await measure(weights))]);
  print(`${machineLine(machineFacts())}; ${workers} workers, ${rounds} rounds of ${seconds} s\n`);
  print(
    table([['network', 'library, images/s', 'server', 'ratio', 'lone request, ms', 'p99 at half load', `1.5 × lone + ${delay}`], ...rows]),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(weights: string | undefined): Promise<readonly string[]> {
  const flags = ['--workers', workers, '--batch-delay', String(delay), ...(weights === undefined ? [] : ['--weights', weights])];
  const found = { alone: [] as number[], served: [] as number[], lone: [] as number[], half: [] as number[] };
  for (let round = 0; round < Number(rounds); round++) {
    note(`round ${round + 1}`);
    const alone = await classifyAlone({ picture, weights, seconds: Number(seconds) });
    const server = await startServer(flags);
    try {
      await agree(server, alone.order);
      const connections = 4 * Number(workers);
      const lone = await load(server, { connections: 1 });
      const full = await load(server, { connections });
      const rate = Math.max(1, Math.round(full.requests.average / 2));
      const half = await load(server, { connections, rate });
      found.alone.push(alone.rate);
      found.served.push(full.requests.average);
      found.lone.push(lone.latency.p50);
      found.half.push(half.latency.p99);
    } finally {
      await server.stop();
    }
  }
  const median = (values: readonly number[]): number => quantile(sorted(values), 0.5);
  const ratios = found.served.map((served, round) => served / (found.alone[round] as number));
  const [alone, served, lone, half] = [found.alone, found.served, found.lone, found.half].map(median) as [number, number, number, number];
  return [
    ...[alone, served].map((rate) => rate.toFixed(1)),
    median(ratios).toFixed(2),
    ...[lone, half, 1.5 * lone + delay].map((ms) => ms.toFixed(0)),
  ];
}

/** @throws Error unless every answer is 200 */
async function load({ origin }: RunningServer, requests: Pick<ClientTask, 'connections' | 'rate'>): Promise<LoadReport> {
  const task: ClientTask = { url: `${origin}/v1/classify`, picture, seconds: Number(seconds), ...requests };
  const report = JSON.parse((await runScript(node, './serve/client.js', task)).text) as LoadReport;
  if (report.non2xx > 0 || report.errors > 0)
    throw new Error(`${report.non2xx} answers were not 200, and ${report.errors} requests failed`);
  return report;
}

/** As many processes as the server has workers, at the same time. */
async function classifyAlone(task: AloneTask): Promise<{ readonly rate: number; readonly order: readonly number[] }> {
  const children = await Promise.all(Array.from({ length: Number(workers) }, () => runScript(node, './serve/alone.js', task)));
  const results = children.map(({ text }) => JSON.parse(text) as Alone);
  return { rate: results.reduce((sum, { images, seconds }) => sum + images / seconds, 0), order: (results[0] as Alone).order };
}

/** @throws Error unless the server ranks the classes as the library does: contenders agree before they are timed */
async function agree({ origin }: RunningServer, order: readonly number[]): Promise<void> {
  const response = await fetch(`${origin}/v1/classify?top=${order.length}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(await readFile(picture)),
  });
  const { top } = (await response.json()) as { readonly top: readonly { readonly index: number }[] };
  if (top.map(({ index }) => index).join() !== order.join()) throw new Error('the server and the library rank the classes differently');
}
