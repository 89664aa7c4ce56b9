import { UnsupportedError } from '../errors.js';
import { heap } from '../io/budget.js';
import type { Field } from '../io/protobuf.js';
import {
  counted,
  type FunctionNode,
  isReference,
  type NodeReading,
  type OnnxAttribute,
  type OnnxNode,
  readAttribute,
  readFunctionNode,
  readOpset,
} from './node.js';
import { damaged, type OnnxReading, who } from './reading.js';

/** An operator that a file defines by nodes of its own (FunctionProto of onnx.proto), as exporters keep modules and operators of other libraries. */
export interface OnnxFunction {
  /** Of the operator: its domain, name and overload. */
  readonly key: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** What attributes are where a node does not have them. */
  readonly defaults: ReadonlyMap<string, OnnxAttribute>;
  readonly nodes: readonly FunctionNode[];
  /** Of the default domain; undefined if it uses none of its operators. */
  readonly opset: number | undefined;
}

const keyOf = ({ domain, op, overload }: Pick<OnnxNode, 'domain' | 'op' | 'overload'>): string =>
  JSON.stringify([domain, op, overload ?? '']);

export async function readFunction(from: NodeReading, { begin, end }: Field): Promise<OnnxFunction> {
  const { reader, budget } = from;
  const text = counted(from);
  let [op, domain, overload] = ['', '', ''];
  let opset: number | undefined;
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: FunctionNode[] = [];
  const defaults = new Map<string, OnnxAttribute>();
  budget.spend(2 * heap.object + 4 * heap.dict, who);
  for await (const field of reader.fields(begin, end)) {
    if (field.wire !== 'bytes') continue;
    if (field.number === 1) op = await text(field);
    else if (field.number === 4) inputs.push(await text(field));
    else if (field.number === 5) outputs.push(await text(field));
    else if (field.number === 7) nodes.push(await readFunctionNode(from, field));
    else if (field.number === 9) {
      const { domain: of, version } = await readOpset(from, field);
      if (of === '') opset = version;
    } else if (field.number === 10) domain = await text(field);
    else if (field.number === 11) {
      const { name, value } = await readAttribute(from, field);
      budget.spend(heap.entry, who);
      if (!isReference(value)) defaults.set(name, value);
    } else if (field.number === 13) overload = await text(field);
  }
  return { key: keyOf({ domain, op, overload }), inputs, outputs, defaults, nodes, opset };
}

/**
 * Nodes with those that call a function replaced by the function's own, as deep as they call one another. What these make is named behind the calling
 * node's first output, the nodes behind its name.
 *
 * @throws WeightsError for a function that calls itself, is called with more than it takes, or is defined twice, and for more nodes than are in proportion to the
 * file; UnsupportedError for one of another version of the default operators than the file's.
 */
export function inlined(
  nodes: readonly OnnxNode[],
  functions: readonly OnnxFunction[],
  opset: number | undefined,
  { budget }: Pick<OnnxReading, 'budget'>,
): readonly OnnxNode[] {
  const byKey = new Map(functions.map((each) => [each.key, each]));
  if (byKey.size < functions.length) throw damaged('two functions are of the same name');
  const result: OnnxNode[] = [];
  const visit = (node: OnnxNode, within: readonly OnnxFunction[]): void => {
    const called = byKey.get(keyOf(node));
    if (called === undefined) {
      result.push(node);
      return;
    }
    if (within.includes(called)) throw damaged(`node ${node.name.slice(0, 80)}: function ${node.op.slice(0, 80)} calls itself`);
    if (called.opset !== undefined && called.opset !== opset)
      throw new UnsupportedError(
        `${who}: node ${node.name.slice(0, 80)}: expected function ${node.op.slice(0, 80)} to be of operator set ${opset ?? 'none'}, as the file, found ${called.opset}`,
      );
    for (const inner of bodyOf(node, called, budget)) visit(inner, [...within, called]);
  };
  for (const node of nodes) visit(node, []);
  return result;
}

function bodyOf(node: OnnxNode, { inputs, outputs, defaults, nodes }: OnnxFunction, budget: OnnxReading['budget']): readonly OnnxNode[] {
  if (node.inputs.length > inputs.length || node.outputs.length > outputs.length)
    throw damaged(
      `node ${node.name.slice(0, 80)}: expected ${inputs.length} inputs and ${outputs.length} outputs at most, as its function has`,
    );
  const prefix = node.outputs.find((name) => name !== '') ?? node.name;
  const names = new Map<string, string>();
  for (const [i, name] of inputs.entries()) names.set(name, node.inputs[i] ?? '');
  for (const [i, name] of outputs.entries()) if (node.outputs[i]) names.set(name, node.outputs[i]);
  const nameOf = (name: string): string => (name === '' ? '' : (names.get(name) ?? `${prefix}/${name}`));
  // an output may be an input as it is: outputs were named last
  const forwarded = outputs.flatMap((name, i): OnnxNode[] => {
    const at = inputs.indexOf(name);
    const [from, to] = [node.inputs[at], node.outputs[i]];
    if (at < 0 || !from || !to) return [];
    names.set(name, from);
    return [
      { name: to, op: 'Identity', domain: '', inputs: [from], outputs: [to], attributes: new Map(), ...(node.when && { when: node.when }) },
    ];
  });
  const body = nodes.map((inner): OnnxNode => {
    const [made, read] = [inner.outputs.map(nameOf), inner.inputs.map(nameOf)];
    const name = `${node.name}/${inner.name}`;
    budget.spend(heap.object + 3 * heap.dict + heap.text(name.length) + heap.element * (made.length + read.length), who);
    for (const each of made) budget.spend(heap.text(each.length), who);
    const attributes = new Map<string, OnnxAttribute>();
    for (const [key, value] of inner.attributes) {
      const given = isReference(value) ? (node.attributes.get(value.of) ?? defaults.get(value.of)) : value;
      budget.spend(heap.entry, who);
      if (given !== undefined) attributes.set(key, given);
    }
    return { ...inner, ...(node.when && { when: node.when }), name, inputs: read, outputs: made, attributes };
  });
  return [...body, ...forwarded];
}
