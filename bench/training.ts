import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadTfjsForTraining } from '../reference/engines/tfjsRuntime.js';
import { tfjsTrainer } from '../reference/engines/tfjsTraining.js';
import { count } from '../src/graph/count.js';
import type { Inputs } from '../src/graph/evaluate.js';
import { grad } from '../src/graph/grad.js';
import type { Graph } from '../src/graph/graph.js';
import { training } from '../src/graph/training.js';
import { syntheticTensor } from '../src/io/synthetic.js';
import { createModel } from '../src/models/index.js';
import { enableRelaxed } from '../src/node/engine.js';
import { machineFacts } from '../src/node/machine.js';
import { note, print } from '../src/node/output.js';
import { version } from '../src/node/package.js';
import { writeWhole } from '../src/node/writeWhole.js';
import type { Node, NodeId } from '../src/ops/op.js';
import { machineLine } from '../src/report/machine.js';
import { table } from '../src/report/table.js';
import { engineText, seCostText, timesOursText, trainingCostResult } from '../src/report/trainingCost.js';
import { interleave, medianInterval } from '../src/stats/timing.js';
import { crossEntropy, heWeights, type SgdState, sgd, type Tensors, targetsOf } from '../src/train/index.js';
import { trainableOf } from '../src/train/step.js';
import { synthetic } from '../src/verify/vector.js';
import { compile } from '../src/wasm/session.js';
import { resultName } from './result.js';
import { root } from './runtimes.js';

/**
 * `npm run bench:training`: a step of training, forward, backward and SGD with momentum, of networks with SE beside those without
 * (Hu 2018, §6.1: 190 and 209 ms for ResNet-50 and SE-ResNet-50), and of ours beside TensorFlow.js and beside ours by Winograd's filtering.
 */

const optimiser = { lr: 0.1, momentum: 0.9 } as const;

interface Which {
  readonly model: string;
  /** The same network without its gates. */
  readonly se?: false;
}

/** Back ends of TensorFlow.js, or our own fast algorithms. */
type Rival = 'wasm' | 'cpu' | 'fast';

interface Comparison {
  /** Without SE and with it; or, against something else, whichever. */
  readonly models: readonly [Which, Which] | readonly [Which];
  readonly batch: number;
  readonly threads: number;
  readonly rounds: number;
  /** Each network against this; else the two networks against each other. */
  readonly against?: Rival;
}

const cifar = [{ model: 'pytorchcv/resnet20_cifar10' }, { model: 'pytorchcv/seresnet20_cifar10' }] as const;
/** ResNet-50 as SE-ResNet-50 has it, the only fair host. */
const imagenet = [{ model: 'timm/legacy_seresnet50', se: false }, { model: 'timm/legacy_seresnet50' }] as const;

const nameOf = ({ model, se }: Which): string => (se === false ? `${model} without SE` : model);

const comparisons: readonly Comparison[] = [
  { models: cifar, batch: 128, threads: 1, rounds: 21 },
  { models: cifar, batch: 128, threads: 2, rounds: 21 },
  { models: imagenet, batch: 16, threads: 2, rounds: 7 },
  { models: [cifar[1]], batch: 128, threads: 1, rounds: 21, against: 'fast' },
  { models: [imagenet[1]], batch: 4, threads: 2, rounds: 7, against: 'fast' },
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
  /** In rows of something else: its time over that of ours; what its loss and its gradients differ by, relative to ours. */
  readonly timesOurs?: Ratio;
  readonly lossDifference?: number;
  readonly gradientDifference?: number;
}

/** Something that trains a network on one minibatch again and again. */
interface Trainer {
  readonly engine: string;
  readonly threads: number;
  readonly composed?: true;
  /** What it computes before the first step: the loss, and the gradient of each trainable parameter. */
  first(): { readonly loss: number; readonly gradients: Tensors };
  step(): void;
  dispose(): void;
}

/** What trainers begin with. */
interface Start {
  readonly host: Graph;
  readonly weights: Tensors;
  readonly inputs: Inputs;
}

function startOf({ model, ...options }: Which, batch: number): Start {
  const host = createModel(model, { ...options, batch });
  const image = host.nodes.find((node) => node.op === 'input') as Node<'input'>;
  const [, classes] = (host.nodes[host.outputs.get('logits') as NodeId] as Node).shape as readonly [number, number];
  const labels = Array.from({ length: batch }, (_, n) => (n * 7) % classes);
  const inputs = { input: syntheticTensor('input', image.attrs.shape, synthetic.seed), targets: targetsOf(labels, classes) };
  return { host, weights: heWeights(host, synthetic.seed), inputs };
}

async function ours({ host, weights: start, inputs }: Start, threads: number, algorithms: 'direct' | 'fast'): Promise<Trainer> {
  const session = await compile(grad(training(host), crossEntropy), start, { threads, algorithms });
  const trainable = trainableOf(host);
  const gradientsOf = (outputs: Tensors): Tensors => new Map([...outputs].filter(([name]) => trainable.has(name)));
  let weights: Tensors = start;
  let state: SgdState | undefined;
  return {
    engine: algorithms === 'fast' ? 'senet, fast' : 'senet',
    threads,
    first() {
      const outputs = session.run(inputs);
      return { loss: outputs.get('loss')?.data[0] as number, gradients: gradientsOf(outputs) };
    },
    step() {
      session.update(weights);
      ({ weights, state } = sgd({ weights, gradients: gradientsOf(session.run(inputs)), state }, optimiser));
    },
    dispose: () => session.dispose(),
  };
}

async function theirs({ host, weights, inputs }: Start, backend: Exclude<Rival, 'fast'>): Promise<Trainer> {
  const tf = await loadTfjsForTraining(backend);
  const { composed, gradients, step, dispose } = tfjsTrainer(tf, host, weights, optimiser);
  return {
    engine: `tfjs-${backend} ${tf.version_core}`,
    threads: 1,
    ...(composed && { composed }),
    first: () => gradients(inputs),
    step: () => void step(inputs),
    dispose,
  };
}

const median = (times: readonly number[]): number => medianInterval(times).median;
const ratios = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((ms, i) => ms / (b[i] as number));

/** Multiply-adds of a step: forward, and one gradient of inputs and one of weights. */
const cost = ({ host }: Start): { readonly macs: number } => ({ macs: 3 * count(host).macs });

/** The two networks in turns. */
async function costOfSe({ models, batch, threads, rounds }: Comparison): Promise<readonly Row[]> {
  const [plainModel, seModel] = models as readonly [Which, Which];
  const [plainStart, seStart] = [startOf(plainModel, batch), startOf(seModel, batch)];
  const [plain, se] = [await ours(plainStart, threads, 'direct'), await ours(seStart, threads, 'direct')];
  const times = await interleave([() => plain.step(), () => se.step()], { warmup: 1, rounds });
  plain.dispose();
  se.dispose();
  const [without, withSe] = times as readonly [readonly number[], readonly number[]];
  const percent = medianInterval(ratios(withSe, without).map((ratio) => 100 * (ratio - 1)));
  const row = { engine: plain.engine, threads, batch, rounds };
  return [
    { model: nameOf(plainModel), ...cost(plainStart), ...row, medianMs: median(without) },
    { model: nameOf(seModel), ...cost(seStart), ...row, medianMs: median(withSe), seCostPercent: percent },
  ];
}

/** A network by our direct algorithms and by something else in turns, once it is known what their gradients differ by. */
async function beside(which: Which, { batch, threads, rounds }: Comparison, against: Rival): Promise<readonly Row[]> {
  const start = startOf(which, batch);
  const mine = await ours(start, threads, 'direct');
  const other = await (against === 'fast' ? ours(start, threads, 'fast') : theirs(start, against));
  const [a, b] = [mine.first(), other.first()];
  const lossDifference = Math.abs(b.loss - a.loss) / a.loss;
  const gradientDifference = difference(a.gradients, b.gradients);
  const times = await interleave([() => mine.step(), () => other.step()], { warmup: rounds > 1 ? 1 : 0, rounds });
  const [own, others] = times as readonly [readonly number[], readonly number[]];
  const rowOf = ({ engine, threads, composed }: Trainer, times: readonly number[]): Row => ({
    model: nameOf(which),
    ...cost(start),
    engine,
    ...(composed && { composed }),
    threads,
    batch,
    medianMs: median(times),
    rounds,
  });
  mine.dispose();
  other.dispose();
  return [
    rowOf(mine, own),
    { ...rowOf(other, others), timesOurs: medianInterval(ratios(others, own)), lossDifference, gradientDifference },
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
const host = machineFacts();
const date = new Date().toISOString().slice(0, 10);
const rows: Row[] = [];
for (const comparison of comparisons) {
  const { models, batch, threads, rounds, against } = comparison;
  note(`${models.map(nameOf).join(', ')}: batch ${batch}, ${threads} threads, ${rounds} rounds${against ? `, against ${against}` : ''}`);
  if (against === undefined) rows.push(...(await costOfSe(comparison)));
  else for (const model of models) rows.push(...(await beside(model, comparison, against)));
}
const folder = join(root, 'bench/results/training');
await mkdir(folder, { recursive: true });
const result = trainingCostResult.read(
  { finding: 'training-cost', date, command: 'npm run bench:training', senet: version, host, rows },
  '',
);
const text = JSON.stringify(
  result,
  (_, value: unknown) => (typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value),
  1,
);
await writeWhole(join(folder, resultName(result)), `${text}\n`);
print(`${machineLine(host)}\n`);
print(
  table([
    ['network', 'engine', 'threads', 'batch', 'ms a step', 'GFLOP/s', 'SE costs', 'times ours', 'loss off by', 'gradients off by'],
    ...rows.map((row) => [
      row.model,
      engineText(row),
      String(row.threads),
      String(row.batch),
      row.medianMs.toFixed(1),
      ((2 * row.macs) / row.medianMs / 1e6).toFixed(1),
      seCostText(row),
      timesOursText(row),
      row.lossDifference?.toExponential(1) ?? '',
      row.gradientDifference?.toExponential(1) ?? '',
    ]),
  ]),
);
