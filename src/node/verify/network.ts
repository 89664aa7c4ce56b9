import { ShapeError } from '../../errors.js';
import { evaluate, reference } from '../../graph/evaluate.js';
import type { Graph } from '../../graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../../io/synthetic.js';
import type { NetworkFigures } from '../../report/verdict.js';
import type { Tensor } from '../../tensor.js';
import { type Check, check, exactly } from '../../verify/check.js';
import { judge, vectorGraph } from '../../verify/judge.js';
import { conformanceLimits, parseVector } from '../../verify/vector.js';
import { compile } from '../../wasm/session.js';
import { note } from '../output.js';
import { checkNames } from './names.js';
import type { VerifyOptions } from './options.js';

/** A classifier on generated weights and image: its logits and gates. */
export async function verifyNetwork(
  file: string,
  json: unknown,
  options: VerifyOptions,
): Promise<{ readonly checks: readonly Check[]; readonly figures: NetworkFigures }> {
  const vector = parseVector(json);
  const graph = vectorGraph(vector);
  if (vector.input[1] !== 3) throw new ShapeError('input: images have three channels', { input: vector.input });
  await checkNames(file.replace(/(\.json)?$/, '.names.json'), graph);
  const weights = syntheticWeights(graph, vector);
  const input = syntheticTensor('input', vector.input, vector.seed);
  const outputs = await (options.engine === 'reference'
    ? evaluate(graph, reference(weights, { input }))
    : onKernels(graph, weights, input, options));
  const limit = conformanceLimits[options.algorithms ?? 'direct'];
  const { pass: _, ...figures } = judge(vector, graph, outputs, limit);
  const checks = [
    exactly('parameters', [figures.parameters], [vector.parameters]),
    check('logits', figures.relativeError ?? Number.NaN, limit),
    ...Object.entries(figures.gates).map(([gate, error]) => check(gate, error ?? Number.NaN, limit)),
  ];
  return { checks, figures };
}

async function onKernels(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  input: Tensor,
  { kernels, algorithms = 'direct', threads = 1 }: VerifyOptions,
) {
  using session = await compile(graph, weights, { kernels: kernels ?? 'auto', algorithms, threads });
  if (session.threadsNote) note(`one thread: ${session.threadsNote}`);
  return session.run(input);
}
