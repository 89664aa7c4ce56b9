import { heap } from '../io/budget.js';
import type { Field } from '../io/protobuf.js';
import { damaged, type OnnxReading, who } from './reading.js';
import { type OnnxTensor, readTensor } from './tensor.js';

/** Nodes of ONNX (NodeProto and AttributeProto of onnx.proto, field numbers as there), as graphs and functions have them. */

/** With what reads sparse tensors, which is loaded when there is one. */
export interface NodeReading extends OnnxReading {
  readonly readSparse: (from: OnnxReading, field: Field) => Promise<OnnxTensor>;
  /** The same of graphs that are attributes. */
  readonly readBranch: (from: NodeReading, field: Field) => Promise<OnnxBranch>;
  /** In how many of them. @defaultValue 0 */
  readonly within?: number;
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
  /** Which of the file's functions of that name it calls, if it calls one. */
  readonly overload?: string;
  /** Of a node in a branch: it is computed only where each condition, a value, is so. */
  readonly when?: readonly { readonly condition: string; readonly is: boolean }[];
}

/** A graph that is an attribute: what an If chooses from. */
export interface OnnxBranch {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly outputs: readonly string[];
}

export const isBranch = (value: OnnxAttribute | undefined): value is OnnxBranch => typeof value === 'object' && 'nodes' in value;

/** A node of a function: its attributes may be those of the node that calls it, by their names. */
export interface FunctionNode extends Omit<OnnxNode, 'attributes'> {
  readonly attributes: ReadonlyMap<string, OnnxAttribute | AttributeOf>;
}

interface AttributeOf {
  readonly of: string;
}

export const isReference = (value: OnnxAttribute | AttributeOf): value is AttributeOf => typeof value === 'object' && 'of' in value;

/** `other` is a type or a list of graphs: nothing that our operators take. */
export type OnnxAttribute = number | string | readonly number[] | readonly string[] | OnnxTensor | OnnxBranch | 'other';

/** Of names in messages. */
const brief = (name: string): string => name.slice(0, 80);

export async function readOpset(
  { reader, budget }: OnnxReading,
  { begin, end }: Field,
): Promise<{ readonly domain: string; readonly version: number }> {
  let [domain, version] = ['', 0];
  budget.spend(heap.dict + heap.entry, who);
  for await (const field of reader.fields(begin, end)) {
    if (field.number === 1 && field.wire === 'bytes') domain = await reader.text(field);
    else if (field.number === 2) version = field.signed;
  }
  return { domain: domain === 'ai.onnx' ? '' : domain, version };
}

/** Of a graph. @throws WeightsError for an attribute of a node that calls it: none does */
export async function readNode(from: NodeReading, field: Field): Promise<OnnxNode> {
  const node = await readFunctionNode(from, field);
  for (const [name, value] of node.attributes)
    if (isReference(value))
      throw damaged(`node ${brief(node.name)}: attribute ${brief(name)} is that of a function's caller, and there is none`);
  return node as OnnxNode;
}

export async function readFunctionNode(from: NodeReading, { begin, end }: Field): Promise<FunctionNode> {
  const { reader, budget } = from;
  const text = counted(from);
  let [name, op, domain, overload] = ['', '', '', ''];
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute | AttributeOf>();
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
    else if (field.number === 8) overload = await text(field);
  }
  const node = { name: name || outputs[0] || op, op, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes };
  return overload === '' ? node : { ...node, overload };
}

/** Reads a text and counts it. */
export const counted =
  ({ reader, budget }: OnnxReading, most?: number) =>
  async (field: Field): Promise<string> => {
    budget.spend(heap.element + heap.text(field.end - field.begin), who);
    return reader.text(field, most);
  };

/** Number of the field in AttributeProto that holds each kind (AttributeProto.AttributeType). */
const kinds = { 1: 'f', 2: 'i', 3: 's', 4: 't', 5: 'g', 6: 'floats', 7: 'ints', 8: 'strings', 11: 'sparse_tensor' } as const;

export async function readAttribute(
  from: NodeReading,
  { begin, end }: Field,
): Promise<{ readonly name: string; readonly value: OnnxAttribute | AttributeOf }> {
  const { reader, budget } = from;
  const text = counted(from);
  let [name, type, of] = ['', 0, ''];
  const found: Partial<Record<number, OnnxAttribute>> = {};
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  budget.spend(2 * heap.object + 4 * heap.dict, who);
  for await (const field of reader.fields(begin, end)) {
    const { number, wire } = field;
    if (number === 1 && wire === 'bytes') name = await text(field);
    else if (number === 20 && wire === 'varint') type = field.value;
    else if (number === 21 && wire === 'bytes') of = await text(field);
    else if (number === 2 && wire === 'fixed32') found[1] = (await floatsOf(from, field))[0] as number;
    else if (number === 3 && wire === 'varint') found[2] = field.signed;
    else if (number === 4 && wire === 'bytes') found[3] = await text(field);
    else if (number === 5 && wire === 'bytes') found[4] = await readTensor(from, field);
    else if (number === 6 && wire === 'bytes') found[5] = await from.readBranch(from, field);
    else if (number === 7) floats.push(...(await floatsOf(from, field)));
    else if (number === 8) ints.push(...(wire === 'bytes' ? await reader.packed(field, 'signed') : [field.signed]));
    else if (number === 9 && wire === 'bytes') strings.push(await text(field));
    else if (number === 22 && wire === 'bytes') found[11] = await from.readSparse(from, field);
    budget.spend(heap.element * (floats.length + ints.length > 0 ? (field.end - field.begin) / 2 + 1 : 0), who);
  }
  if (of !== '') return { name, value: { of } };
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
