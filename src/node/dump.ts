import { checkFinite, type PlacedDump, placeDump } from '../bound/compare.js';
import { InputError, naming, ShapeError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { runsOf } from '../graph/modules.js';
import { loadSafetensors } from '../io/safetensors.js';
import { createModel, findModel } from '../models/index.js';
import type { Tensor } from '../tensor.js';
import { readBytes } from './files.js';
import { isOnnx } from './given.js';
import { readOnnxFile } from './onnxFile.js';
import { loadWeightsFile } from './weightsFile.js';

/** What there is to compare: a network of the dump's size, its weights, and the activations that have a node. */
export interface Comparison extends PlacedDump {
  /** `source/name`. */
  readonly model: string;
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly input: Tensor;
}

/**
 * @param model a network's name; absent if the weights say which it is.
 * @throws WeightsError for a damaged file, or weights that are not the network's; InputError for a dump without `input`, without a tensor that has a
 * place, or with values that are not finite; ShapeError for a tensor of another shape than its module returns. All name file and tensor.
 */
export async function readComparison(dumpFile: string, model: string | undefined, weightsFile: string): Promise<Comparison> {
  if (model !== undefined) findModel(model); // first: a wrong name needs no files
  const tensors = await readTensors(dumpFile);
  if (isOnnx(weightsFile)) return ofOnnx(dumpFile, tensors, model, weightsFile);
  const { model: first, same, options, classes, weights } = await loadWeightsFile(weightsFile, model);

  const input = tensors.get('input');
  if (input === undefined) throw new InputError(`${dumpFile}: tensor input, the image, is missing`);
  const [batch, channels, height, width] = input.shape;
  if (input.shape.length !== 4 || channels !== 3)
    throw new ShapeError(`${dumpFile}: tensor input is no [N, 3, H, W]`, { found: input.shape });
  checkFinite(`${dumpFile}: tensor input`, input, InputError);
  const size = [height as number, width as number] as const;
  const candidates = naming(`${dumpFile}: tensor input`, () =>
    [first, ...same].map((id) => ({ model: id, graph: createModel(id, { ...options, batch: batch as number, size, classes }) })),
  );
  for (const [name, tensor] of weights) checkFinite(`${weightsFile}: tensor ${name}`, tensor, InputError);

  // the same network has other modules in other libraries: the dump's names tell whose it is
  const names = [...tensors.keys()].filter((name) => name !== 'input');
  const known = ({ graph }: { readonly graph: Graph }): number => names.filter((name) => runsOf(graph, name).length > 0).length;
  const best = candidates.reduce((most, one) => (known(one) > known(most) ? one : most));
  const placed = placeDump(best.graph, tensors, dumpFile, best.model);
  for (const { name, tensor } of placed.dumped) checkFinite(`${dumpFile}: tensor ${name}`, tensor, InputError);
  return { ...best, weights, input, ...placed };
}

/** The file is the network, and names its values. @throws as `readComparison` */
async function ofOnnx(
  dumpFile: string,
  tensors: ReadonlyMap<string, Tensor>,
  model: string | undefined,
  file: string,
): Promise<Comparison> {
  if (model !== undefined) throw new InputError(`an ONNX file is a network by itself: expected no model beside it, found ${model}`);
  const onnx = await readOnnxFile(file);
  const { graphOfOnnx } = await import('../onnx/index.js');
  const [given] = onnx.inputs;
  const input = tensors.get('input') ?? tensors.get(given?.name ?? 'input');
  if (input === undefined) throw new InputError(`${dumpFile}: tensor input, the image, is missing`);
  checkFinite(`${dumpFile}: tensor input`, input, InputError);
  const { graph, weights } = naming(`${file}, for ${dumpFile}`, () => graphOfOnnx(onnx, { input: input.shape }));
  const values = new Map([...tensors].filter(([name]) => name !== given?.name));
  const placed = placeDump(graph, values, dumpFile, file);
  for (const { name, tensor } of placed.dumped) checkFinite(`${dumpFile}: tensor ${name}`, tensor, InputError);
  return { model: file, graph, weights, input, ...placed };
}

async function readTensors(file: string): Promise<ReadonlyMap<string, Tensor>> {
  const bytes = await readBytes(file);
  return naming(file, () => loadSafetensors(bytes));
}
