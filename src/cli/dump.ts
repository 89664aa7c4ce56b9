import type { Dumped } from '../bound/segments.js';
import { InputError, ShapeError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { modulesOf } from '../graph/modules.js';
import { nearest } from '../graph/nearest.js';
import { loadSafetensors } from '../io/safetensors.js';
import { createModel, findModel } from '../models/index.js';
import type { Node } from '../ops/op.js';
import { type Shape, sameShape, type Tensor } from '../tensor.js';
import { naming, readBytes } from './files.js';
import { loadWeightsFile } from './weightsFile.js';

/** What there is to compare: a network of the dump's size, its weights, and the activations that have a node. */
export interface Comparison {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly input: Tensor;
  readonly dumped: readonly Dumped[];
  /** Names of modules that run several times in a pass, so that what the dump has of them belongs to no one node. */
  readonly leftOut: readonly string[];
}

/**
 * @throws WeightsError for a damaged file, or weights that are not the network's; InputError for a dump without `input` or activations, with
 * unknown names, or with values that are not finite; ShapeError for a tensor of another shape than its module returns. All name file and tensor.
 */
export async function readComparison(dumpFile: string, model: string, weightsFile: string): Promise<Comparison> {
  findModel(model); // first: a wrong name needs no files
  const tensors = await readTensors(dumpFile);
  const { model: id, options, classes, weights } = await loadWeightsFile(weightsFile, model);

  const input = tensors.get('input');
  if (input === undefined) throw new InputError(`${dumpFile}: tensor input, the image, is missing`);
  const [batch, channels, height, width] = input.shape;
  if (input.shape.length !== 4 || channels !== 3)
    throw new ShapeError(`${dumpFile}: tensor input is no [N, 3, H, W]`, { found: input.shape });
  const graph = naming(`${dumpFile}: tensor input`, () =>
    createModel(id, { ...options, batch: batch as number, size: [height as number, width as number], classes, gates: true }),
  );
  for (const [name, tensor] of weights) checkFinite(weightsFile, name, tensor);

  const { dumped, leftOut } = placed(dumpFile, graph, tensors, model);
  return { graph, weights, input, dumped, leftOut };
}

/** The dump's tensors at their nodes. */
function placed(file: string, graph: Graph, tensors: ReadonlyMap<string, Tensor>, model: string): Pick<Comparison, 'dumped' | 'leftOut'> {
  const { returns, reused } = modulesOf(graph);
  const dumped: Dumped[] = [];
  const leftOut: string[] = [];
  for (const [name, tensor] of tensors) {
    checkFinite(file, name, tensor);
    if (name === 'input') continue;
    const id = returns.get(name);
    if (id !== undefined) {
      const { shape } = graph.nodes[id] as Node;
      if (!sameShape(withoutOnes(tensor.shape), withoutOnes(shape)))
        throw new ShapeError(`${file}: tensor ${name}`, { expected: shape, found: tensor.shape });
      dumped.push({ name, id, tensor });
    } else if (reused.has(name)) leftOut.push(name);
    else throw new InputError(`${file}: tensor ${name} is no module of ${model}${nearest(name, [...returns.keys()])}`);
  }
  if (dumped.length === 0) throw new InputError(`${file}: no tensor but input has a place in ${model}`);
  return { dumped, leftOut };
}

async function readTensors(file: string): Promise<ReadonlyMap<string, Tensor>> {
  const bytes = await readBytes(file);
  return naming(file, () => loadSafetensors(bytes));
}

function checkFinite(file: string, name: string, { data }: Tensor): void {
  const at = data.findIndex((value: number) => !Number.isFinite(value));
  if (at !== -1) throw new InputError(`${file}: tensor ${name}: value ${at} is ${data[at]}; every one must be finite`);
}

/** PyTorch pools to [N, C, 1, 1] and computes gates there; here these are [N, C]. */
function withoutOnes(shape: Shape): Shape {
  return shape.slice(0, Math.max(2, shape.findLastIndex((extent) => extent !== 1) + 1));
}
