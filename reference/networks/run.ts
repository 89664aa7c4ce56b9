import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { findModel } from '../../src/models/index.js';
import type { Engine } from '../crosscheck/engine.js';
import { gpuOpeners } from '../crosscheck/gpu.js';
import { tfjsEngines } from '../crosscheck/tfjs.js';
import { ourNetworkEngines } from './engines.js';
import { growthOf, median } from './growth.js';
import { growthSvg, type NetworksResult, networksMarkdown, ratioToBestTfjs } from './report.js';

/** `npm run crosscheck:networks`: how errors grow along whole networks, in every engine that is here. */

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** The paper's, then one of each family that a float64 reference runs 20 times in minutes. */
const defaultModels = [
  ...['resnet50', 'legacy_seresnet50', 'legacy_seresnext50_32x4d'],
  ...['se_bninception', 'se_mobilenetv1_100', 'se_shufflenet_g3_w1', 'seresnet20_cifar10', 'sepreresnet20_cifar10'],
  ...['mobilenet_v3_large', 'efficientnet_b0', 'regnety_004'],
];

interface Flags {
  readonly models: readonly string[];
  readonly size: number;
  readonly seeds: number;
  readonly gpuSeeds: number;
}

const note = (text: string): void => void process.stderr.write(`${text}\n`);

async function present(gpu: boolean): Promise<readonly Engine[]> {
  const { version } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as { readonly version: string };
  const runtime = `Node ${process.versions.node}`;
  const engines: Engine[] = [...ourNetworkEngines({ version, runtime }), ...(await tfjsEngines({ runtime })).map(({ engine }) => engine)];
  for (const open of gpu ? gpuOpeners : [])
    try {
      engines.push(await open());
    } catch (error) {
      note(`left out: ${(error as Error).message}`);
    }
  return engines;
}

const file = `${root}reference/results/networks.json`;

/** What earlier runs left. */
async function known(): Promise<NetworksResult['networks']> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? [] : (JSON.parse(text) as NetworksResult).networks;
}

/** A run of some networks leaves the others as they are. */
const replaced = (old: NetworksResult['networks'], fresh: NetworksResult['networks']): NetworksResult['networks'] => [
  ...old.map((network) => fresh.find(({ model }) => model === network.model) ?? network),
  ...fresh.filter(({ model }) => !old.some((network) => network.model === model)),
];

async function main({ models, size, seeds, gpuSeeds }: Flags): Promise<void> {
  const engines = await present(gpuSeeds > 0);
  const networks = [];
  for (const model of models) {
    networks.push(await growthOf(findModel(model).id, engines, { size, seeds, gpuSeeds, progress: note }));
  }
  for (const engine of engines) await engine.dispose();
  const date = new Date().toISOString().slice(0, 10);
  const command = ['npm run crosscheck:networks', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  const result: NetworksResult = {
    networks: replaced(
      await known(),
      networks.map((network) => ({ ...network, date, command })),
    ),
  };
  for (const folder of ['reference/results', 'docs']) await mkdir(`${root}${folder}`, { recursive: true });
  await writeFile(file, `${JSON.stringify(result, rounded, 1)}\n`);
  await writeFile(`${root}docs/networks.svg`, await growthSvg(result));
  await writeFile(`${root}docs/networks.md`, networksMarkdown(result));
  for (const network of networks)
    for (const growth of network.engines) {
      const ratio = ratioToBestTfjs(growth, network);
      const { largestRatio, firstBeyond } = growth.local;
      process.stdout.write(
        `${network.model} ${growth.engine} (${growth.runtime}): logits ${median(growth.logits).toExponential(2)}, ${ratio?.toFixed(2) ?? '-'} of the best tfjs; local ${largestRatio.toFixed(2)}, first beyond: ${firstBeyond ?? 'none'}\n`,
      );
    }
  process.exit(); // the back end in Node keeps the process alive
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(3)) : value;

await new Command('crosscheck:networks')
  .description('error growth along whole networks, ours beside TensorFlow.js')
  .option('--models <names>', 'networks, separated by commas', (text: string) => text.split(','), defaultModels)
  .option('--size <pixels>', 'side of the image: the float64 reference makes 150 million multiply-adds a second', Number, 64)
  .option('--seeds <number>', 'weights and images', Number, 20)
  .option('--gpu-seeds <number>', 'of engines on a GPU, which may be a slow one in software; 0: without them', Number, 2)
  .action(main)
  .parseAsync();
