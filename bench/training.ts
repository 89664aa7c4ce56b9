import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadTfjsForTraining } from '../reference/tfjsRuntime.js';
import { tfjsTrainer } from '../reference/tfjsTraining.js';
import { enableRelaxed } from '../src/cli/engine.js';
import { hostFacts, hostLine } from '../src/cli/host.js';
import { note, print, table } from '../src/cli/output.js';
import { version } from '../src/cli/package.js';
import { medianText } from '../src/cli/report/trainingCost.js';
import { interleave, medianInterval } from '../src/cli/timing.js';
import { synthetic } from '../src/cli/truth.js';
import { writeWhole } from '../src/cli/writeWhole.js';
import { count } from '../src/graph/count.js';
import type { Inputs } from '../src/graph/evaluate.js';
import { grad } from '../src/graph/grad.js';
import type { Graph } from '../src/graph/graph.js';
import { training } from '../src/graph/training.js';
import { syntheticTensor } from '../src/io/synthetic.js';
import { createModel } from '../src/models/index.js';
import type { Node, NodeId } from '../src/ops/op.js';
import { crossEntropy, heWeights, type SgdState, sgd, type Tensors, targetsOf } from '../src/train/index.js';
import { compile } from '../src/wasm/session.js';
import { resultName } from './result.js';
import { root } from './runtimes.js';

/**
 * `npm run bench:training`: a step of training, forward, backward and SGD with momentum, of networks with SE beside those without
 * (Hu 2018, §6.1: 190 and 209 ms for ResNet-50 and SE-ResNet-50), and of ours beside TensorFlow.js.
 */

const optimiser = { lr: 0.1, momentum: 0.9 } as const;

interface Which {
  readonly model: string;
  /** The same network without its gates. */
  readonly se?: false;
}

interface Comparison {
  /** Without SE and with it; or, against another engine, whichever. */
  readonly models: readonly [Which, Which] | readonly [Which];
  readonly batch: number;
  readonly threads: number;
  readonly rounds: number;
  /** Against this back end, each network; else the two networks against each other. */
  readonly against?: 'wasm' | 'cpu';
}

const cifar = [{ model: 'pytorchcv/resnet20_cifar10' }, { model: 'pytorchcv/seresnet20_cifar10' }] as const;
/** ResNet-50 as SE-ResNet-50 has it, the only fair host. */
const imagenet = [{ model: 'timm/legacy_seresnet50', se: false }, { model: 'timm/legacy_seresnet50' }] as const;

const nameOf = ({ model, se }: Which): string => (se === false ? `${model} without SE` : model);

const comparisons: readonly Comparison[] = [
  { models: cifar, batch: 128, threads: 1, rounds: 21 },
  { models: cifar, batch: 128, threads: 2, rounds: 21 },
  { models: imagenet, batch: 16, threads: 2, rounds: 7 },
  { models: cifar, batch: 32, threads: 1, rounds: 7, against: 'wasm' },
  { models: [cifar[1]], batch: 8, threads: 1, rounds: 1, against: 'cpu' }, // 40 s a step
  { models: imagenet, batch: 2, threads: 1, rounds: 1, against: 'wasm' },
];

interface Ratio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

interface Row {
  readonly model: string;
  readonly macs: number;
  readonly engine: string;
  readonly threads: number;
  readonly batch: number;
  readonly medianMs: number;
  readonly rounds: number;
  /** The engine lacks a gradient, which was composed of others. */
  readonly composed?: true;
  /** In rows with SE: a step's time over that without SE, less one, in per cent; its median and 95 % interval. */
  readonly seCostPercent?: Ratio;
  /** In rows of another engine: its time over ours; what its loss and its gradients differ by, relative to ours. */
  readonly timesOurs?: Ratio;
  readonly lossDifference?: number;
  readonly gradientDifference?: number;
}

/** A network ready to train on one minibatch again and again. */
interface Trainer {
  readonly host: Graph;
  readonly weights: Tensors;
  readonly inputs: Inputs;
  first(): Tensors;
  step(): void;
  dispose(): void;
}

async function ours({ model, ...options }: Which, batch: number, threads: number): Promise<Trainer> {
  const host = createModel(model, { ...options, batch });
  const image = host.nodes.find((node) => node.op === 'input') as Node<'input'>;
  const [, classes] = (host.nodes[host.outputs.get('logits') as NodeId] as Node).shape as readonly [number, number];
  const labels = Array.from({ length: batch }, (_, n) => (n * 7) % classes);
  const inputs = { input: syntheticTensor('input', image.attrs.shape, synthetic.seed), targets: targetsOf(labels, classes) };
  const start = heWeights(host, synthetic.seed);
  const session = await compile(grad(training(host), crossEntropy), start, { threads });
  const trainable = host.parameters.map((id) => host.nodes[id] as Node<'param'>).filter(({ attrs }) => attrs.trainable);
  let weights: Tensors = start;
  let state: SgdState | undefined;
  return {
    host,
    weights: start,
    inputs,
    first: () => session.run(inputs),
    step() {
      session.update(weights);
      const outputs = session.run(inputs);
      const gradients = new Map([...outputs].filter(([name]) => trainable.some(({ attrs }) => attrs.name === name)));
      ({ weights, state } = sgd({ weights, gradients, state }, optimiser));
    },
    dispose: () => session.dispose(),
  };
}

const median = (times: readonly number[]): number => medianInterval(times).median;
const ratios = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((ms, i) => ms / (b[i] as number));

/** Multiply-adds of a step: forward, and one gradient of inputs and one of weights. */
const cost = ({ host }: Trainer): { readonly macs: number } => ({ macs: 3 * count(host).macs });

/** The two networks in turns. */
async function costOfSe({ models, batch, threads, rounds }: Comparison): Promise<readonly Row[]> {
  const [plainModel, seModel] = models as readonly [Which, Which];
  const [plain, se] = [await ours(plainModel, batch, threads), await ours(seModel, batch, threads)];
  const times = await interleave([() => plain.step(), () => se.step()], { warmup: 1, rounds });
  plain.dispose();
  se.dispose();
  const [without, withSe] = times as readonly [readonly number[], readonly number[]];
  const percent = medianInterval(ratios(withSe, without).map((ratio) => 100 * (ratio - 1)));
  const row = { engine: 'senet', threads, batch, rounds };
  return [
    { model: nameOf(plainModel), ...cost(plain), ...row, medianMs: median(without) },
    { model: nameOf(seModel), ...cost(se), ...row, medianMs: median(withSe), seCostPercent: percent },
  ];
}

/** A network of ours and of TensorFlow.js in turns, once their losses agree. */
async function beside(which: Which, { batch, threads, rounds, against }: Comparison): Promise<readonly Row[]> {
  const tf = await loadTfjsForTraining(against as 'wasm' | 'cpu');
  const mine = await ours(which, batch, threads);
  const theirs = tfjsTrainer(tf, mine.host, mine.weights, optimiser);
  const [a, b] = [mine.first(), theirs.gradients(mine.inputs)];
  const loss = a.get('loss')?.data[0] as number;
  const lossDifference = Math.abs(b.loss - loss) / loss;
  const gradientDifference = difference(a, b.gradients);
  const times = await interleave([() => mine.step(), () => theirs.step(mine.inputs)], { warmup: rounds > 1 ? 1 : 0, rounds });
  const { composed } = theirs;
  const same = { model: nameOf(which), ...cost(mine) };
  mine.dispose();
  theirs.dispose();
  const [own, other] = times as readonly [readonly number[], readonly number[]];
  return [
    { ...same, engine: 'senet', threads, batch, rounds, medianMs: median(own) },
    {
      ...same,
      engine: `tfjs-${against} ${tf.version_core}`,
      threads: 1,
      batch,
      rounds,
      medianMs: median(other),
      ...(composed && { composed }),
      timesOurs: medianInterval(ratios(other, own)),
      lossDifference,
      gradientDifference,
    },
  ];
}

/** Of all gradients together: the norm of their difference over that of ours. */
function difference(mine: Tensors, theirs: Tensors): number {
  let [between, size] = [0, 0];
  for (const [name, { data }] of theirs)
    mine.get(name)?.data.forEach((value, i) => {
      between += (value - (data[i] as number)) ** 2;
      size += value ** 2;
    });
  return Math.sqrt(between / size);
}

enableRelaxed();
const host = hostFacts();
const date = new Date().toISOString().slice(0, 10);
const rows: Row[] = [];
for (const comparison of comparisons) {
  const { models, batch, threads, rounds, against } = comparison;
  note(
    `${models.map(nameOf).join(', ')}: batch ${batch}, ${threads} threads, ${rounds} rounds${against ? `, beside tfjs-${against}` : ''}`,
  );
  if (against === undefined) rows.push(...(await costOfSe(comparison)));
  else for (const model of models) rows.push(...(await beside(model, comparison)));
}
const folder = join(root, 'bench/results/training');
await mkdir(folder, { recursive: true });
const result = { finding: 'training-cost', date, command: 'npm run bench:training', senet: version, host, rows };
const text = JSON.stringify(
  result,
  (_, value: unknown) => (typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value),
  1,
);
await writeWhole(join(folder, resultName(result)), `${text}\n`);
print(`${hostLine(host)}\n`);
print(
  table([
    ['network', 'engine', 'threads', 'batch', 'ms a step', 'GFLOP/s', 'SE costs', 'times ours', 'loss off by', 'gradients off by'],
    ...rows.map((row) => [
      row.model,
      row.composed ? `${row.engine}, composed` : row.engine,
      String(row.threads),
      String(row.batch),
      row.medianMs.toFixed(1),
      ((2 * row.macs) / row.medianMs / 1e6).toFixed(1),
      medianText(row.seCostPercent, row.rounds, ' %', 2),
      medianText(row.timesOurs, row.rounds, '', 1),
      row.lossDifference?.toExponential(1) ?? '',
      row.gradientDifference?.toExponential(1) ?? '',
    ]),
  ]),
);
