import { Budget, heap } from '../io/budget.js';
import { type Field, ProtobufReader } from '../io/protobuf.js';
import { sourceOf } from '../io/source.js';
import type { OnnxBytes } from './external.js';
import { damaged, type Load, type OnnxReading, who } from './reading.js';
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
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** What takes a tensor's values into memory, of initializers and of attributes. */
  readonly loads: ReadonlyMap<object, Load>;
  readonly externalFiles: ReadonlySet<string>;
}

export interface OnnxNode {
  /** Its name, or else that of its first output. */
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  /** Names of values; an empty one stands for an input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** `other` is a graph, a sparse tensor or a type: nothing that our operators take. */
export type OnnxAttribute = number | string | readonly number[] | readonly string[] | OnnxTensor | 'other';

export interface OnnxValue {
  readonly name: string;
  /** TensorProto.DataType, 0 if unsaid. */
  readonly type: number;
  /** A text is a symbol, undefined an extent or a rank that is left open. */
  readonly shape: readonly (number | string | undefined)[] | undefined;
}

/** Of names in messages. */
const brief = (name: string): string => name.slice(0, 80);

/**
 * Values of tensors are passed over.
 *
 * @throws WeightsError for a damaged file, or one without a graph.
 */
export async function readProto(file: OnnxBytes): Promise<OnnxFile> {
  const source = sourceOf(file);
  const loads: OnnxReading['loads'] = new Map();
  const externalFiles = new Set<string>();
  const from: OnnxReading = { source, reader: new ProtobufReader(source), budget: new Budget(source.size), loads, externalFiles };
  let [ir, producer] = [0, ''];
  let graph: Omit<OnnxFile, 'ir' | 'producer' | 'opsets' | 'metadata' | 'loads' | 'externalFiles'> | undefined;
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  for await (const field of from.reader.fields(0, source.size)) {
    if (field.number === 1) ir = field.signed;
    else if (field.number === 2 && field.wire === 'bytes') producer = await from.reader.text(field);
    else if (field.number === 7 && field.wire === 'bytes') {
      if (graph !== undefined) throw damaged('expected one graph, found another');
      graph = await readGraph(from, field);
    } else if (field.number === 8 && field.wire === 'bytes') {
      const { domain, version } = await readOpset(from, field);
      opsets.set(domain === 'ai.onnx' ? '' : domain, version);
    } else if (field.number === 14 && field.wire === 'bytes' && field.end - field.begin <= longestSaid)
      metadata.set(...(await readEntry(from, field)));
  }
  if (graph === undefined) throw damaged('expected a graph, found none: is this an ONNX file?');
  return { ir, producer, opsets, metadata, loads, externalFiles, ...graph };
}

async function readOpset({ reader, budget }: OnnxReading, { begin, end }: Field) {
  let [domain, version] = ['', 0];
  budget.spend(heap.dict + heap.entry, who);
  for await (const field of reader.fields(begin, end)) {
    if (field.number === 1 && field.wire === 'bytes') domain = await reader.text(field);
    else if (field.number === 2) version = field.signed;
  }
  return { domain, version };
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

async function readGraph(from: OnnxReading, { begin, end }: Field) {
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
    else if (field.number === 15) throw damaged('expected dense initializers, found a sparse one');
  }
  return { nodes, initializers, inputs, outputs };
}

async function readNode(from: OnnxReading, { begin, end }: Field): Promise<OnnxNode> {
  const { reader, budget } = from;
  const text = counted(from);
  let [name, op, domain] = ['', '', ''];
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  budget.spend(heap.object + 2 * heap.element + 3 * heap.dict, who);
  for await (const field of reader.fields(begin, end)) {
    if (field.wire !== 'bytes') continue;
    if (field.number === 1) inputs.push(await text(field));
    else if (field.number === 2) outputs.push(await text(field));
    else if (field.number === 3) name = await text(field);
    else if (field.number === 4) op = await text(field);
    else if (field.number === 5) {
      const attribute = await readAttribute(from, field);
      budget.spend(heap.entry, who);
      if (attributes.has(attribute.name)) throw damaged(`node ${brief(name || op)}: two attributes are called ${brief(attribute.name)}`);
      attributes.set(attribute.name, attribute.value);
    } else if (field.number === 7) domain = await text(field);
  }
  return { name: name || outputs[0] || op, op, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes };
}

/** Reads a text and counts it. */
const counted =
  ({ reader, budget }: OnnxReading, most?: number) =>
  async (field: Field): Promise<string> => {
    budget.spend(heap.element + heap.text(field.end - field.begin), who);
    return reader.text(field, most);
  };

/** Number of the field in AttributeProto that holds each kind (AttributeProto.AttributeType). */
const kinds = { 1: 'f', 2: 'i', 3: 's', 4: 't', 6: 'floats', 7: 'ints', 8: 'strings' } as const;

async function readAttribute(from: OnnxReading, { begin, end }: Field): Promise<{ readonly name: string; readonly value: OnnxAttribute }> {
  const { reader, budget } = from;
  const text = counted(from);
  let [name, type] = ['', 0];
  const found: Partial<Record<number, OnnxAttribute>> = {};
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  budget.spend(2 * heap.object + 4 * heap.dict, who);
  for await (const field of reader.fields(begin, end)) {
    const { number, wire } = field;
    if (number === 1 && wire === 'bytes') name = await text(field);
    else if (number === 20 && wire === 'varint') type = field.value;
    else if (number === 2 && wire === 'fixed32') found[1] = (await floatsOf(from, field))[0] as number;
    else if (number === 3 && wire === 'varint') found[2] = field.signed;
    else if (number === 4 && wire === 'bytes') found[3] = await text(field);
    else if (number === 5 && wire === 'bytes') found[4] = await readTensor(from, field);
    else if (number === 7) floats.push(...(await floatsOf(from, field)));
    else if (number === 8) ints.push(...(wire === 'bytes' ? await reader.packed(field, 'signed') : [field.signed]));
    else if (number === 9 && wire === 'bytes') strings.push(await text(field));
    budget.spend(heap.element * (floats.length + ints.length > 0 ? (field.end - field.begin) / 2 + 1 : 0), who);
  }
  const lists: Readonly<Record<number, OnnxAttribute>> = { 6: floats, 7: ints, 8: strings };
  // before IR version 2 an attribute had no type: what it holds tells
  const kind = type in kinds ? type : Number(Object.keys(found)[0] ?? (floats.length > 0 ? 6 : strings.length > 0 ? 8 : 7));
  if (type !== 0 && !(type in kinds)) return { name, value: 'other' };
  const value = found[kind] ?? lists[kind] ?? ({ 1: 0, 2: 0, 3: '' } as const)[kind];
  if (value === undefined) throw damaged(`attribute ${brief(name)}: expected a value of its type ${type}, found none`);
  return { name, value };
}

async function floatsOf({ reader }: OnnxReading, field: Field): Promise<number[]> {
  const { wire, begin, end } = field;
  if ((wire !== 'bytes' && wire !== 'fixed32') || (end - begin) % 4 !== 0) throw damaged(`expected a list of floats at byte ${begin}`);
  const bytes = await reader.bytes(field);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
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
