import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { count } from '../../src/cli/options.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { machineFacts } from '../../src/node/machine.js';
import { note, print } from '../../src/node/output.js';
import { writeWhole } from '../../src/node/writeWhole.js';
import { machineLine } from '../../src/report/machine.js';
import { insert, markdownTable } from '../markdown.js';
import { runScript } from '../process.js';
import { root } from '../runtimes.js';
import type { Capacity, CapacityTask } from './capacityChild.js';

/** `npm run bench:capacity`: what a worker does and holds, and from that what many pictures cost. It writes the tables of docs/scaling.md. */

const models = [
  'senet/se_resnet20x2_cifar10',
  'timm/mobilenetv3_large_100',
  'timm/legacy_seresnet50',
  'timm/legacy_seresnext50_32x4d',
  'timm/legacy_senet154',
];
const kernels = ['fastest', 'same bits'] as const;

/** What `node tooling/queueLoad.js 3200 1 2` found of a shard of 32 images; of the two the larger. */
const imagesPerShard = 32;
const kibPerShard = { traffic: 13.1 + 26.9, memory: 12.5 };

const sets = { 'ImageNet, 50,000': 50_000, 'a billion': 1e9 } as const;

/** Of the page: what stands between its markers. */
const part = 'capacity';

const node = { command: [process.execPath], label: process.version } as const;

async function main({ seconds, page }: { readonly seconds: number; readonly page: string }): Promise<void> {
  insert(await readFile(page, 'utf8'), part, ''); // a page without the markers is told of before anything is timed
  enableRelaxed();
  const folder = await mkdtemp(join(tmpdir(), 'senet-capacity-'));
  const rows: string[][] = [];
  const costs: string[][] = [];
  try {
    for (const model of models) {
      const weights = join(folder, 'weights.safetensors');
      await writeFile(weights, saveSafetensors(syntheticWeights(createModel(model), { seed: 1 })));
      const found: Capacity[] = [];
      for (const which of kernels) {
        note(`${model}, ${which}`);
        const task: CapacityTask = { model, weights, picture: join(root, 'assets/images/rocket.jpg'), kernels: which, seconds };
        found.push(JSON.parse((await runScript(node, './serve/capacityChild.js', task)).text) as Capacity);
      }
      const [fastest, same] = found as [Capacity, Capacity];
      const name = model.slice(model.indexOf('/') + 1);
      rows.push([
        name,
        ...[fastest, same].map(({ medianMs }) => perSecond(medianMs)),
        (Math.max(fastest.peak, same.peak) / 2 ** 20).toFixed(0),
      ]);
      costs.push([name, ...Object.values(sets).map((images) => coreTime((images * fastest.medianMs) / 1000))]);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const redis = Object.values(sets).map((images) => {
    const shards = Math.ceil(images / imagesPerShard);
    return [shards.toLocaleString('en'), size(shards * kibPerShard.memory), size(shards * kibPerShard.traffic)];
  });
  const lines = ['shards', 'memory', 'traffic'].map((what, i) => [what, ...redis.map((column) => column[i] as string)]);
  const text = [
    `${new Date().toISOString().slice(0, 10)}, ${machineLine(machineFacts())}; at least ${seconds} s each:`,
    markdownTable([['network', 'images/s a core', 'with the same bits everywhere', 'memory of a worker, MiB'], ...rows]),
    markdownTable([['core time', ...Object.keys(sets)], ...costs]),
    markdownTable([['Redis', ...Object.keys(sets)], ...lines]),
  ].join('\n\n');
  print(text);
  await writeWhole(page, insert(await readFile(page, 'utf8'), part, `\n${text}\n`));
}

const perSecond = (ms: number): string => (1000 / ms).toPrecision(2);

function coreTime(seconds: number): string {
  const hours = seconds / 3600;
  const [value, unit] = hours < 48 ? [hours, 'hours'] : hours < 24 * 730 ? [hours / 24, 'days'] : [hours / (24 * 365), 'years'];
  return `${value.toLocaleString('en', { maximumSignificantDigits: 2 })} ${unit}`;
}

const size = (kib: number): string => (kib < 2 ** 20 ? `${(kib / 2 ** 10).toFixed(0)} MiB` : `${(kib / 2 ** 20).toFixed(0)} GiB`);

new Command('bench:capacity')
  .option('--seconds <number>', 'of each network and kernels, at least', count, 10)
  .option('--page <file>', 'the page whose tables are written', join(root, 'docs/scaling.md'))
  .action(main)
  .parseAsync()
  .catch((error: Error) => {
    note(error.message);
    process.exitCode = 1;
  });
