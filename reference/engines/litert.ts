import { UnsupportedError } from '../../src/errors.js';
import type { Graph } from '../../src/graph/graph.js';
import type { NodeId } from '../../src/ops/op.js';
import type { Quantisation } from '../../src/ops/quantised/quantisation.js';
import { dims4, type Shape, type Tensor } from '../../src/tensor.js';
import { type Contender, type ContenderOptions, need, portsOf, tensorsOf, threadsOf } from './contender.js';
import { tfliteModel } from './tflite.js';
import type { TfliteModel } from './tflitePlain.js';
import { tfliteQuantisedModel } from './tfliteQuantised.js';

/** What the LiteRT contender needs: the engine, and the writer of its file format. */
export const litertPackages = '@litertjs/core@2 flatbuffers@25';

/**
 * The graph on LiteRT.js's WebAssembly back end (TensorFlow Lite with XNNPACK). It runs relaxed SIMD wherever the engine has it.
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
  const { version, run, dispose } = await openLitert(graph, weights);
  return {
    engine: 'litert',
    version,
    threads,
    composed: false,
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

/**
 * A quantised network of the zoo, as int8. What TensorFlow Lite rounds beside ours, `tfliteQuantised.ts` says.
 *
 * @param reals what the integers of layers that give floats are to stand for: `layersOfFloats` lists them
 * @throws as compileLitert
 */
export const openQuantisedLitert = (
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  reals: ReadonlyMap<NodeId, Quantisation>,
): Promise<LitertSession> => openModel(graph, () => tfliteQuantisedModel(graph, weights, reals));

async function openModel(graph: Graph, modelOf: () => TfliteModel): Promise<LitertSession> {
  const { encodeTflite } = await need('litert', litertPackages, () => import('./tfliteFile.js'));
  const model = modelOf();
  const { litert, version } = await loadLitert();
  const compiled = await litert.loadAndCompile(encodeTflite(model), { accelerator: 'wasm' }).catch((cause) => {
    throw new UnsupportedError(`litert ${version} does not run this graph (${cause})`, { cause });
  });
  const names = [...graph.outputs];
  return {
    version,
    async run(inputs) {
      const given = model.inputs.map((name) => physical(litert, inputs[name] as Tensor));
      const results = await compiled.run(given);
      for (const input of given) input.delete();
      return new Map(
        names.map(([name, id], i) => {
          const result = results[i] as (typeof results)[number];
          const found = logical(result.toTypedArray() as Float32Array, (graph.nodes[id] as { readonly shape: Shape }).shape);
          result.delete();
          return [name, found];
        }),
      );
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
