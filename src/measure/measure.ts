import { macsOf } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { syntheticTensor } from '../io/synthetic.js';
import type { Node, NodeId } from '../ops/op.js';
import type { Plan, Step } from '../plan/plan.js';
import { type PlanBytes, type PlanLine, planBytes, stepLines } from '../plan/print.js';
import { quantile, sorted } from '../stats/timing.js';
import { synthetic } from '../verify/vector.js';
import type { KernelsBuild } from '../wasm/features.js';
import { compile } from '../wasm/session.js';
import type { EngineAlgorithms } from './engines.js';
import type { BuiltNetwork } from './network.js';

/** A kernel call and what it took. `macs` are those it makes; Winograd's products make fewer than the layer that they compute has. */
export interface MeasuredStep extends PlanLine {
  /** Median over the rounds. */
  readonly ms: number;
  /** Multiply-adds of the nodes that the step completes; over all steps, the network's. */
  readonly layerMacs: number;
  /** What product it is, in a word: `1×1`, `3×3 Winograd`, `linear`; empty where it is none. */
  readonly product: string;
  /** Whether the step exists for a gate only. */
  readonly gate: boolean;
}

export interface Measured {
  readonly steps: readonly MeasuredStep[];
  /** Whether the engine was seen to join pairs of vectors. */
  readonly pairedVectors: boolean;
  /** What the session holds. */
  readonly memory: PlanBytes;
  /** Milliseconds of each step in one run: the one whose total is the median. */
  readonly runMs: readonly number[];
}

export interface MeasureOptions {
  readonly kernels: KernelsBuild;
  readonly algorithms: EngineAlgorithms;
  readonly threads: number;
  readonly rounds: number;
}

const warmup = 3;

/** Times each step of a network's plan, on a synthetic image. */
export async function measure(
  { graph, weights }: BuiltNetwork,
  { kernels, algorithms, threads, rounds }: MeasureOptions,
): Promise<Measured> {
  const session = await compile(graph, weights(), { kernels, algorithms, threads });
  const image = syntheticTensor('input', (graph.nodes[0] as Node).shape, synthetic.seed);
  const runs: (readonly number[])[] = [];
  for (let round = -warmup; round < rounds; round++) {
    const { stepMs } = session.profile(image);
    if (round >= 0) runs.push(stepMs);
  }
  session.dispose();
  const { plan } = session;
  const lines = stepLines(graph, plan);
  const gates = gateNodes(graph);
  const steps = plan.steps.map(({ covers }, i): MeasuredStep => {
    const completing = completes(plan, i);
    const anchor = plan.steps[completing]?.covers[0];
    return {
      ...(lines[i] as PlanLine),
      layer: lines[completing]?.layer ?? '',
      ms: quantile(sorted(runs.map((run) => run[i] as number)), 0.5),
      product: productOf(graph, plan.steps[i] as Step, anchor, gates),
      layerMacs: covers.reduce((sum, id) => sum + macsOf(graph, graph.nodes[id] as Node), 0),
      gate: anchor !== undefined && gates.has(anchor),
    };
  });
  const byTotal = [...runs].sort((a, b) => total(a) - total(b));
  return {
    steps,
    pairedVectors: session.pairedVectors === true,
    memory: planBytes(graph, plan),
    runMs: byTotal[(rounds - 1) >> 1] as readonly number[],
  };
}

export const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function productOf({ nodes }: Graph, { covers, macs }: Step, anchor: NodeId | undefined, gates: ReadonlySet<NodeId>): string {
  const node = nodes[anchor as NodeId];
  if (macs === 0 || node === undefined) return '';
  if (node.op !== 'conv2d' && node.op !== 'quantisedConv2d') return gates.has(node.id) ? 'excite' : node.op;
  const [, , P, Q] = (nodes[node.inputs[1] as NodeId] as Node).shape;
  return `${P}×${Q}${node.attrs.groups > 1 ? ' grouped' : ''}${covers.length === 0 ? ' Winograd' : ''}`;
}

/** The step that a step without nodes works for: the next that covers some. */
function completes({ steps }: Plan, from: number): number {
  const ahead = steps.slice(from).findIndex(({ covers }: Step) => covers.length > 0);
  return from + Math.max(ahead, 0);
}

/** The nodes that only gates need: each `scale`, and what lies between it and its global average pool, which is included. */
export function gateNodes(graph: Graph): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  const back = (id: NodeId | undefined): void => {
    const node = graph.nodes[id as NodeId] as Node;
    if (node.op === 'param') return;
    found.add(node.id);
    if (node.op !== 'globalAvgPool' && node.op !== 'quantisedGlobalAvgPool') for (const input of node.inputs) back(input);
  };
  for (const node of graph.nodes)
    if (node.op === 'scale' || node.op === 'quantisedScale') {
      found.add(node.id);
      back(node.inputs[1]);
    }
  return found;
}
