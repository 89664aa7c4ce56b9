import { PlanError } from '../errors.js';
import { macsOf } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { ofRegions } from '../graph/ofRegions.js';
import type { Node, NodeId, OpName } from '../ops/op.js';
import { sizeOf } from '../tensor.js';
import type { ArgName, Kernel } from './abi.js';
import { activations, type FusedActivation } from './activation.js';
import { chooseAlgorithms, type FilteringTiles } from './algorithms.js';
import type { Group } from './group.js';
import { denseLayout, type Layout, layoutBytes } from './layout.js';
import { packingSize, residentName } from './pack.js';
import type { NormNames, NormPacking, Packing, PanelPacking, Spans, WinogradPacking } from './packing.js';
import type { Arg, Plan, PlanValue, Step, Target } from './plan.js';

/** A buffer before `place` gives it an address; `mayTake` lists buffers whose bytes it may take over if they die as it is born. */
export interface Unplaced {
  readonly bytes: number;
  readonly firstStep: number;
  readonly lastStep: number;
  readonly mayTake: readonly number[];
}

export type Lowered = Omit<Plan, 'buffers' | 'arenaBytes'> & { readonly buffers: readonly Unplaced[] };

/** A value in memory. */
export interface Placed {
  readonly buffer: number;
  readonly layout: Layout;
}

/** A value's address. */
export const at = ({ buffer }: Placed): Arg => ({ buffer });

/** The node whose value a group leaves. */
export const lastOf = (members: Group): NodeId => members.at(-1) as NodeId;

/** Turns a group with such an anchor into steps. */
export type LoweringRule<K extends OpName> = (plan: PlanWriter, anchor: Node<K>, members: Group) => void;

type Writable<T> = { -readonly [P in keyof T]: T[P] };

/** Collects the steps, buffers and weights of a plan while `lower` walks the groups. */
export class PlanWriter {
  readonly graph: Graph;
  readonly target: Target;
  /** Parameters are in memory as the checkpoint has them, and may change between runs, as training has it; else they are packed once. */
  readonly resident: boolean;
  /** Which convolutions, and gradients of their inputs, go by Winograd's filtering. */
  readonly filtering: FilteringTiles;
  /** Nodes whose images are regions. */
  readonly ofRegions: ReadonlySet<NodeId>;
  readonly #steps: Step[] = [];
  readonly #buffers: Writable<Unplaced>[] = [];
  readonly #weights = new Map<string, Packing>();
  readonly #values = new Map<NodeId, Placed>();
  readonly #inputs: PlanValue[] = [];

  constructor(graph: Graph, target: Target, resident: boolean) {
    this.graph = graph;
    this.target = target;
    this.resident = resident;
    this.ofRegions = ofRegions(graph);
    this.filtering = chooseAlgorithms(graph, target.algorithms, target.tile, resident);
  }

  node(id: NodeId | undefined): Node {
    return this.graph.nodes[id as NodeId] as Node;
  }

  /** Where a computed node's value is. */
  value(id: NodeId | undefined): Placed {
    const value = this.#values.get(id as NodeId);
    if (value === undefined) throw new PlanError(`node ${id} (${this.node(id).op}) is read before it is computed`);
    return value;
  }

  /** The name of a node that must be a parameter, since weights are packed once. */
  parameter(id: NodeId | undefined): string {
    const node = this.node(id);
    if (node.op !== 'param')
      throw new PlanError(`weights are packed at compile time, so they must be parameters, not the result of ${node.op}`);
    return node.attrs.name;
  }

  /** The address of a vector or of weights in the checkpoint's order: a parameter's, or what the plan computes. */
  flat(id: NodeId | undefined): Arg {
    const { op, attrs } = this.node(id);
    return op === 'param' ? this.#parameterValue(attrs.name) : at(this.value(id));
  }

  #parameterValue(parameter: string): Arg {
    const id = this.graph.parameters.find((one) => (this.node(one) as Node<'param'>).attrs.name === parameter);
    return this.pack(residentName(parameter), { kind: 'values', parameter, shape: this.node(id).shape });
  }

  norm({ inputs, attrs: { eps } }: Node<'batchNorm'>): NormNames {
    const [, gamma, beta, mean, variance] = inputs;
    return {
      gamma: this.parameter(gamma),
      beta: this.parameter(beta),
      mean: this.parameter(mean),
      variance: this.parameter(variance),
      eps,
    };
  }

  member(members: Group, op: OpName): Node | undefined {
    return members.map((id) => this.node(id)).find((node) => node.op === op);
  }

  /** The operand that a riding `add` brings in from outside the group. */
  residual(members: Group): Placed | undefined {
    const sum = this.member(members, 'add');
    if (sum === undefined) return undefined;
    const previous = members[members.indexOf(sum.id) - 1];
    return this.value(sum.inputs.find((id) => id !== previous) ?? previous);
  }

  /** The last function that rides. */
  activation(members: Group): FusedActivation {
    const { op } = this.node(lastOf(members));
    return activations.find((known) => known === op);
  }

  /** What results are clipped below: 0 where a ReLU rides. */
  lowest(members: Group): number {
    return this.member(members, 'relu') ? 0 : -Infinity;
  }

  /** A graph input, plain NCHW in a buffer that a run fills before the first step. */
  input(name: string, shape: readonly number[]): Placed {
    const layout = denseLayout(shape);
    const bytes = sizeOf(shape) * 4;
    const buffer = this.#buffers.push({ bytes, firstStep: 0, lastStep: this.#steps.length, mayTake: [] }) - 1;
    const isQuantised = this.graph.nodes.some(({ integers }) => integers);
    this.#inputs.push({ name, shape, buffer, layout, step: this.#steps.length, ...(isQuantised && { refusesNaN: true as const }) });
    return { buffer, layout };
  }

  /** A buffer for a node's value. */
  define(id: NodeId, layout: Layout, mayTake: readonly number[] = []): { readonly buffer: number } {
    const buffer = this.buffer(layoutBytes(layout), mayTake);
    this.#values.set(id, { buffer, layout });
    return { buffer };
  }

  /** A buffer that lives from the next step to the last that names it. */
  buffer(bytes: number, mayTake: readonly number[] = []): number {
    const now = this.#steps.length;
    return this.#buffers.push({ bytes, firstStep: now, lastStep: now, mayTake }) - 1;
  }

  /** Memory of the next step's own, `bytes` for each thread. */
  scratch(bytes: number): Arg {
    const perThread = Math.ceil(bytes / 64) * 64; // threads that write into one cache line slow each other down
    return { buffer: this.buffer(perThread * this.target.threads), perThread };
  }

  /** Constant memory. Steps with the same packing share it; another packing under a taken name gets a name of its own. */
  pack(name: string, packing: Packing): { readonly weights: string } {
    const text = JSON.stringify(packing);
    let key = name;
    for (let i = 2; this.#weights.has(key) && JSON.stringify(this.#weights.get(key)) !== text; i++) key = `${name} (${i})`;
    this.#weights.set(key, packing);
    return { weights: key };
  }

  /** Panels of weights: constant memory; or, where weights may change, packed by a step of every run. */
  panels(packing: PanelPacking): Arg {
    const { weight, bias, outputs, filter, groups, spans, transposed = false, taps, biasLast = false } = packing;
    if (!this.resident) return this.pack(weight, packing);
    const size = packingSize(packing);
    const panels = { outputs, filter, groups, spans, transposed, biasLast, ...(taps && { taps }) };
    const order = this.pack(`order ${JSON.stringify(panels)}`, { kind: 'order', panels, biased: bias !== undefined });
    const weights = this.#parameterValue(weight);
    const y = { buffer: this.buffer(size * 4) };
    this.step('packPanels', [], size, { order, weights, bias: bias === undefined ? 0 : this.#parameterValue(bias), y });
    return y;
  }

  /** Panels of transformed filters, a set a point, likewise; `transposed` as Panels has it, and then turned by 180°. */
  filters(packing: WinogradPacking, spans: Spans, transposed: boolean): Arg {
    const { m, weight, outputs, inputs } = packing;
    if (!this.resident) return this.pack(`${weight} F(${m}×${m})`, packing);
    const panels = { outputs, filter: [inputs, 1, 1], groups: 1, spans, transposed } as const;
    const order = { kind: 'order', panels, biased: false } as const;
    const size = packingSize(order);
    const y = { buffer: this.buffer(packingSize(packing) * 4) };
    const operands = { order: this.pack(`order ${JSON.stringify(panels)}`, order), weights: this.#parameterValue(weight), y };
    this.step('packFilters', [], size, { ...operands, point: size * 4, m, flip: Number(transposed) });
    return y;
  }

  /** What is added behind a product: constant; or, where weights may change, the bias as it is. */
  shift(weight: string, packing: NormPacking): Arg {
    if (!this.resident) return this.pack(`${weight} shift`, packing);
    return packing.bias === undefined ? this.zeros(packing.size) : this.#parameterValue(packing.bias);
  }

  /** One block of zeros serves every step: as long as the longest that any asks for. */
  zeros(size: number): { readonly weights: string } {
    const found = this.#weights.get('zeros');
    this.#weights.set('zeros', { kind: 'zeros', size: Math.max(size, found?.kind === 'zeros' ? found.size : 0) });
    return { weights: 'zeros' };
  }

  /** A kernel call that computes `covers`; `macs` where it makes another number of multiply-adds than they count. */
  step<K extends Kernel>(kernel: K, covers: Group, extent: number, args: Readonly<Record<ArgName<K>, Arg>>, macs?: number): void {
    for (const arg of Object.values<Arg>(args)) if (typeof arg === 'object' && 'buffer' in arg) this.#keep(arg.buffer);
    this.#steps.push({
      kernel,
      covers,
      args,
      extent,
      macs: macs ?? covers.reduce((sum, id) => sum + macsOf(this.graph, this.node(id)), 0),
    });
  }

  finish(): Lowered {
    const outputs = [...this.graph.outputs].map(([name, id]): PlanValue => {
      const value = this.value(id);
      this.#keep(value.buffer);
      const step = this.#steps.findIndex(({ covers }) => covers.includes(id));
      const { shape, integers } = this.node(id);
      return { name, shape, ...value, ...(integers?.dtype === 'int32' && { dtype: 'int32' as const }), step };
    });
    return { target: this.target, steps: this.#steps, buffers: this.#buffers, weights: this.#weights, inputs: this.#inputs, outputs };
  }

  #keep(buffer: number): void {
    (this.#buffers[buffer] as Writable<Unplaced>).lastStep = this.#steps.length;
  }
}
