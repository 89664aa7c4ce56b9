import { float16 } from '../bound/bound.js';
import { type Checked, checkSegments, type Dumped } from '../bound/segments.js';
import { evaluate, inputsByName, type RunInput, reference } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import type { Node, NodeId, OpName } from '../ops/op.js';
import { group } from '../plan/group.js';
import { type Shape, sameShape, sizeOf, type Tensor, widen } from '../tensor.js';

/** Engines on one network, value by value. */

/** A value of a graph, under its first name. */
export interface NamedValue {
  readonly name: string;
  readonly id: NodeId;
}

/** What an engine gave on one input. */
export interface EngineRun {
  readonly engine: string;
  readonly version: string;
  /** Values by name: as many as could be had of it. */
  readonly values: ReadonlyMap<string, EngineValue>;
  /** The graph's outputs, where nothing but them was asked for: an engine may compute them otherwise then. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** The outputs' shapes in the file that the engine was given. @defaultValue those of the graph, as far as they say how many values there are */
  readonly outputShapes?: ReadonlyMap<string, Shape>;
}

export interface EngineValue extends Tensor {
  /** @defaultValue false */
  readonly half?: boolean;
}

/** How an engine's value stands to what it should be. */
export interface ValueVerdict extends Pick<Checked, 'ratio' | 'at' | 'from'> {
  /** max |a − b| / max |b| against the reference, which ran in float64 from the input on; of a value that is 0 throughout, the largest error. */
  readonly fromFloat64: number;
  /** Of a value of another size, whose numbers cannot be compared: the ratio is infinite. */
  readonly misshapen?: Misshapen;
}

/** A value of another shape than it should have, by the name that the engine told it under. */
export interface Misshapen {
  readonly name: string;
  readonly expected: Shape;
  readonly found: Shape;
}

export interface ComparedValue {
  readonly name: string;
  /** Of the node that makes it. */
  readonly op: OpName;
  /** By engine; those that do not tell this value are missing. */
  readonly engines: Readonly<Record<string, ValueVerdict>>;
}

export interface ComparedEngine {
  readonly engine: string;
  readonly version: string;
  /** How many values it told. */
  readonly values: number;
  /** How many of them are beyond their bound, and the first. */
  readonly beyond: number;
  readonly firstBeyond: string | null;
  /** As `ValueVerdict` has it, the largest of the graph's outputs where nothing else was asked for. */
  readonly outputsFromFloat64: number;
}

export interface ComparedEngines {
  readonly engines: readonly ComparedEngine[];
  /** In the graph's order. */
  readonly tensors: readonly ComparedValue[];
  readonly firstBeyond: FirstBeyond | null;
}

/** The first value that an engine cannot have computed in its precision, in whatever order, from what it had computed before. */
export interface FirstBeyond {
  readonly name: string;
  readonly op: OpName;
  readonly engines: readonly string[];
  /** Where the first of them is furthest off; empty if its value is misshapen. */
  readonly index: readonly number[];
  /** What the reference has there, in float64 from the input on, and how far each engine that tells the value is off it. */
  readonly float64: number;
  readonly errors: Readonly<Record<string, number>>;
  /** Whose error there is the smallest. */
  readonly nearest: string;
}

/** The values of a graph that have a name and are computed, each under its first. */
export function namedValues({ nodes, modules = new Map(), outputs }: Graph): readonly NamedValue[] {
  const names = new Map<NodeId, string>();
  const give = (name: string, id: NodeId): void => {
    const { op } = nodes[id] as Node;
    if (op !== 'param' && op !== 'input' && !names.has(id)) names.set(id, name);
  };
  for (const [path, runs] of modules) runs.forEach((id: NodeId, i: number) => void give(runs.length === 1 ? path : `${path}:${i + 1}`, id));
  for (const [name, id] of outputs) give(name, id);
  return [...names].map(([id, name]) => ({ name, id })).sort((a, b) => a.id - b.id);
}

/** The graph with values as outputs. One that is an output already keeps that name too. */
export const withValues = (graph: Graph, values: readonly NamedValue[]): Graph => ({
  ...graph,
  outputs: new Map([...graph.outputs, ...values.map(({ name, id }) => [name, id] as const)]),
});

/** Those that our kernels write to memory: what is between them exists in registers alone, and to ask for it would be to run other kernels. */
export function writtenValues(graph: Graph, values: readonly NamedValue[]): readonly NamedValue[] {
  const ends = new Set(group(graph).map((members) => members.at(-1)));
  return values.filter(({ id }) => ends.has(id));
}

/**
 * Holds engines to float32's error bound, value by value: each is recomputed in float64 from the engine's own values nearest above it, so that an error is
 * told where it is made and nowhere else.
 *
 * @param progress is told what is computed, and the share of it that is done
 */
export function compareEngines(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  input: RunInput,
  runs: readonly EngineRun[],
  progress: (what: string, done: number) => void = () => {},
): ComparedEngines {
  const values = namedValues(graph);
  const wide = new Map([...weights].map(([name, tensor]) => [name, widen(tensor)]));
  const inputs = Object.entries(inputsByName(input)).map(([name, tensor]) => [name, widen(tensor)] as const);
  const exact = evaluate(withValues(graph, values), reference(wide, Object.fromEntries(inputs)), {
    progress: (done) => progress('the reference, in float64', done),
  });
  const misshapen = runs.map((run) => misshapenOf(graph, values, run));
  const checked = runs.map((run, i) => {
    const dumped = values.flatMap(({ name, id }): Dumped[] => {
      const tensor = run.values.get(name);
      return tensor && !misshapen[i]?.has(id) ? [{ name, id, tensor, ...(tensor.half && { narrow: float16 }) }] : [];
    });
    const found = checkSegments(graph, weights, input, dumped, (_, done) => progress(`the bounds of ${run.engine}`, done));
    return new Map(found.map((one) => [one.name, one]));
  });
  const tensors = values.map(({ name, id }): ComparedValue => {
    const told = runs.flatMap(({ engine, values: own }, i): (readonly [string, ValueVerdict])[] => {
      const wrong = misshapen[i]?.get(id);
      if (wrong !== undefined) return [[engine, { ratio: Infinity, from: [], fromFloat64: Infinity, misshapen: wrong }]];
      const one = checked[i]?.get(name);
      if (one === undefined) return [];
      const { ratio, at, from } = one;
      return [[engine, { ratio, ...(at && { at }), from, fromFloat64: distance(own.get(name) as Tensor, exact.get(name) as Tensor) }]];
    });
    return { name, op: (graph.nodes[id] as Node).op, engines: Object.fromEntries(told) };
  });
  const engines = runs.map(({ engine, version, outputs }): ComparedEngine => {
    const beyond = tensors.filter((tensor) => isBeyond(tensor.engines[engine]));
    return {
      engine,
      version,
      values: tensors.filter((tensor) => engine in tensor.engines).length,
      beyond: beyond.length,
      firstBeyond: beyond[0]?.name ?? null,
      outputsFromFloat64: Math.max(
        ...[...graph.outputs.keys()].map((name) => distance(outputs.get(name) as Tensor, exact.get(name) as Tensor)),
      ),
    };
  });
  return { engines, tensors, firstBeyond: firstOf(tensors, runs, exact) };
}

/** By their nodes: values, and outputs where nothing else was asked for, that have another number of values, or outputs of another shape than the file's. */
function misshapenOf({ nodes, outputs }: Graph, values: readonly NamedValue[], run: EngineRun): ReadonlyMap<NodeId, Misshapen> {
  const found = new Map<NodeId, Misshapen>();
  const check = (name: string, id: NodeId, tensor: Tensor | undefined): void => {
    if (tensor === undefined) return;
    const stated = outputs.has(name) ? run.outputShapes?.get(name) : undefined;
    const expected = stated ?? (nodes[id] as Node).shape;
    const fits = stated === undefined ? sizeOf(tensor.shape) === sizeOf(expected) : sameShape(tensor.shape, stated);
    if (!fits && !found.has(id)) found.set(id, { name, expected, found: tensor.shape });
  };
  for (const { name, id } of values) check(name, id, run.values.get(name));
  for (const [name, id] of outputs) check(name, id, run.outputs.get(name));
  return found;
}

const isBeyond = (verdict: ValueVerdict | undefined): boolean => verdict !== undefined && !(verdict.ratio <= 1);

function firstOf(tensors: readonly ComparedValue[], runs: readonly EngineRun[], exact: ReadonlyMap<string, Tensor>): FirstBeyond | null {
  const first = tensors.find(({ engines }) => Object.values(engines).some(isBeyond));
  if (first === undefined) return null;
  const { name, op, engines: told } = first;
  const engines = Object.keys(told).filter((engine) => isBeyond(told[engine]));
  const { shape, data } = exact.get(name) as Tensor;
  const index = told[engines[0] as string]?.at?.index ?? [];
  const place = index.reduce((at, one, axis) => at * (shape[axis] as number) + one, 0);
  const float64 = data[place] as number;
  const errors = runs.flatMap(({ engine, values }): (readonly [string, number])[] => {
    const value = values.get(name);
    return value === undefined || !told[engine] || told[engine].misshapen
      ? []
      : [[engine, Math.abs((value.data[place] as number) - float64)]];
  });
  const [nearest = ''] = errors.toSorted(([, a], [, b]) => a - b).map(([engine]) => engine);
  return { name, op, engines, index, float64, errors: Object.fromEntries(errors), nearest };
}

/** A number that is not finite where it should be is infinitely far off, and so is a value of another size. */
function distance(found: Tensor, exact: Tensor): number {
  if (found.data.length !== exact.data.length) return Infinity;
  let [error, largest] = [0, 0];
  exact.data.forEach((value: number, i: number) => {
    const off = Math.abs((found.data[i] as number) - value);
    error = Math.max(error, Number.isNaN(off) ? Infinity : off);
    largest = Math.max(largest, Math.abs(value));
  });
  return largest > 0 ? error / largest : error;
}
