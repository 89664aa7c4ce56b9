import { heap } from '../io/budget.js';
import type { Field } from '../io/protobuf.js';
import { sourceOf } from '../io/source.js';
import type { OnnxBytes } from './external.js';
import type { OnnxFunction } from './functions.js';
import { counted, type NodeReading, type OnnxNode, readNode, readOpset } from './node.js';
import { damaged, type Load, type OnnxReading, readingOf, who } from './reading.js';
import { type OnnxTensor, readTensor } from './tensor.js';

/** An ONNX file (ModelProto of onnx.proto, field numbers as there) as plain data. Nothing of it is checked but its form. */
export interface OnnxFile {
  readonly ir: number;
  readonly producer: string;
  /** Versions of operator sets by domain; `ai.onnx` is the empty one. */
  readonly opsets: ReadonlyMap<string, number>;
  /** What it says of itself: `metadata_props`. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly nodes: readonly OnnxNode[];
  /** The values that its own nodes make, where they were replaced by others. */
  readonly ownValues?: ReadonlySet<string>;
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** What takes a tensor's values into memory, of initializers and of attributes. */
  readonly loads: ReadonlyMap<object, Load>;
  readonly externalFiles: ReadonlySet<string>;
}

export interface OnnxValue {
  readonly name: string;
  /** TensorProto.DataType, 0 if unsaid. */
  readonly type: number;
  /** A text is a symbol, undefined an extent or a rank that is left open. */
  readonly shape: readonly (number | string | undefined)[] | undefined;
}

/**
 * Values of tensors are passed over; functions that the file defines, branches, and operators of onnxruntime's own are replaced by ONNX's nodes.
 *
 * @throws WeightsError for a damaged file, or one without a graph.
 */
export async function readProto(file: OnnxBytes): Promise<OnnxFile> {
  const source = sourceOf(file);
  const readSparse: NodeReading['readSparse'] = async (...sparse) => (await import('./rules/rarer.js')).readSparse(...sparse);
  const readBranch: NodeReading['readBranch'] = async (...branch) => (await import('./rules/rarer.js')).readBranch(...branch);
  const from = { ...readingOf(source), readSparse, readBranch };
  const { loads, externalFiles } = from;
  let [ir, producer] = [0, ''];
  let graph: Omit<OnnxFile, 'ir' | 'producer' | 'opsets' | 'metadata' | 'loads' | 'externalFiles'> | undefined;
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  const functions: OnnxFunction[] = [];
  for await (const field of from.reader.fields(0, source.size)) {
    if (field.number === 1) ir = field.signed;
    else if (field.number === 2 && field.wire === 'bytes') producer = await from.reader.text(field);
    else if (field.number === 7 && field.wire === 'bytes') {
      if (graph !== undefined) throw damaged('expected one graph, found another');
      graph = await readGraph(from, field);
    } else if (field.number === 8 && field.wire === 'bytes') {
      const { domain, version } = await readOpset(from, field);
      opsets.set(domain, version);
    } else if (field.number === 14 && field.wire === 'bytes' && field.end - field.begin <= longestSaid)
      metadata.set(...(await readEntry(from, field)));
    else if (field.number === 25 && field.wire === 'bytes')
      functions.push(await (await import('./rules/rarer.js')).readFunction(from, field));
  }
  if (graph === undefined) throw damaged('expected a graph, found none: is this an ONNX file?');
  const read = { ir, producer, opsets, metadata, loads, externalFiles, ...graph };
  if (graph.nodes.every(({ domain, op }) => domain === '' && op !== 'If') && functions.length === 0) return read;
  const { plainNodes } = await import('./rules/rarer.js');
  const ownValues = new Set(graph.nodes.flatMap((node) => node.outputs));
  return { ...read, ...plainNodes(graph, functions, opsets.get(''), from), ownValues };
}

/** Names of a thousand classes are longer than a name. What is longer still is passed over. */
const longestSaid = 2 ** 20;

async function readEntry(from: OnnxReading, { begin, end }: Field): Promise<readonly [key: string, value: string]> {
  const text = counted(from, longestSaid);
  let [key, value] = ['', ''];
  from.budget.spend(heap.entry, who);
  for await (const field of from.reader.fields(begin, end))
    if (field.number === 1 && field.wire === 'bytes') key = await text(field);
    else if (field.number === 2 && field.wire === 'bytes') value = await text(field);
  return [key, value];
}

async function readGraph(from: NodeReading, { begin, end }: Field) {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  for await (const field of from.reader.fields(begin, end)) {
    if (field.wire !== 'bytes') continue;
    if (field.number === 1) nodes.push(await readNode(from, field));
    else if (field.number === 5) initializers.push(await readTensor(from, field));
    else if (field.number === 11) inputs.push(await readValue(from, field));
    else if (field.number === 12) outputs.push(await readValue(from, field));
    else if (field.number === 15) initializers.push(await from.readSparse(from, field));
  }
  return { nodes, initializers, inputs, outputs };
}

async function readValue(from: OnnxReading, { begin, end }: Field): Promise<OnnxValue> {
  const { reader, budget } = from;
  const text = counted(from);
  let [name, type] = ['', 0];
  let shape: (number | string | undefined)[] | undefined;
  budget.spend(heap.object + heap.dict, who);
  for await (const field of reader.fields(begin, end)) {
    if (field.number === 1 && field.wire === 'bytes') name = await text(field);
    if (field.number !== 2 || field.wire !== 'bytes') continue;
    for await (const kind of reader.fields(field.begin, field.end)) {
      if (kind.number !== 1 || kind.wire !== 'bytes') continue; // no tensor: a sequence or a map
      for await (const part of reader.fields(kind.begin, kind.end)) {
        if (part.number === 1 && part.wire === 'varint') type = part.value;
        else if (part.number === 2 && part.wire === 'bytes') shape = await readExtents(from, part);
      }
    }
  }
  return { name, type, shape };
}

async function readExtents(from: OnnxReading, { begin, end }: Field): Promise<(number | string | undefined)[]> {
  const shape: (number | string | undefined)[] = [];
  for await (const field of from.reader.fields(begin, end)) {
    if (field.number !== 1 || field.wire !== 'bytes') continue;
    let extent: number | string | undefined;
    for await (const part of from.reader.fields(field.begin, field.end))
      if (part.number === 1 && part.wire === 'varint') extent = part.signed;
      else if (part.number === 2 && part.wire === 'bytes') extent = await counted(from)(part);
    from.budget.spend(heap.element, who);
    shape.push(extent);
  }
  return shape;
}
