import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { networkMetadata } from '../../src/checkpoints/index.js';
import { count } from '../../src/cli/options.js';
import type { Graph } from '../../src/graph/graph.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { machineFacts } from '../../src/node/machine.js';
import { note, print } from '../../src/node/output.js';
import { writeWhole } from '../../src/node/writeWhole.js';
import type { Node } from '../../src/ops/op.js';
import { recipeOf } from '../../src/quant/calibrate.js';
import { quantisedFile } from '../../src/quant/file.js';
import { machineLine } from '../../src/report/machine.js';
import type { Tensor } from '../../src/tensor.js';
import { integersOf } from '../integers.js';
import { insert, shortName } from '../markdown.js';
import { runScript } from '../process.js';
import { root } from '../runtimes.js';
import type { Capacity, CapacityTask } from './capacityChild.js';
import { type CapacityRow, capacityTables } from './capacityTable.js';

/** `npm run bench:capacity`: what a worker does and holds, and from that what many pictures cost. It writes the tables of docs/scaling.md. */

const models = [
  'senet/se_resnet20x2_cifar10',
  'timm/mobilenetv3_large_100',
  'timm/legacy_seresnet50',
  'timm/legacy_seresnext50_32x4d',
  'timm/legacy_senet154',
];

/** Of the page: what stands between its markers. */
const part = 'capacity';

const node = { command: [process.execPath], label: process.version } as const;

async function main({ seconds, page }: { readonly seconds: number; readonly page: string }): Promise<void> {
  insert(await readFile(page, 'utf8'), part, ''); // a page without the markers is told of before anything is timed
  enableRelaxed();
  const folder = await mkdtemp(join(tmpdir(), 'senet-capacity-'));
  const rows: CapacityRow[] = [];
  try {
    for (const model of models) rows.push(await capacityOf(model, folder, seconds));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const head = `${new Date().toISOString().slice(0, 10)}, ${machineLine(machineFacts())}; at least ${seconds} s each:`;
  const text = `${head}\n\n${capacityTables(rows)}`;
  print(text);
  await writeWhole(page, insert(await readFile(page, 'utf8'), part, `\n${text}\n`));
}

async function capacityOf(model: string, folder: string, seconds: number): Promise<CapacityRow> {
  const [floats, integers] = ['floats.safetensors', 'integers.safetensors'].map((name) => join(folder, name)) as [string, string];
  const graph = createModel(model);
  const tensors = syntheticWeights(graph, { seed: 1 });
  await writeFile(floats, saveSafetensors(tensors));
  await writeFile(integers, await inIntegers(model, graph, tensors));
  const measured = async (weights: string, kernels: CapacityTask['kernels']): Promise<Capacity> => {
    note(`${model}, ${basename(weights, '.safetensors')}, ${kernels}`);
    const task: CapacityTask = { model, weights, picture: join(root, 'assets/images/rocket.jpg'), kernels, seconds };
    return JSON.parse((await runScript(node, './serve/capacityChild.js', task)).text) as Capacity;
  };
  return {
    network: shortName(model),
    fastest: await measured(floats, 'fastest'),
    same: await measured(floats, 'same bits'),
    integers: await measured(integers, 'fastest'),
  };
}

/** As `senet quantize` writes it. */
async function inIntegers(model: string, graph: Graph, weights: ReadonlyMap<string, Tensor>): Promise<Uint8Array> {
  const { shape } = graph.nodes.find(({ op }) => op === 'input') as Node;
  const { graph: quantised, tensors, lookup } = await integersOf(graph, weights, syntheticTensor('input', shape, 1));
  return quantisedFile(quantised, tensors, networkMetadata({ model, options: { quantised: recipeOf(graph, lookup, new Set()) } }));
}

new Command('bench:capacity')
  .option('--seconds <number>', 'of each network and kernels, at least', count, 10)
  .option('--page <file>', 'the page whose tables are written', join(root, 'docs/scaling.md'))
  .action(main)
  .parseAsync()
  .catch((error: Error) => {
    note(error.message);
    process.exitCode = 1;
  });
