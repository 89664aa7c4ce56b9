import { InputError, UnsupportedError, WeightsError } from '../../errors.js';
import { checkGraph } from '../../graph/check.js';
import { checkTensors, parameterOf } from '../../graph/evaluate.js';
import type { Graph } from '../../graph/graph.js';
import { checkKnown, type Keys } from '../../graph/known.js';
import { concat } from '../../io/concat.js';
import { halvesFromFloats } from '../../io/half.js';
import { encodeFloats } from '../../io/safetensors.js';
import type { Node } from '../../ops/op.js';
import { isReadable, kindOf, type ReadableTensor, type Shape, shown, sizeOf, type Tensor } from '../../tensor.js';
import { writtenGraph } from './nodes.js';
import { integerBytes } from './quantised.js';
import type { FilePart } from './wire.js';
import { dataTypes, irVersions, partsOf, type WrittenNode, type WrittenOpset, type WrittenTensor } from './written.js';

export interface ToOnnxOptions {
  /** The operator set, from 13 to 21. @defaultValue 17 */
  readonly opset?: number;
  /**
   * How weights are stored. `F16` rounds those of convolutions and fully connected layers to half precision, each once, and keeps vectors; the network still
   * takes, computes and gives float32. A quantised network's integers stay as they are.
   *
   * @defaultValue `F32`
   */
  readonly dtype?: 'F32' | 'F16';
  /** Texts by key about the file, which `readOnnx` gives back. @defaultValue none */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A network and its weights as an ONNX file. Outputs are named as the graph's, other values as the modules that return them.
 *
 * @throws WeightsError for a missing or misshapen weight, or one that is more than float16 holds; UnsupportedError for an op that the operator set cannot
 * express; InputError for options that are none; PlanError and ShapeError for what is no graph.
 */
export async function toOnnx(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor | ReadableTensor>,
  options: ToOnnxOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for await (const piece of onnxPieces(graph, weights, options)) pieces.push(piece);
  return concat(pieces);
}

/** The same in pieces, one behind the other: weights of an open file are read one at a time, so that the file never is in memory. @throws as `toOnnx` */
export async function* onnxPieces(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor | ReadableTensor>,
  options: ToOnnxOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { opset, dtype, metadata } = checked(options);
  checkGraph(graph);
  checkTensors(weights as ReadonlyMap<string, Tensor>);
  const valuesOf = async ({ attrs: { name, shape }, integers }: Node<'param'>): Promise<Tensor> => {
    const given = weights.get(name);
    return parameterOf(new Map(given === undefined ? [] : [[name, isReadable(given) ? await given.read() : given]]), name, shape, integers);
  };
  const casts: WrittenNode[] = [];
  const parameters = graph.parameters.map((id) => graph.nodes[id] as Node<'param'>);
  const initializers = parameters.map((node): WrittenTensor => {
    const { name, shape, dtype: whole } = node.attrs;
    if (!isReadable(weights.get(name))) parameterOf(weights as ReadonlyMap<string, Tensor>, name, shape, node.integers); // before anything is written
    const data = (bytes: number, as: (tensor: Tensor) => Uint8Array): FilePart => later(shape, bytes, async () => as(await valuesOf(node)));
    if (whole !== undefined)
      return { name, shape, type: whole, data: data(whole === 'int32' ? 4 : 1, (tensor) => integerBytes(whole, tensor.data)) };
    const isHalf = dtype === 'F16' && shape.length > 1;
    if (!isHalf) return { name, shape, type: 'float', data: data(4, (tensor) => encodeFloats(tensor.data)) };
    const stored = `${name}${halfSuffix}`;
    casts.push({ op: 'Cast', inputs: [stored], outputs: [name], attributes: { to: dataTypes.float } });
    return { name: stored, shape, type: 'float16', data: data(2, (tensor) => halves(name, tensor)) };
  });
  const named = new Map(parameters.map((node) => [node.attrs.name, node]));
  const { nodes, constants, inputs, outputs } = writtenGraph(graph, opset, (name) => valuesOf(named.get(name) as Node<'param'>));
  const model = { opset, nodes: [...casts, ...nodes], initializers: [...initializers, ...constants], inputs, outputs, metadata };
  for (const part of partsOf(model)) yield 'read' in part ? await part.read() : part;
}

/** Of a tensor that is stored in half precision; under its own name it is a float32. */
const halfSuffix = '.half';

const later = (shape: Shape, bytes: number, read: () => Promise<Uint8Array>): FilePart => ({ length: bytes * sizeOf(shape), read });

/** @throws WeightsError for a finite value that would become infinite */
function halves(name: string, { data, shape }: Tensor): Uint8Array {
  const rounded = halvesFromFloats(data);
  const at = rounded.findIndex((bits, i) => (bits & 0x7fff) === 0x7c00 && Number.isFinite(data[i]));
  if (at >= 0)
    throw new WeightsError(`tensor ${name} holds ${data[at]} at index ${at}, more than float16 holds`, { tensor: name, shapes: { shape } });
  return new Uint8Array(rounded.buffer);
}

function checked(options: ToOnnxOptions): Required<Omit<ToOnnxOptions, 'opset'>> & { readonly opset: WrittenOpset } {
  checkKnown('toOnnx', options, { opset: true, dtype: true, metadata: true } satisfies Keys<ToOnnxOptions>);
  const { opset = 17, dtype = 'F32', metadata = {} } = options;
  if (!Object.hasOwn(irVersions, opset)) throw new UnsupportedError(`ONNX is written in operator sets 13 to 21, not ${shown(opset)}`);
  if (dtype !== 'F32' && dtype !== 'F16') throw new InputError(`weights are written as F32 or F16, not ${shown(dtype)}`);
  if (kindOf(metadata) !== 'Object' || !Object.values(metadata).every((value) => typeof value === 'string'))
    throw new InputError(`metadata are texts by key, not ${kindOf(metadata)}`);
  return { opset: opset as WrittenOpset, dtype, metadata };
}
