import { InputError, PlanError } from '../errors.js';
import { integersOf, ops } from '../ops/index.js';
import type { Emitter, Node, NodeId, OpAttrs, OpName, Value } from '../ops/op.js';
import { isShape, kindOf, type Shape, shown } from '../tensor.js';
import { checkAttributes, noteBuilt } from './check.js';
import type { Graph } from './graph.js';
import { checkKnown, type Keys } from './known.js';
import { nearest } from './nearest.js';

/** All (`true`), those of these names, or none (`false`). */
export type Chosen = boolean | readonly string[];

/** What becomes an output beside `logits`. */
export interface OutputOptions {
  /** Gates by their module paths: what `squeezeExcite` scales by. @defaultValue false */
  readonly gates?: Chosen;
  /** Stages' outputs by their names: what `feature` marked. @defaultValue false */
  readonly features?: Chosen;
}

/** A network's code: from an image to `logits`, or to outputs by name. */
export type ModelCode = (image: Value) => Value | Readonly<Record<string, Value>>;

/**
 * Runs model code once on a symbolic image and returns the graph that it emitted.
 *
 * @param shape of the input, named `input`: [N, C, H, W].
 * @param model takes the image to the output `logits`, or to outputs by name; it is made of layers such as `conv`, `relu`, `squeezeExcite`.
 * @throws ShapeError where shapes do not fit; PlanError for two parameters of one name, or values of two graphs; InputError for a gate or a feature that
 * the model does not have, and for what is no shape or no model.
 */
export function build(shape: Shape, model: ModelCode, options: OutputOptions = {}): Graph {
  if (!isShape(shape) || shape.includes(0)) throw new InputError(`build: a shape is a list of whole numbers from 1, not ${shown(shape)}`);
  if (typeof model !== 'function') throw new InputError(`build: a model is a function of the image, not ${kindOf(model)}`);
  checkKnown('build', options, { gates: true, features: true } satisfies Keys<OutputOptions>);
  return finished(new Builder(), shape, model, options);
}

/** Says of each parameter, as it is emitted, whether to go on. */
export type Admit = (name: string, shape: Shape) => boolean;

/** As `build`, but it stops at the first parameter that is not admitted: then there is no graph. */
export function buildIf(admit: Admit, shape: Shape, model: ModelCode): Graph | undefined {
  try {
    return finished(new Builder(admit), shape, model, {});
  } catch (error) {
    if (error instanceof NotAdmitted) return undefined;
    throw error;
  }
}

/** Leaves a model's code half-way; never seen outside. */
class NotAdmitted extends Error {}

function finished(builder: Builder, shape: Shape, model: ModelCode, { gates = false, features = false }: OutputOptions): Graph {
  const result = model(builder.emit('input', [], { name: 'input', shape }));
  const outputs = isValue(result) ? { logits: result } : result;
  const named = kindOf(outputs) === 'Object' ? Object.entries(outputs) : [];
  if (named.length === 0 || !named.every(([, value]) => builder.has(value)))
    throw new InputError(`a model returns a value of its graph, or values by name, not ${kindOf(result)}`);
  return builder.finish([...named, ...builder.gates(gates), ...builder.features(features)]);
}

const isValue = (result: Value | Readonly<Record<string, Value>>): result is Value =>
  typeof result === 'object' && result !== null && 'graph' in result && 'id' in result;

/** Emits further nodes behind a graph and returns further outputs; it is given what stands for each node, by the node's id. */
export type More = (values: readonly Value[]) => Outputs;
type Outputs = Iterable<readonly [name: string, value: Value]>;

/** The graph with more nodes and outputs behind it; what it has keeps its ids. */
export const extend = (graph: Graph, more: More): Graph => rewrite(graph, () => undefined, more);

/**
 * The graph written anew, node by node, with its outputs, its modules and its order of parameters, and more behind it.
 *
 * @param rule emits what stands for a node, given what stands for its inputs; undefined is a copy of the node.
 */
export function rewrite(graph: Graph, rule: (node: Node, inputs: readonly Value[]) => Value | undefined, more: More): Graph {
  const builder = new Builder();
  const values: Value[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((id) => values[id] as Value);
    values.push(rule(node, inputs) ?? builder.emit(node.op, inputs, node.attrs));
  }
  for (const [path, runs] of graph.modules ?? []) for (const id of runs) builder.module(path, values[id] as Value);
  for (const [name, id] of graph.features ?? []) builder.feature(name, values[id] as Value);
  const outputs = [...graph.outputs].map(([name, id]) => [name, values[id] as Value] as const);
  return builder.finish(
    [...outputs, ...more(values)],
    graph.parameters.map((id) => values[id] as Value),
  );
}

class Builder implements Emitter {
  readonly #admit: Admit | undefined;
  readonly #nodes: Node[] = [];
  readonly #modules = new Map<string, NodeId[]>();
  readonly #gates = new Map<string, Value>();
  readonly #features = new Map<string, Value>();
  readonly #names = new Set<string>();
  readonly #parameters: { readonly name: string; readonly id: NodeId }[] = [];

  constructor(admit?: Admit) {
    this.#admit = admit;
  }

  #finished = false;

  emit<K extends OpName>(op: K, inputs: readonly Value[], attrs: OpAttrs[K]): Value {
    if (this.#finished) throw new PlanError(`${op} comes too late: the graph is finished when its model returns`);
    for (const value of inputs)
      if (!this.has(value)) throw new PlanError(`${op} reads values of its own graph, and ${kindOf(value)} is none or of another`);
    checkAttributes(op, attrs);
    const id = this.#nodes.length;
    const shape = ops[op].infer(
      inputs.map((value) => value.shape),
      attrs,
    );
    const integers = integersOf(
      op,
      inputs.map((value) => value.integers),
      attrs,
    );
    const node = { id, op, inputs: inputs.map((value) => value.id), attrs, shape, ...(integers && { integers }) } as unknown as Node;
    this.#nodes.push(node);
    if (node.op === 'param') {
      if (this.#names.has(node.attrs.name)) throw new PlanError(`two parameters are called ${node.attrs.name}`);
      if (this.#admit?.(node.attrs.name, shape) === false) throw new NotAdmitted();
      this.#names.add(node.attrs.name);
      this.#parameters.push({ name: node.attrs.name, id });
    }
    return { graph: this, id, shape, integers };
  }

  /** Whether it is a value that this emitted. */
  has(value: Value): boolean {
    return typeof value === 'object' && value !== null && value.graph === this;
  }

  module(path: string, { id }: Value): void {
    const runs = this.#modules.get(path);
    if (runs === undefined) this.#modules.set(path, [id]);
    else runs.push(id);
  }

  gate(path: string, value: Value): void {
    this.#modules.set(path, [value.id]); // it may have been known as a module before
    this.#gates.set(path, value);
  }

  feature(name: string, value: Value): void {
    if (this.#features.has(name)) throw new PlanError(`two features are called ${name}`);
    this.#features.set(name, value);
  }

  registerLast(prefix: string): void {
    const start = `${prefix}.`;
    const below = ({ name }: { readonly name: string }): boolean => name.startsWith(start);
    const first = this.#parameters.findIndex(below);
    if (first === -1) return;
    const tail = this.#parameters.splice(first); // most often the last unit's: so a network of n units takes no n² copies
    this.#parameters.push(...tail.filter((p) => !below(p)), ...tail.filter(below));
  }

  /** @throws InputError for a path that no gate has. */
  gates(wanted: Chosen): Outputs {
    return chosen('gate', this.#gates, wanted);
  }

  /** @throws InputError for a name that no feature has, and for all of a network that has none. */
  features(wanted: Chosen): Outputs {
    if (wanted === true && this.#features.size === 0) throw new InputError('the network marks no features: feature(x, name) does');
    return chosen('feature', this.#features, wanted);
  }

  finish(outputs: Outputs, parameters: readonly { readonly id: NodeId }[] = this.#parameters): Graph {
    this.#finished = true;
    const graph: Graph = {
      nodes: this.#nodes,
      outputs: new Map([...outputs].map(([name, { id }]) => [name, id])),
      parameters: parameters.map(({ id }) => id),
      modules: this.#modules,
      features: new Map([...this.#features].map(([name, { id }]) => [name, id])),
    };
    noteBuilt(graph);
    return graph;
  }
}

function chosen(what: string, values: ReadonlyMap<string, Value>, wanted: Chosen): Outputs {
  if (typeof wanted === 'boolean') return wanted ? values : [];
  if (!Array.isArray(wanted)) throw new InputError(`${what}s are true, false or a list of names, not ${kindOf(wanted)}`);
  return wanted.map((name) => {
    const value = values.get(name);
    if (value === undefined) throw new InputError(`no ${what} is called ${shown(name)}${nearest(String(name), [...values.keys()])}`);
    return [name, value] as const;
  });
}
