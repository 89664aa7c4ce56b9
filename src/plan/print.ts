import type { Graph } from '../graph/graph.js';
import type { Node } from '../ops/op.js';
import { sizeOf } from '../tensor.js';
import { packingSize } from './pack.js';
import { liveBytes } from './place.js';
import type { Arg, Plan, Step } from './plan.js';

/** A step as a person reads it. */
export interface PlanLine {
  readonly kernel: string;
  /** `rows × columns` of the register tile, for matrix products. */
  readonly tile: string;
  /** The ops that the step covers. */
  readonly ops: string;
  /** The parameter that names its first layer, without `.weight`. */
  readonly layer: string;
  /** Shapes, logical. */
  readonly from: string;
  readonly to: string;
  readonly macs: number;
  /** Bytes of the buffers and packed weights that the step names, each once. */
  readonly bytes: number;
}

/** One line a step, in order. */
export function stepLines(graph: Graph, plan: Plan): readonly PlanLine[] {
  const nodeOf = (id: number): Node => graph.nodes[id] as Node;
  const shown = (node: Node | undefined): string => (node === undefined ? '' : node.shape.join('×'));
  return plan.steps.map((step) => {
    const nodes = step.covers.map(nodeOf);
    const inputs = nodes[0]?.inputs.map(nodeOf) ?? [];
    const weight = inputs.find((node): node is Node<'param'> => node.op === 'param');
    return {
      kernel: step.kernel,
      tile: step.kernel === 'conv' || step.kernel === 'conv8' ? `${plan.target.tile.rows}×${plan.target.tile.columns}` : '',
      ops: nodes.map(({ op }) => op).join(' '),
      layer: weight?.attrs.name.replace(/\.weight$/, '') ?? '',
      from: shown(inputs.find(({ op }) => op !== 'param')),
      to: shown(nodes.at(-1)),
      macs: step.macs,
      bytes: bytesOf(step, plan),
    };
  });
}

/** What a session of the plan holds, in bytes. */
export interface PlanBytes {
  /** Packed weights and tables. */
  readonly weights: number;
  /** The parameters as a checkpoint holds them, in float32. */
  readonly checkpoint: number;
  readonly arena: number;
  /** The least arena that any placement could have. */
  readonly leastArena: number;
}

export function planBytes({ parameters, nodes }: Graph, plan: Plan): PlanBytes {
  const weights = [...plan.weights.values()].reduce((sum, packing) => sum + packingSize(packing) * 4, 0);
  const checkpoint = parameters.reduce((sum, id) => sum + sizeOf((nodes[id] as Node).shape) * 4, 0);
  return { weights, checkpoint, arena: plan.arenaBytes, leastArena: liveBytes(plan) };
}

/** As a person reads it. */
export function memoryText({ weights, checkpoint, arena, leastArena }: PlanBytes): string {
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  const times = (part: number, whole: number): string => (part / whole).toFixed(2);
  return `Memory: packed weights and tables ${mib(weights)} MiB, ${times(weights, checkpoint)} times the checkpoint's ${mib(checkpoint)}; arena ${mib(arena)} MiB, ${times(arena, leastArena)} times the least possible.`;
}

function bytesOf({ args }: Step, { buffers, weights }: Plan): number {
  const named = new Map<string, number>();
  for (const arg of Object.values<Arg>(args)) {
    if (typeof arg === 'number') continue;
    if ('weights' in arg) named.set(arg.weights, 4 * packingSize(weights.get(arg.weights) ?? { kind: 'zeros', size: 0 }));
    else named.set(`buffer ${arg.buffer}`, buffers[arg.buffer]?.bytes ?? 0);
  }
  return [...named.values()].reduce((sum, bytes) => sum + bytes, 0);
}
