import { heap } from '../io/budget.js';
import type { Field } from '../io/protobuf.js';
import { counted, isBranch, type NodeReading, type OnnxBranch, type OnnxNode, readNode } from './node.js';
import { damaged, type OnnxReading, who } from './reading.js';
import { type OnnxTensor, readTensor } from './tensor.js';

/** Branches within branches that are read: each is a call within a call. */
const mostWithin = 16;

/** A graph that is an attribute (GraphProto of onnx.proto). Its nodes read the values around it by their names. */
export async function readBranch(from: NodeReading, { begin, end }: Field): Promise<OnnxBranch> {
  const within = (from.within ?? 0) + 1;
  if (within > mostWithin) throw damaged(`graphs within graphs are read ${mostWithin} deep`);
  const inner = { ...from, within };
  const text = counted(from);
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const outputs: string[] = [];
  from.budget.spend(2 * heap.object + 3 * heap.dict, who);
  for await (const field of from.reader.fields(begin, end)) {
    if (field.wire !== 'bytes') continue;
    if (field.number === 1) nodes.push(await readNode(inner, field));
    else if (field.number === 5) initializers.push(await readTensor(from, field));
    else if (field.number === 15) initializers.push(await from.readSparse(from, field));
    else if (field.number === 12)
      for await (const part of from.reader.fields(field.begin, field.end))
        if (part.number === 1 && part.wire === 'bytes') outputs.push(await text(part));
  }
  return { nodes, initializers, outputs };
}

/** A graph's nodes and initializers, without branches. */
export interface Unfolded {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
}

/**
 * Nodes with both branches of each If before it, under names of their own. What they compute is computed only where the condition is theirs; the If, whose inputs
 * are then the condition and the outputs of both, chooses.
 */
export function unfolded(nodes: readonly OnnxNode[], from: Pick<OnnxReading, 'budget' | 'loads'>): Unfolded {
  const all: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  for (const node of nodes) {
    const [then, otherwise] = [node.attributes.get('then_branch'), node.attributes.get('else_branch')];
    const fits = (branch: typeof then): branch is OnnxBranch => isBranch(branch) && branch.outputs.length === node.outputs.length;
    if (node.op !== 'If' || node.domain !== '' || !fits(then) || !fits(otherwise)) {
      all.push(node);
      continue;
    }
    const condition = node.inputs[0] ?? '';
    const chosen = ([then, otherwise] as const).map((branch, i) => {
      const is = i === 0;
      const own = renamed(branch, `${node.outputs.find((name) => name !== '') ?? node.name}/${is ? 'then' : 'else'}`, from);
      all.push(...own.nodes.map((inner) => ({ ...inner, when: [...(inner.when ?? []), { condition, is }] })));
      initializers.push(...own.initializers);
      return own.outputs;
    });
    all.push({ ...node, inputs: [condition, ...chosen.flat()], attributes: new Map() });
  }
  return { nodes: all, initializers };
}

/** Values of a branch behind a name that no other has: branches may use the same. */
function renamed(branch: OnnxBranch, prefix: string, from: Pick<OnnxReading, 'budget' | 'loads'>): OnnxBranch {
  const { nodes, initializers } = unfolded(branch.nodes, from);
  const tensors = [...branch.initializers, ...initializers];
  const own = new Set([...tensors.map(({ name }) => name), ...nodes.flatMap(({ outputs }) => outputs)]);
  const nameOf = (name: string): string => {
    if (name === '' || !own.has(name)) return name;
    from.budget.spend(heap.element + heap.text(prefix.length + name.length), who);
    return `${prefix}/${name}`;
  };
  return {
    nodes: nodes.map(({ when, ...node }) => {
      from.budget.spend(heap.object + 3 * heap.dict, who);
      return {
        ...node,
        inputs: node.inputs.map(nameOf),
        outputs: node.outputs.map(nameOf),
        ...(when && { when: when.map(({ condition, is }) => ({ condition: nameOf(condition), is })) }),
      };
    }),
    initializers: tensors.map((tensor) => {
      const again = { ...tensor, name: nameOf(tensor.name) };
      const load = from.loads.get(tensor);
      if (load !== undefined) from.loads.set(again, load);
      return again;
    }),
    outputs: branch.outputs.map(nameOf),
  };
}
