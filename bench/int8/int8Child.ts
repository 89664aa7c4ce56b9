import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Ort from 'onnxruntime-web';
import { count } from '../../src/graph/count.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { quantisedAgreement } from '../../src/measure/bench.js';
import { createModel } from '../../src/models/index.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { decibels } from '../../src/stats/error.js';
import { interleave, quantile, sorted } from '../../src/stats/timing.js';
import type { Tensor } from '../../src/tensor.js';
import { synthetic } from '../../src/verify/vector.js';
import type { CompileOptions } from '../../src/wasm/options.js';
import { compile } from '../../src/wasm/session.js';
import { integersOf } from '../integers.js';
import { enginesFolder } from '../runtimes.js';

/** One network in one runtime: in integers, in floats, and by onnxruntime, in turns. */
export interface Int8Task {
  readonly model: string;
  readonly threads: number;
  readonly rounds: number;
}

export interface Int8Row {
  readonly model: string;
  readonly engine: string;
  readonly variant: string;
  readonly version?: string;
  readonly threads: number;
  readonly medianMs?: number;
  readonly minMs?: number;
  /** Its time over that of our integers, round by round: the median. */
  readonly timesInt8?: number;
  /** Multiply-adds twice, over the median. */
  readonly gops?: number;
  /** How our integers' products are made, and the tile; of ours. */
  readonly products?: string;
  readonly tile?: string;
  /** Packed weights and tables, and values between layers; of ours. */
  readonly weightBytes?: number;
  readonly arenaBytes?: number;
  /** Of the logits, against those of our floats: 10 · log₁₀ of signal over noise. */
  readonly decibels?: number;
  /** Whether it has no operator for a gate or a SiLU of integers, and makes them of others. */
  readonly composed?: boolean;
  /** Why there are no times. */
  readonly error?: string;
}

interface Contestant extends Omit<Int8Row, 'model' | 'threads'> {
  readonly run: () => unknown;
}

const { model, threads, rounds } = JSON.parse(process.argv[2] ?? '{}') as Int8Task;
enableRelaxed(); // whether vectors are joined is the runtime's matter
const options: CompileOptions = { threads };
const graph = createModel(model);
const weights = syntheticWeights(graph, synthetic);
const image = syntheticTensor('input', [1, 3, 224, 224], synthetic.seed);

/** Outputs agree first. */
const agreeing = (contestant: Contestant): Contestant =>
  contestant.decibels === undefined || contestant.decibels >= quantisedAgreement
    ? contestant
    : {
        ...contestant,
        error: `its logits are ${contestant.decibels.toFixed(1)} dB from those of floats, and ${quantisedAgreement} are agreement`,
      };

async function ours(variant: string, of: Graph, tensors: ReadonlyMap<string, Tensor>, chosen: CompileOptions, truth?: Tensor) {
  const session = await compile(of, tensors, chosen);
  const { rows, columns } = session.plan.target.tile;
  const logits = session.run(image).get('logits') as Tensor;
  const contestant: Contestant = {
    ...{ engine: 'senet', variant, tile: `${rows}x${columns}`, weightBytes: session.weightBytes, arenaBytes: session.plan.arenaBytes },
    ...(session.plan.target.products && { products: session.plan.target.products }),
    ...(truth && { decibels: decibels(logits.data, truth.data) }),
    run: () => session.run(image),
  };
  return { contestant, logits };
}

/** An engine of others, or why it does not run. Its logits are held to our floats'. */
async function other(
  about: Pick<Int8Row, 'engine' | 'variant' | 'composed'>,
  truth: Tensor,
  open: () => Promise<{ readonly version: string; readonly run: () => Promise<ArrayLike<number>> }>,
): Promise<Contestant> {
  try {
    const { version, run } = await open();
    return { ...about, version, decibels: decibels(await run(), truth.data), run };
  } catch (error) {
    return { ...about, error: (error as Error).message.split('\n')[0] as string, run: () => undefined };
  }
}

/** onnxruntime, native. */
async function native(of: Graph, tensors: ReadonlyMap<string, Tensor>) {
  const require = createRequire(join(enginesFolder, 'package.json'));
  const ort = require('onnxruntime-node') as typeof Ort;
  const { version } = require('onnxruntime-node/package.json') as { readonly version: string };
  const { toOnnx } = await import('../../src/onnx/index.js');
  const session = await ort.InferenceSession.create(await toOnnx(of, tensors), {
    ...{ intraOpNumThreads: threads, interOpNumThreads: 1, graphOptimizationLevel: 'all' },
  });
  const run = async () =>
    (await session.run({ input: new ort.Tensor('float32', image.data as Float32Array, image.shape) })).logits?.data as Float32Array;
  return { version, run };
}

/** onnxruntime in WebAssembly on the same integers, as QDQ. */
async function web(of: Graph, tensors: ReadonlyMap<string, Tensor>) {
  const { compileOrt } = await import('../../reference/engines/ort.js');
  const session = await compileOrt(of, tensors, { threads });
  return { version: session.version, run: async () => logitsOf(await session.run(image)).data };
}

/** LiteRT.js on the same integers. */
async function litert(of: Graph, tensors: ReadonlyMap<string, Tensor>) {
  const { compileLitert } = await import('../../reference/engines/litert.js');
  const session = await compileLitert(of, tensors, { threads });
  return { version: session.version, run: async () => logitsOf(await session.run(image)).data };
}

const logitsOf = (outputs: ReadonlyMap<string, Tensor>): Tensor => outputs.get('logits') as Tensor;

const float = await ours('fast', graph, weights, options);
const direct = await ours('direct', graph, weights, { ...options, algorithms: 'direct' });
// calibrated on the image that is timed: nothing is clipped that another calibration would not clip
const { graph: quantised, tensors } = await integersOf(graph, weights, image, options);
const int8 = await ours('int8', quantised, tensors, options, float.logits);
// what the eighth bit of multiplied values takes: no form of products but the widest is exact with it
const bytes = await integersOf(graph, weights, image, options, true);
const whole = await ours('whole bytes', bytes.graph, bytes.tensors, options, float.logits);
const contestants = [
  int8.contestant,
  whole.contestant,
  float.contestant,
  direct.contestant,
  await other({ engine: 'ort-native', variant: 'float32' }, float.logits, () => native(graph, weights)),
  await other({ engine: 'ort-native', variant: 'int8' }, float.logits, () => native(quantised, tensors)),
  await other({ engine: 'ort', variant: 'int8' }, float.logits, () => web(quantised, tensors)),
  await other({ engine: 'litert', variant: 'int8', composed: true }, float.logits, () => litert(quantised, tensors)),
].map(agreeing);
const timed = contestants.filter(({ error }) => error === undefined);
const times = await interleave(
  timed.map(({ run }) => run),
  { warmup: 3, rounds },
);
const { macs } = count(graph);
const [own = []] = times;
const rows = contestants.map(({ run, ...about }): Int8Row => {
  const ms = times[timed.findIndex((one) => one.run === run)];
  if (ms === undefined) return { model, threads, ...about };
  const ascending = sorted(ms);
  const medianMs = quantile(ascending, 0.5);
  const timesInt8 = quantile(sorted(ms.map((value, i) => value / (own[i] as number))), 0.5);
  return { model, threads, ...about, medianMs, minMs: ascending[0] as number, timesInt8, gops: (2 * macs) / medianMs / 1e6 };
});
process.stdout.write(JSON.stringify(rows));
process.exit(0); // sessions have threads
