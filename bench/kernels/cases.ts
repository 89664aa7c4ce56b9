import type { Graph } from '../../src/graph/graph.js';
import type { Node, NodeId } from '../../src/ops/op.js';
import type { Kernel } from '../../src/plan/abi.js';
import { stepLines } from '../../src/plan/print.js';
import { planOf } from '../../src/wasm/planOf.js';

/** A step of a network as a graph of its own: shapes come from the network, none is typed in. */
export interface Case {
  readonly name: string;
  readonly kernel: Kernel;
  readonly graph: Graph;
}

/** The largest step of each kernel and kind of convolution in the networks' plans, by multiply-adds, else by bytes. */
export function casesOf(networks: readonly Graph[]): readonly Case[] {
  const found = new Map<string, Case & { readonly size: number }>();
  for (const network of networks) {
    const plan = planOf(network, { algorithms: 'direct' });
    const lines = stepLines(network, plan);
    plan.steps.forEach(({ kernel, covers, macs }, i) => {
      // a squeeze of its own covers nothing: the mean after it completes the pool
      const nodes = kernel === 'squeeze' ? (plan.steps[i + 1]?.covers ?? []) : covers;
      const anchor = network.nodes[nodes[0] as NodeId];
      if (anchor === undefined) return;
      const kind = kernel === 'conv' ? `conv ${filterOf(network, anchor)}` : kernel;
      const size = macs > 0 ? macs : (lines[i]?.bytes ?? 0);
      const shape = (network.nodes[nodes.at(-1) as NodeId] as Node).shape.join('×');
      if (size > (found.get(kind)?.size ?? 0))
        found.set(kind, { name: `${kind} → ${shape}`, kernel, graph: isolate(network, nodes), size });
    });
  }
  return [...found.values()];
}

function filterOf({ nodes }: Graph, { op, inputs, attrs }: Node): string {
  if (op !== 'conv2d') return op;
  const [, , P, Q] = (nodes[inputs[1] as NodeId] as Node).shape;
  const { stride, groups } = attrs as Node<'conv2d'>['attrs'];
  return `${P}×${Q}${Math.max(...stride) > 1 ? ` stride ${stride[0]}` : ''}${groups > 1 ? ' grouped' : ''}`;
}

/** The nodes alone, with an input in the place of each value that comes from outside and the last node as `logits`. */
export function isolate(network: Graph, members: readonly NodeId[]): Graph {
  const nodes: Node[] = [];
  const renamed = new Map<NodeId, NodeId>();
  const add = (from: NodeId, node: Node): void => {
    renamed.set(from, nodes.length);
    nodes.push({ ...node, id: nodes.length });
  };
  for (const member of members) {
    const node = network.nodes[member] as Node;
    for (const id of node.inputs) {
      if (renamed.has(id)) continue;
      const operand = network.nodes[id] as Node;
      const outside = { id, op: 'input', inputs: [], attrs: { name: `value${id}`, shape: operand.shape }, shape: operand.shape } as const;
      add(id, operand.op === 'param' ? operand : outside);
    }
    add(member, { ...node, inputs: node.inputs.map((id) => renamed.get(id) as NodeId) } as Node);
  }
  const parameters = nodes.filter(({ op }) => op === 'param').map(({ id }) => id);
  return { nodes, outputs: new Map([['logits', nodes.length - 1]]), parameters };
}
