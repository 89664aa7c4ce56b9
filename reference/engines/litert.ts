import { UnsupportedError } from '../../src/errors.js';
import type { Inputs } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Node, NodeId } from '../../src/ops/op.js';
import type { Quantisation } from '../../src/ops/quantised/quantisation.js';
import { quantisationFor } from '../../src/quant/recipe.js';
import { dims4, type Shape, type Tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { type Contender, type ContenderOptions, need, portsOf, tensorsOf, threadsOf } from './contender.js';
import { tfliteModel } from './tflite.js';
import type { TfliteModel } from './tflitePlain.js';
import { layersOfFloats, tfliteQuantisedModel } from './tfliteQuantised.js';

/** What the LiteRT contender needs: the engine, and the writer of its file format. */
export const litertPackages = '@litertjs/core@2 flatbuffers@25';

/**
 * The graph on LiteRT.js's WebAssembly back end (TensorFlow Lite with XNNPACK). It runs relaxed SIMD wherever the engine has it.
 *
 * A quantised network of the zoo runs as int8, with our integers as outputs. What TensorFlow Lite rounds beside ours, `tfliteQuantised.ts` says; the ranges of what it
 * must round, and ours need not, are those of the first input.
 *
 * @throws UnsupportedError if a package is missing, for more than one thread, or for what TensorFlow Lite has no operator for; WeightsError for a missing or
 * misshapen weight.
 */
export async function compileLitert(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  options: ContenderOptions = {},
): Promise<Contender> {
  const threads = threadsOf(options);
  if (threads > 1) throw new UnsupportedError(`litert runs on one thread here, not ${threads}: its workers are scripts of a page`);
  const ports = portsOf(graph);
  const { version, composed, run, dispose } = graph.nodes.some(({ integers }) => integers !== undefined)
    ? await openQuantised(graph, weights)
    : { composed: false, ...(await openLitert(graph, weights)) };
  return {
    engine: 'litert',
    version,
    threads,
    composed,
    run: async (input) => run(tensorsOf(ports, input)),
    dispose,
  };
}

/** A graph of any inputs on LiteRT.js. */
export interface LitertSession {
  readonly version: string;
  run(inputs: Readonly<Record<string, Tensor>>): Promise<ReadonlyMap<string, Tensor>>;
  dispose(): Promise<void>;
}

/** @throws as compileLitert */
export const openLitert = (graph: Graph, weights: ReadonlyMap<string, Tensor>): Promise<LitertSession> =>
  openModel(graph, () => tfliteModel(graph, weights));

async function openQuantised(graph: Graph, weights: ReadonlyMap<string, Tensor>): Promise<LitertSession & { readonly composed: boolean }> {
  const layers = layersOfFloats(graph);
  const any = quantisationFor(0, 1, true);
  tfliteQuantisedModel(graph, weights, new Map(layers.map((id) => [id, any]))); // what cannot be written is told before the first input comes
  let opened: Promise<LitertSession> | undefined;
  const open = async (inputs: Inputs): Promise<LitertSession> => {
    const ranges = await rangesOn(graph, weights, layers, inputs);
    return openModel(graph, () => tfliteQuantisedModel(graph, weights, ranges));
  };
  return {
    version: await litertVersion(),
    composed: graph.nodes.some((node) => node.op === 'quantisedScale' || (node.op === 'quantisedPointwise' && node.attrs.of === 'silu')),
    async run(inputs) {
      opened ??= open(inputs);
      const outputs = await (await opened).run(inputs);
      return new Map([...outputs].map(([name, value]) => [name, asIntegers(graph, graph.outputs.get(name) as NodeId, value)]));
    },
    dispose: async () =>
      opened?.then(
        (session) => session.dispose(),
        () => undefined, // whoever ran it was told
      ),
  };
}

/** What the integers of layers that give floats are to stand for: the numbers that our kernels give there. */
async function rangesOn(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  layers: readonly NodeId[],
  inputs: Inputs,
): Promise<ReadonlyMap<NodeId, Quantisation>> {
  if (layers.length === 0) return new Map();
  const session = await compile({ ...graph, outputs: new Map(layers.map((id) => [`${id}`, id])) }, weights);
  const ranges = [...session.run(inputs)].map(([id, { data }]) => {
    let [low, high] = [0, 0];
    for (const value of data) [low, high] = [Math.min(low, value), Math.max(high, value)];
    return [Number(id), quantisationFor(low, high, true)] as const;
  });
  session.dispose();
  return new Map(ranges);
}

/** Numbers that stand for a value's integers as those; others as they are. int8 has room below the least of our integers: what lies there is that. */
function asIntegers({ nodes }: Graph, id: NodeId, { shape, data }: Tensor): Tensor {
  const node = nodes[id] as Node;
  if (node.integers === undefined) return { shape, data };
  const { scale, zeroPoint, range } = meaningOf(nodes, node);
  return { shape, data: Float32Array.from(data, (x) => Math.min(Math.max(Math.round(x / scale) + zeroPoint, range[0]), range[1])) };
}

/** Of an op that chooses among integers: what those of its operand stand for. */
const meaningOf = (nodes: Graph['nodes'], node: Node): Quantisation =>
  (node.attrs as { readonly y?: Quantisation }).y ?? meaningOf(nodes, nodes[node.inputs[0] as NodeId] as Node);

async function openModel(graph: Graph, modelOf: () => TfliteModel): Promise<LitertSession> {
  const { encodeTflite } = await need('litert', litertPackages, () => import('./tfliteFile.js'));
  const model = modelOf();
  const { litert, version } = await loadLitert();
  const outputs = [...new Set(model.outputs)]; // of one that is listed twice the first is not written
  const compiled = await litert.loadAndCompile(encodeTflite({ ...model, outputs }), { accelerator: 'wasm' }).catch((cause) => {
    throw new UnsupportedError(`litert ${version} does not run this graph (${cause})`, { cause });
  });
  const names = [...graph.outputs];
  return {
    version,
    async run(inputs) {
      const given = model.inputs.map((name) => physical(litert, inputs[name] as Tensor));
      const results = await compiled.run(given);
      for (const input of given) input.delete();
      const told = new Map(
        names.map(([name, id], i) => {
          const result = results[outputs.indexOf(model.outputs[i] as string)] as (typeof results)[number];
          return [name, logical(result.toTypedArray() as Float32Array, (graph.nodes[id] as { readonly shape: Shape }).shape)];
        }),
      );
      for (const result of results) result.delete();
      return told;
    },
    dispose: async () => compiled.delete(),
  };
}

/** Images go as NHWC. */
function physical(litert: Litert, { shape, data }: Tensor): InstanceType<Litert['Tensor']> {
  if (shape.length !== 4) return new litert.Tensor(Float32Array.from(data), [...shape]);
  const [N, C, H, W] = dims4(shape);
  return new litert.Tensor(moved(data, N, C, H * W), [N, H, W, C]);
}

/** [N, A, B] as [N, B, A]. */
function moved(data: Tensor['data'], N: number, A: number, B: number): Float32Array {
  const to = new Float32Array(N * A * B);
  for (let n = 0; n < N; n++)
    for (let a = 0; a < A; a++) for (let b = 0; b < B; b++) to[(n * B + b) * A + a] = data[(n * A + a) * B + b] as number;
  return to;
}

/** From NHWC back to the graph's shape; a copy. */
function logical(data: Float32Array, shape: Shape): Tensor {
  const [N = 1, C = 1, H = 1, W = 1] = shape;
  return { shape, data: moved(data, N, H * W, C) };
}

/** @throws UnsupportedError if the package is missing, or does not start */
export const litertVersion = async (): Promise<string> => (await loadLitert()).version;

type Litert = typeof import('@litertjs/core');

let loaded: Promise<{ readonly litert: Litert; readonly version: string }> | undefined;

/** One for the process: the package keeps its module in a global. */
function loadLitert(): Promise<{ readonly litert: Litert; readonly version: string }> {
  loaded ??= start();
  return loaded;
}

/** The package loads its module as a page's script; Node has neither scripts nor what the module asks of one. */
async function start(): Promise<{ readonly litert: Litert; readonly version: string }> {
  const litert = await need('litert', litertPackages, () => import('@litertjs/core'));
  const { createRequire } = await import('node:module');
  const { readFileSync } = await import('node:fs');
  const { dirname, join } = await import('node:path');
  const { runInThisContext } = await import('node:vm');
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('@litertjs/core')), '..');
  const page = globalThis as Record<string, unknown>;
  const scripts = join(folder, 'wasm');
  const given: Record<string, unknown> = {
    self: globalThis,
    Module: { print: () => undefined, printErr: () => undefined }, // the module tells of its start, also where all is well
    require,
    __filename: join(scripts, 'litert_wasm_internal.js'),
    __dirname: scripts,
    importScripts: (file: string) => {
      page.ModuleFactory = runInThisContext(`${readFileSync(file, 'utf8')}\nModuleFactory`, { filename: file });
    },
  };
  const { warn } = console;
  const added = Object.keys(given).filter((name) => !(name in page));
  for (const name of added) page[name] = given[name];
  try {
    console.warn = () => undefined; // that there is no GPU
    await litert.loadLiteRt(`${scripts}/`, { threads: false });
  } catch (cause) {
    throw new UnsupportedError(`litert does not start here (${(cause as Error).message})`, { cause });
  } finally {
    console.warn = warn;
    for (const name of added) delete page[name];
  }
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { litert, version };
}
