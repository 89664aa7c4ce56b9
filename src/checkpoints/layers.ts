import type { Graph } from '../graph/graph.js';
import type { LayerFacts } from '../io/torchLayers.js';
import type { Node } from '../ops/op.js';

/** Layers of a network that was saved whole, held against those of the network that has its tensors. */

/** The first layer that computes something else: its module, what it is in the file, and in the network; undefined if none does. */
export function otherLayer(
  layers: ReadonlyMap<string, LayerFacts>,
  { nodes }: Graph,
): { readonly module: string; readonly found: string; readonly expected: string } | undefined {
  if (layers.size === 0) return undefined;
  for (const node of nodes) {
    const weight = nodes[node.inputs[1] ?? -1];
    if (weight?.op !== 'param') continue;
    const module = weight.attrs.name.replace(/\.weight$/, '');
    const found = layers.get(module);
    if (found === undefined) continue;
    for (const [attribute, expected] of expectedOf(node)) {
      const said = found.get(attribute);
      // padding may be a word, which stands for one that keeps the extents
      if (said === undefined || said === expected || (attribute === 'padding' && !/^\d/.test(said))) continue;
      return { module, found: `${attribute} ${said}`, expected };
    }
  }
  return undefined;
}

/** In PyTorch's words. */
function expectedOf(node: Node): LayerFacts {
  if (node.op === 'batchNorm') return new Map([['eps', String(node.attrs.eps)]]);
  if (node.op !== 'conv2d') return new Map();
  const { stride, padding, dilation, groups } = node.attrs;
  const [top, right, bottom, left] = padding;
  return new Map([
    ['stride', stride.join(', ')],
    ...(top === bottom && left === right ? [['padding', `${top}, ${left}`] as const] : []),
    ['dilation', dilation.join(', ')],
    ['groups', String(groups)],
    ['padding_mode', 'zeros'],
  ]);
}
