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
  const builder = new Builder();
  const logits = model(builder.emit('input', [], { name: 'input', shape }));
  return builder.finish(logits, gates);
}

class Builder implements Emitter {
  readonly #nodes: Node[] = [];
  readonly #gates = new Map<string, NodeId>();
  #parameters: { readonly name: string; readonly id: NodeId }[] = [];

  emit<K extends OpName>(op: K, inputs: readonly Value[], attrs: OpAttrs[K]): Value {
    const id = this.#nodes.length;
    const shape = ops[op].infer(
      inputs.map((value) => value.shape),
      attrs,
    );
    const node = { id, op, inputs: inputs.map((value) => value.id), attrs, shape } as unknown as Node;
    this.#nodes.push(node);
    if (node.op === 'param') {
      if (this.#parameters.some(({ name }) => name === node.attrs.name))
        throw new PlanError(`two parameters are called ${node.attrs.name}`);
      this.#parameters.push({ name: node.attrs.name, id });
    }
    return { graph: this, id, shape };
  }

  gate(name: string, value: Value): void {
    this.#gates.set(name, value.id);
  }

  registerLast(prefix: string): void {
    const below = ({ name }: { readonly name: string }): boolean => name.startsWith(`${prefix}.`);
    this.#parameters = [...this.#parameters.filter((p) => !below(p)), ...this.#parameters.filter(below)];
  }

  finish(logits: Value, gates: Gates): Graph {
    const wanted = gates === true ? [...this.#gates.keys()] : gates === false ? [] : gates;
    const outputs = new Map([['logits', logits.id]]);
    for (const name of wanted) {
      const id = this.#gates.get(name);
      if (id === undefined) throw new InputError(`no gate is called ${name}${nearest(name, [...this.#gates.keys()])}`);
      outputs.set(name, id);
    }
    return { nodes: this.#nodes, outputs, parameters: this.#parameters.map(({ id }) => id) };
  }
}
