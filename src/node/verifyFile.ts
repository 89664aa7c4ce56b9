import { existsSync } from 'node:fs';
import { InputError, SenetError, ShapeError, WeightsError } from '../errors.js';
import { parameters } from '../graph/count.js';
import { evaluate, reference } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import type { Kind } from '../io/schema.js';
import { syntheticTensor, syntheticWeights } from '../io/synthetic.js';
import type { Verdict, VerifyEngine } from '../report/verdict.js';
import type { Tensor } from '../tensor.js';
import { judge, vectorGraph } from '../verify/judge.js';
import { conformanceLimits, vectorFile } from '../verify/vector.js';
import type { KernelsBuild } from '../wasm/features.js';
import type { CompileOptions } from '../wasm/options.js';
import { compile } from '../wasm/session.js';
import { readJsonAs } from './json.js';
import { note } from './output.js';
import { asset } from './package.js';

export interface VerifyOptions {
  readonly engine: VerifyEngine;
  readonly kernels?: KernelsBuild;
  readonly algorithms?: 'direct' | 'fast';
  /** Of the kernels; the reference has one. @defaultValue 1 */
  readonly threads?: number;
}

/** The vectors that ship in the package. */
export const shippedVectors = ['resnet-50', 'se-resnet-50', 'se-resnext-50'].map((name) => asset(`conformance/${name}.json`));

/** Runs one vector. Whatever goes wrong with it is part of its verdict; `badInput` says that the file, not the network, is to blame. */
export async function verify(file: string, options: VerifyOptions): Promise<{ readonly verdict: Verdict; readonly badInput: boolean }> {
  const { engine, algorithms = 'direct' } = options;
  const how = engine === 'wasm' ? { engine, algorithms } : { engine };
  let model = '';
  try {
    const vector = await readJsonAs(file, vectorFile);
    model = vector.id;
    const graph = vectorGraph(vector);
    if (vector.input[1] !== 3) throw new ShapeError('input: images have three channels', { input: vector.input });
    await checkNames(file, graph);
    const weights = syntheticWeights(graph, vector);
    const input = syntheticTensor('input', vector.input, vector.seed);
    const outputs = await (engine === 'reference'
      ? evaluate(graph, reference(weights, { input }))
      : onKernels(graph, weights, input, options));
    return {
      verdict: { file, ...how, ...judge(vector, graph, outputs, conformanceLimits[algorithms]) },
      badInput: false,
    };
  } catch (error) {
    if (!(error instanceof SenetError)) throw error;
    const verdict = { file, model, ...how, parameters: null, relativeError: null, gates: {}, pass: false, error: error.message };
    return { verdict, badInput: error instanceof InputError || error instanceof ShapeError };
  }
}

const namesFile: Kind<readonly unknown[]> = {
  what: 'a list of names and shapes',
  read(value) {
    if (!Array.isArray(value)) throw new InputError('expected a list of names and shapes');
    return value;
  },
};

/** @throws WeightsError if the network differs from MODEL.names.json, should that be beside MODEL.json: a state dict's names and shapes, in order. */
async function checkNames(file: string, graph: Graph): Promise<void> {
  const path = file.replace(/\.json$/, '.names.json');
  if (path === file || !existsSync(path)) return;
  const list = await readJsonAs(path, namesFile);
  const expected = list.map((tensor) => JSON.stringify(tensor));
  const found = parameters(graph).map(({ name, shape }) => JSON.stringify([name, shape]));
  for (let i = 0; i < Math.max(found.length, expected.length); i++)
    if (found[i] !== expected[i])
      throw new WeightsError(`tensor ${i} is ${found[i] ?? 'missing'}, and in ${path} ${expected[i] ?? 'missing'}`);
}

async function onKernels(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  input: Tensor,
  { kernels = 'auto', algorithms = 'direct', threads = 1 }: Pick<CompileOptions, 'kernels' | 'algorithms' | 'threads'>,
) {
  using session = await compile(graph, weights, { kernels, algorithms, threads });
  if (session.threadsNote) note(`one thread: ${session.threadsNote}`);
  return session.run(input);
}
