import type { Dumped } from '../bound/segments.js';
import { InputError, naming, ShapeError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { inOrder, runsOf } from '../graph/modules.js';
import { nearest } from '../graph/nearest.js';
import { loadSafetensors } from '../io/safetensors.js';
import { createModel, findModel } from '../models/index.js';
import type { Node, NodeId } from '../ops/op.js';
import { type Shape, sameShape, type Tensor } from '../tensor.js';
import { readBytes } from './files.js';
import { loadWeightsFile } from './weightsFile.js';

/** What there is to compare: a network of the dump's size, its weights, and the activations that have a node. */
export interface Comparison {
  /** `source/name`. */
  readonly model: string;
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly input: Tensor;
  readonly dumped: readonly Dumped[];
  /** Names of modules that run several times in a pass, so that what the dump has of them belongs to no one node. */
  readonly leftOut: readonly string[];
  /** Names that are no module of the network. */
  readonly unknown: readonly string[];
}

/**
 * @param model a network's name; absent if the weights say which it is.
 * @throws WeightsError for a damaged file, or weights that are not the network's; InputError for a dump without `input`, without a tensor that has a
 * place, or with values that are not finite; ShapeError for a tensor of another shape than its module returns. All name file and tensor.
 */
export async function readComparison(dumpFile: string, model: string | undefined, weightsFile: string): Promise<Comparison> {
  if (model !== undefined) findModel(model); // first: a wrong name needs no files
  const tensors = await readTensors(dumpFile);
  const { model: first, same, options, classes, weights } = await loadWeightsFile(weightsFile, model);

  const input = tensors.get('input');
  if (input === undefined) throw new InputError(`${dumpFile}: tensor input, the image, is missing`);
  const [batch, channels, height, width] = input.shape;
  if (input.shape.length !== 4 || channels !== 3)
    throw new ShapeError(`${dumpFile}: tensor input is no [N, 3, H, W]`, { found: input.shape });
  checkFinite(dumpFile, 'input', input);
  const size = [height as number, width as number] as const;
  const candidates = naming(`${dumpFile}: tensor input`, () =>
    [first, ...same].map((id) => ({ model: id, graph: createModel(id, { ...options, batch: batch as number, size, classes }) })),
  );
  for (const [name, tensor] of weights) checkFinite(weightsFile, name, tensor);

  // the same network has other modules in other libraries: the dump's names tell whose it is
  const names = [...tensors.keys()].filter((name) => name !== 'input');
  const known = ({ graph }: { readonly graph: Graph }): number => names.filter((name) => runsOf(graph, name).length > 0).length;
  const best = candidates.reduce((most, one) => (known(one) > known(most) ? one : most));
  return { ...best, weights, input, ...placed(dumpFile, best, names, tensors) };
}

/** The dump's tensors at their nodes. */
function placed(
  file: string,
  { model, graph }: Pick<Comparison, 'model' | 'graph'>,
  names: readonly string[],
  tensors: ReadonlyMap<string, Tensor>,
): Pick<Comparison, 'dumped' | 'leftOut' | 'unknown'> {
  const runs = new Map(names.map((name) => [name, runsOf(graph, name)]));
  const unknown = names.filter((name) => runs.get(name)?.length === 0);
  const leftOut = names.filter((name) => (runs.get(name)?.length ?? 0) > 1);
  const dumped = inOrder(graph, names).flatMap((name): Dumped[] => {
    const [id, ...others] = runs.get(name) as readonly NodeId[];
    if (id === undefined || others.length > 0) return [];
    const tensor = tensors.get(name) as Tensor;
    const { shape } = graph.nodes[id] as Node;
    if (!sameShape(withoutOnes(tensor.shape), withoutOnes(shape)))
      throw new ShapeError(`${file}: tensor ${name}`, { expected: shape, found: tensor.shape });
    checkFinite(file, name, tensor);
    return [{ name, id, tensor }];
  });
  if (dumped.length > 0) return { dumped, leftOut, unknown };
  const [stranger] = unknown;
  const hint = stranger === undefined ? '' : `: ${stranger} is no module${nearest(stranger, [...(graph.modules?.keys() ?? [])])}`;
  throw new InputError(`${file}: no tensor but input has a place in ${model}${hint}`);
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
