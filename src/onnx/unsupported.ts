import { UnsupportedError } from '../errors.js';

/** A node that cannot be expressed. */
export interface UnsupportedNode {
  readonly node: string;
  readonly op: string;
  readonly opset: number;
  readonly reason: string;
}

/** All nodes of a file that cannot be expressed, at once. */
export class UnsupportedNodesError extends UnsupportedError {
  readonly nodes: readonly UnsupportedNode[];
  constructor(nodes: readonly UnsupportedNode[]) {
    super(`onnx: ${nodes.length === 1 ? 'a node' : `${nodes.length} nodes`} cannot be expressed: ${grouped(nodes).join('; ')}`);
    this.nodes = nodes;
  }
}

/** Nodes of one operator and one reason stand together. */
function grouped(nodes: readonly UnsupportedNode[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { node, op, opset, reason } of nodes) {
    const key = `${op} of operator set ${opset} (${reason})`;
    const names = groups.get(key);
    if (names === undefined) groups.set(key, [node.slice(0, 80)]);
    else names.push(node.slice(0, 80));
  }
  return [...groups].map(([key, names]) => `${key}: ${names.join(', ')}`);
}
