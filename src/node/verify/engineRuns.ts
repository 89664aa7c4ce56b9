import { UnsupportedError } from '../../errors.js';
import { evaluate, type Inputs, reference } from '../../graph/evaluate.js';
import type { Graph } from '../../graph/graph.js';
import type { Contender } from '../../measure/contender.js';
import type { Peers } from '../../measure/engines.js';
import type { OnnxGraphInput, OnnxModel } from '../../onnx/index.js';
import type { Shape, Tensor } from '../../tensor.js';
import { type EngineRun, type EngineValue, namedValues, withValues, writtenValues } from '../../verify/nodewise.js';
import { compile } from '../../wasm/session.js';
import { fileBeside } from '../beside.js';
import { readBytes } from '../files.js';
import { note } from '../output.js';
import { version } from '../package.js';
import type { VerifyOptions } from './options.js';

/** What is run, and on what. */
export interface EngineSubject {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly inputs: Inputs;
  /** The ONNX file that the graph was made of, which engines that read such files are given as it is. */
  readonly onnx?: OnnxSubject;
}

export interface OnnxSubject {
  readonly file: string;
  readonly model: OnnxModel;
  readonly inputs: readonly OnnxGraphInput[];
  /** In the file. */
  readonly outputShapes: ReadonlyMap<string, Shape>;
}

/** `ours` are the kernels, `reference` the readable ops in float32. */
export const engineNames = ['ours', 'reference', 'ort', 'tfjs', 'litert'] as const;
export type VerifiedEngine = (typeof engineNames)[number];

/** @throws UnsupportedError for an engine whose packages are missing (it says what to install), or that does not run the network */
export function engineRun(engine: VerifiedEngine, subject: EngineSubject, options: VerifyOptions): Promise<EngineRun> {
  if (engine === 'ours') return kernelsRun(subject, options);
  if (engine === 'reference') return referenceRun(subject);
  return engine === 'ort' && subject.onnx ? ortFileRun(subject, subject.onnx) : contenderRun(engine, subject);
}

async function kernelsRun({ graph, weights, inputs }: EngineSubject, { kernels, threads = 1 }: VerifyOptions): Promise<EngineRun> {
  const run = async (asked: Graph) => {
    using session = await compile(asked, weights, { kernels: kernels ?? 'auto', algorithms: 'direct', threads });
    if (session.threadsNote) note(`one thread: ${session.threadsNote}`);
    return { kernels: session.kernels, values: session.run(inputs) };
  };
  const { values, kernels: build } = await run(withValues(graph, writtenValues(graph, namedValues(graph))));
  return { engine: 'ours', version: `${version}, ${build}`, values, outputs: (await run(graph)).values };
}

async function referenceRun({ graph, weights, inputs }: EngineSubject): Promise<EngineRun> {
  const values = evaluate(withValues(graph, namedValues(graph)), reference(weights, inputs));
  return { engine: 'reference', version, values, outputs: values };
}

/** Of the file as it is, and of the file with its values as outputs. */
async function ortFileRun({ graph, inputs }: EngineSubject, { file, model, inputs: ports, outputShapes }: OnnxSubject): Promise<EngineRun> {
  const { openOrtFile } = await loadEngines();
  const bytes = await readBytes(file);
  const external = await readExternalFiles(file, model);
  const fed = Object.fromEntries(ports.map(({ name, fileName, shape }) => [fileName, { shape, data: (inputs[name] as Tensor).data }]));
  const own = new Set(model.outputs.map((output) => output.name));
  const isThere = (name: string): boolean => model.ownValues?.has(name) ?? true;
  const run = async (values: readonly string[]): Promise<readonly [string, ReadonlyMap<string, EngineValue>]> => {
    const session = await openOrtFile(bytes, { values, external });
    try {
      return [session.version, await session.run(fed)];
    } finally {
      await session.dispose();
    }
  };
  const [ortVersion, outputs] = await run([]);
  const asked = namedValues(graph).flatMap(({ name }) => (own.has(name) || !isThere(name) ? [] : [name]));
  const [, values] = await run(asked);
  return { engine: 'ort', version: ortVersion, values, outputs, outputShapes };
}

/** What the files beside it hold that are there: tensors of others no output needs. */
async function readExternalFiles(file: string, { externalFiles }: OnnxModel): Promise<ReadonlyMap<string, Uint8Array>> {
  const held = new Map<string, Uint8Array>();
  for (const path of externalFiles) {
    const beside = await fileBeside(file, path);
    if (beside !== undefined) held.set(path, await readBytes(beside));
  }
  return held;
}

/** TensorProto.DataType's code of float16. */
export const isHalf = (type: number): boolean => type === 10;

const compilers = { ort: 'compileOrt', tfjs: 'compileTfjs', litert: 'compileLitert' } as const;

/** An engine that is given our graph in its own form. */
async function contenderRun(engine: Contender['engine'], { graph, weights, inputs }: EngineSubject): Promise<EngineRun> {
  const engines = await loadEngines();
  const run = async (asked: Graph) => {
    const contender = await engines[compilers[engine]](asked, weights, { threads: 1 });
    try {
      return { version: contender.version, values: await contender.run(inputs) };
    } finally {
      await contender.dispose();
    }
  };
  const { version: engineVersion, values: outputs } = await run(graph);
  const { values } = await run(withValues(graph, namedValues(graph)));
  return { engine, version: engineVersion, values, outputs };
}

/** What is used of `senet/engines`. */
interface EnginesPart extends Peers {
  openOrtFile(
    file: Uint8Array,
    options: { readonly values: readonly string[]; readonly external: ReadonlyMap<string, Uint8Array> },
  ): Promise<{
    readonly version: string;
    run(inputs: Inputs): Promise<ReadonlyMap<string, EngineValue>>;
    dispose(): Promise<void>;
  }>;
}

/** By the package's own name, when an engine is asked for; in a variable, since that part is built on this one. */
async function loadEngines(name = 'senet/engines'): Promise<EnginesPart> {
  try {
    return await import(name);
  } catch (cause) {
    throw new UnsupportedError(`--against needs the package's own ${name} (${(cause as Error).message})`, { cause });
  }
}
