import { InputError, PlanError } from '../errors.js';
import { ops } from '../ops/index.js';
import type { Emitter, Node, NodeId, OpAttrs, OpName, Value } from '../ops/op.js';
import type { Shape } from '../tensor.js';
import type { Graph } from './graph.js';
import { nearest } from './nearest.js';

/** `true`: every gate becomes an output; a list: those module paths do. */
export type Gates = boolean | readonly string[];

/**
 * Runs model code once on a symbolic image and returns the graph that it emitted, its result as output `logits`.
 *
 * @throws ShapeError where shapes do not fit; InputError for a gate path that the model does not have.
 */
export function build(shape: Shape, model: (image: Value) => Value, gates: Gates = false): Graph {
  return finished(new Builder(), shape, model, gates);
}

/** Says of each parameter, as it is emitted, whether to go on. */
export type Admit = (name: string, shape: Shape) => boolean;

/** As `build`, but it stops at the first parameter that is not admitted: then there is no graph. */
export function buildIf(admit: Admit, shape: Shape, model: (image: Value) => Value, gates: Gates = false): Graph | undefined {
  try {
    return finished(new Builder(admit), shape, model, gates);
  } catch (error) {
    if (error instanceof NotAdmitted) return undefined;
    throw error;
  }
}

/** Leaves a model's code half-way; never seen outside. */
class NotAdmitted extends Error {}

function finished(builder: Builder, shape: Shape, model: (image: Value) => Value, gates: Gates): Graph {
  const logits = model(builder.emit('input', [], { name: 'input', shape }));
  return builder.finish([['logits', logits], ...builder.gates(gates)]);
}

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
  readonly #names = new Set<string>();
  readonly #parameters: { readonly name: string; readonly id: NodeId }[] = [];

  constructor(admit?: Admit) {
    this.#admit = admit;
  }

  emit<K extends OpName>(op: K, inputs: readonly Value[], attrs: OpAttrs[K]): Value {
    const id = this.#nodes.length;
    const shape = ops[op].infer(
      inputs.map((value) => value.shape),
      attrs,
    );
    const node = { id, op, inputs: inputs.map((value) => value.id), attrs, shape } as unknown as Node;
    this.#nodes.push(node);
    if (node.op === 'param') {
      if (this.#names.has(node.attrs.name)) throw new PlanError(`two parameters are called ${node.attrs.name}`);
      if (this.#admit?.(node.attrs.name, shape) === false) throw new NotAdmitted();
      this.#names.add(node.attrs.name);
      this.#parameters.push({ name: node.attrs.name, id });
    }
    return { graph: this, id, shape };
  }

  module(path: string, { id }: Value): void {
    const runs = this.#modules.get(path);
    if (runs === undefined) this.#modules.set(path, [id]);
    else runs.push(id);
  }

  gate(path: string, value: Value): void {
    this.module(path, value);
    this.#gates.set(path, value);
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
  gates(wanted: Gates): Outputs {
    const names = wanted === true ? [...this.#gates.keys()] : wanted === false ? [] : wanted;
    return names.map((name) => {
      const value = this.#gates.get(name);
      if (value === undefined) throw new InputError(`no gate is called ${name}${nearest(name, [...this.#gates.keys()])}`);
      return [name, value] as const;
    });
  }

  finish(outputs: Outputs, parameters: readonly { readonly id: NodeId }[] = this.#parameters): Graph {
    return {
      nodes: this.#nodes,
      outputs: new Map([...outputs].map(([name, { id }]) => [name, id])),
      parameters: parameters.map(({ id }) => id),
      modules: this.#modules,
    };
  }
}
