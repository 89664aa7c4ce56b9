import { bfloat16, float16, type Narrow } from '../bound/bound.js';
import { checkFinite, type PlacedDump, placeDump } from '../bound/compare.js';
import { dictsOf, plainNames } from '../checkpoints/state.js';
import { InputError, naming, ShapeError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { runsOf } from '../graph/modules.js';
import { type DtypeName, dtypes } from '../io/dtype.js';
import type { StateDict } from '../io/tensorFile.js';
import { createModel, findModel } from '../models/index.js';
import type { Tensor } from '../tensor.js';
import { isOnnx } from './given.js';
import { readOnnxFile } from './onnxFile.js';
import { loadWeightsFile, withCheckpoint } from './weightsFile.js';

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
  if (isOnnx(weightsFile)) return ofOnnx(dumpFile, model, weightsFile);
  const dump = inBatches(await readDump(dumpFile, plainNames));
  const { tensors } = dump;
  const { model: first, same, options, classes, weights } = await loadWeightsFile(weightsFile, model);

  const input = inputOf(dumpFile, dump, ['input']);
  const [batch, channels, height, width] = input.shape;
  if (input.shape.length !== 4 || channels !== 3)
    throw new ShapeError(`${dumpFile}: tensor input is no [N, 3, H, W]${width === 3 ? ': its channels are last, transpose them' : ''}`, {
      found: input.shape,
    });
  checkFinite(`${dumpFile}: tensor input`, input, InputError);
  const size = [height as number, width as number] as const;
  const candidates = naming(`${dumpFile}: tensor input`, () =>
    [first, ...same].map((id) => ({ model: id, graph: createModel(id, { ...options, batch: batch as number, size, classes }) })),
  );
  for (const [name, tensor] of weights) checkFinite(`${weightsFile}: tensor ${name}`, tensor, InputError);

  // the same network has other modules in other libraries: the dump's names tell whose it is
  const [best, ...others] = candidates.map((one) => ({ ...one, ...likeliestRoot(one.graph, tensors) }));
  const { model: id, graph, root } = others.reduce((most, one) => (one.known > most.known ? one : most), best as NonNullable<typeof best>);
  const placed = placeFinite(graph, dump, below(root, tensors), dumpFile, id);
  return { model: id, graph, weights, input, ...placed };
}

/** The module of the dumped program that the network is, with its dot, by the most names that are modules of the network below it; and how many. */
function likeliestRoot(graph: Graph, tensors: Dump['tensors']): { readonly root: string; readonly known: number } {
  const known = new Map([['', 0]]);
  for (const name of tensors.keys())
    for (let begin = 0, depth = 0; depth < deepest && (begin > 0 || depth === 0); depth++) {
      const root = name.slice(0, begin);
      if (name !== 'input' && runsOf(graph, name.slice(begin)).length > 0) known.set(root, (known.get(root) ?? 0) + 1);
      begin = name.indexOf('.', begin) + 1;
    }
  return [...known].map(([root, count]) => ({ root, known: count })).reduce((most, one) => (one.known > most.known ? one : most));
}

/** Modules of a program that may lie around a network. */
const deepest = 8;

/** Names as the network has them; what lies beside it keeps its own. */
const below = (root: string, tensors: Dump['tensors']): Dump['tensors'] =>
  new Map(
    [...tensors].map(([name, tensor]) => {
      const inside = name.slice(root.length);
      return [root !== '' && name.startsWith(root) && !tensors.has(inside) ? inside : name, tensor];
    }),
  );

/** @throws as `placeDump`; InputError for values that are not finite */
function placeFinite(graph: Graph, { narrow }: Dump, tensors: Dump['tensors'], from: string, network: string): PlacedDump {
  const placed = placeDump(graph, tensors, from, network);
  for (const { name, tensor } of placed.dumped) checkFinite(`${from}: tensor ${name}`, tensor, InputError);
  return { ...placed, dumped: placed.dumped.map((one) => ({ ...one, narrow })) };
}

/** A dump of one image may have its tensors without N: [3, H, W] is [1, 3, H, W], and so are all. */
function inBatches(dump: Dump): Dump {
  if (dump.tensors.get('input')?.shape.length !== 3) return dump;
  return { ...dump, tensors: new Map([...dump.tensors].map(([name, { shape, data }]) => [name, { shape: [1, ...shape], data }])) };
}

/** The file is the network, and names its values. @throws as `readComparison` */
async function ofOnnx(dumpFile: string, model: string | undefined, file: string): Promise<Comparison> {
  if (model !== undefined) throw new InputError(`an ONNX file is a network by itself: expected no model beside it, found ${model}`);
  const onnx = await readOnnxFile(file);
  const { graphOfOnnx } = await import('../onnx/index.js');
  const [given] = onnx.inputs;
  const dump = await readDump(dumpFile, ownNames);
  const input = inputOf(dumpFile, dump, ['input', ...(given ? [given.name] : [])]);
  checkFinite(`${dumpFile}: tensor input`, input, InputError);
  const { graph, weights } = naming(`${file}, for ${dumpFile}`, () => graphOfOnnx(onnx, { input: input.shape }));
  const values = new Map([...dump.tensors].filter(([name]) => name !== given?.name));
  const placed = placeFinite(graph, dump, values, dumpFile, file);
  return { model: file, graph, weights, input, ...placed };
}

/** What a dump holds, as the graph's program computed it. */
interface Dump {
  /** Floating-point values, by the names of their modules. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Of the others, which are passed over, how each is stored. */
  readonly passedOver: ReadonlyMap<string, string>;
  /** The coarsest that any is stored in, if not in float32. */
  readonly narrow: Narrow | undefined;
}

const ownNames = ({ tensors }: StateDict): ReadonlyMap<string, string> => new Map([...tensors.keys()].map((name) => [name, name]));

/** Every tensor of a file of any format, in whichever of its dictionaries it lies; `namesOf` says what is called how, and how the file has it. */
const readDump = (file: string, namesOf: (dict: StateDict) => ReadonlyMap<string, string>): Promise<Dump> =>
  withCheckpoint(file, async (checkpoint) => {
    const tensors = new Map<string, Tensor>();
    const passedOver = new Map<string, string>();
    let narrow: Narrow | undefined;
    for (const dict of dictsOf(checkpoint))
      for (const [name, written] of namesOf(dict)) {
        const stored = dict.tensors.get(written);
        if (stored === undefined) continue;
        if (tensors.has(name)) throw new InputError(`${file}: tensor ${name}: expected it once, found it in several dictionaries`);
        if (dtypes[stored.dtype as DtypeName]?.read === undefined) passedOver.set(name, stored.dtype);
        else tensors.set(name, await stored.read());
        const stores = stored.dtype === 'BF16' ? bfloat16 : stored.dtype === 'F16' ? float16 : undefined;
        if (stores && !(narrow && narrow.u > stores.u)) narrow = stores;
      }
    return { tensors, passedOver, narrow };
  });

/** @throws InputError that says what lies in its place, or what may be meant */
function inputOf(file: string, { tensors, passedOver }: Dump, names: readonly string[]): Tensor {
  for (const name of names) {
    const found = tensors.get(name);
    if (found !== undefined) return found;
    if (passedOver.has(name))
      throw new InputError(`${file}: tensor ${name}, the image: expected floating-point values, found ${passedOver.get(name)}`);
  }
  const [like] = [...tensors].find(([, { shape }]) => shape.length === 4 && shape[1] === 3) ?? [];
  throw new InputError(`${file}: tensor input, the image, is missing${like === undefined ? '' : `; if it is ${like}, call that input`}`);
}
