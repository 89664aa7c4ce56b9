import { join } from 'node:path';
import { Command, Option } from 'commander';
import { readAll } from '../src/checkpoints/index.js';
import { openNetwork } from '../src/cli/network.js';
import type { Graph } from '../src/graph/graph.js';
import { prune } from '../src/graph/prune.js';
import { createModel } from '../src/models/index.js';
import { spread, tensorsOf } from '../src/node/images/calibration.js';
import { expandImages } from '../src/node/images/imageFiles.js';
import { print } from '../src/node/output.js';
import { root } from '../src/node/package.js';
import { progress } from '../src/node/progress.js';
import { writeWhole } from '../src/node/writeWhole.js';
import { preprocessOptions } from '../src/pretrained/preset.js';
import { type GraphRunner, lookupOf, type Observed, observe, type RangeMethod, rangeMethods, recipeOf } from '../src/quant/calibrate.js';
import { quantisedWith } from '../src/quant/graph.js';
import { noiseOf } from '../src/quant/noise.js';
import type { Lookup, QuantisedRecipe } from '../src/quant/recipe.js';
import { quantisedWeights } from '../src/quant/weights.js';
import { table } from '../src/report/table.js';
import type { Tensor } from '../src/tensor.js';
import { compile } from '../src/wasm/session.js';
import { equalised, pairsOf } from './equalise.js';
import { rights } from './images.js';
import { begin, originOf } from './origin.js';
import { answers, qvac, rightOf } from './trainedNetworks.js';

/**
 * `npm run experiment:quantise`: what trained networks lose in 8 bits by the way in which ranges are chosen, with and without the eighth bit of values that are multiplied,
 * and with ranges of channels that were equalised across layers first. QVAC's network comes by `npm run fetch:networks`.
 */

interface Flags {
  readonly data: string;
  readonly out?: string;
}

/** A trained network, and pictures whose answers are known. */
interface Case {
  readonly name: string;
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly calibration: AsyncIterable<Tensor> | readonly Tensor[];
  readonly measured: AsyncIterable<Tensor> | readonly Tensor[];
  readonly pictures: number;
  /** How many pictures it gets right as a quantised network. */
  right(made: Made): Promise<number>;
  close(): Promise<void>;
}

interface Made {
  readonly graph: Graph;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly recipe: QuantisedRecipe;
}

interface Row {
  readonly method: RangeMethod;
  readonly bits: number;
  readonly equalised: boolean;
  /** Of the logits. */
  readonly decibels: number;
  readonly right: number;
}

const runner: GraphRunner = async (graph, weights) => {
  const session = await compile(graph, weights);
  return { run: (image) => session.run(image), dispose: () => session.dispose() };
};

/** Networks of whose values it is told how many may be equalised. */
const structures = [
  'senet/se_resnet20x2_cifar10',
  'timm/seresnet50',
  'torchvision/mobilenet_v3_small',
  'torchvision/mobilenet_v3_large',
  'torchvision/efficientnet_b0',
];

/** As `senet quantize` does where nothing else is asked for. */
const [calibrationPictures, measuredPictures] = [64, 16];

/** The network that ships, on CIFAR-10's test images. */
async function shipped(data: string): Promise<Case> {
  const network = await openNetwork({});
  const files = spread(await expandImages([join(data, 'train')]), calibrationPictures);
  const options = preprocessOptions(network.preset);
  const test = { data, split: 'test' } as const;
  return {
    name: network.id,
    graph: createModel(network.id, { ...network.options, classes: network.classes, size: network.preset.size }),
    weights: await readAll(network.weights),
    calibration: tensorsOf(files, options),
    measured: tensorsOf(spread(files, measuredPictures), options),
    pictures: 10_000,
    right: async ({ recipe, tensors }) => {
      const right = await rights(network, test, { options: { quantised: recipe }, weights: tensors });
      return right.reduce((sum, one) => sum + one, 0);
    },
    close: () => network.close(),
  };
}

async function threeClasses(folder: string): Promise<Case> {
  const trained = await qvac(folder);
  const graph = prune({ ...trained.graph, outputs: new Map([...trained.graph.outputs].filter(([name]) => name === trained.output)) });
  const pictures = trained.asked.map(({ image }) => image);
  return {
    name: trained.name,
    graph,
    weights: await readAll(trained.weights),
    calibration: pictures,
    measured: pictures,
    pictures: pictures.length,
    right: async (made) => rightOf(trained, await answers({ ...trained, graph: made.graph, weights: made.tensors }, 'trained')),
    close: async () => {},
  };
}

async function* each<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

/** Every way of one network. */
async function rowsOf(one: Case, heard: (row: Row) => void): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const tried = async (weights: Case['weights'], observed: Observed, about: Omit<Row, 'decibels' | 'right'>): Promise<void> => {
    const narrow = lookupOf(observed, about.method);
    const lookup: Lookup = about.bits === 8 ? (id) => narrow(id, true) : narrow;
    const quantised = quantisedWith(one.graph, lookup, new Set());
    const tensors = quantisedWeights(one.graph, quantised, weights);
    const { logits } = await noiseOf(one.graph, weights, lookup, new Set(), each(one.measured), runner);
    const right = await one.right({ graph: quantised.graph, tensors, recipe: recipeOf(one.graph, lookup, new Set()) });
    rows.push({ ...about, decibels: logits, right });
    heard(rows.at(-1) as Row);
  };
  const observed = await observe(one.graph, one.weights, each(one.calibration), runner);
  for (const method of rangeMethods) for (const bits of [7, 8]) await tried(one.weights, observed, { method, bits, equalised: false });
  const weights = equalised(one.graph, one.weights);
  const again = await observe(one.graph, weights, each(one.calibration), runner);
  for (const method of rangeMethods) await tried(weights, again, { method, bits: 7, equalised: true });
  return rows;
}

const command = new Command('experiment:quantise')
  .exitOverride()
  .addOption(new Option('--data <folder>', 'CIFAR-10, in train/ and test/').makeOptionMandatory())
  .option('--out <file>', 'the result (default: experiments/results/quantise.json)')
  .action(async ({ data, out }: Flags) => {
    const shown = progress();
    const networks = [];
    for (const open of [() => shipped(data), () => threeClasses(join(root, 'networks'))]) {
      const one = await open();
      const rows = await rowsOf(one, ({ method, bits, right }) =>
        shown.show(`${one.name}: ${method}, ${bits} bits: ${right} of ${one.pictures} right`),
      );
      networks.push({ network: one.name, pictures: one.pictures, rows });
      await one.close();
    }
    shown.clear();
    const values = Object.fromEntries(structures.map((id) => [id, pairsOf(createModel(id)).length]));
    const images = 'CIFAR-10 as re-encoded JPEG images, and the six photographs of @qvac/classification-ggml';
    const result = { ...originOf('quantise'), images, networks, equalisable: values };
    await writeWhole(out ?? join(root, 'experiments/results/quantise.json'), `${JSON.stringify(result, undefined, 1)}\n`);
    for (const { network, pictures, rows } of networks) {
      print(`\n${network}: ${pictures} pictures`);
      const lines = rows.map(({ method, bits, decibels, right, ...row }) => [
        ...[method, String(bits), row.equalised ? 'yes' : ''],
        ...[decibels.toFixed(1), String(pictures - right)],
      ]);
      print(table([['ranges', 'bits', 'equalised', 'logits, dB', 'wrong'], ...lines]));
    }
    print('\nvalues between two layers whose channels may be equalised');
    print(table(Object.entries(values).map(([id, count]) => [id, String(count)])));
  });
await begin(command);
