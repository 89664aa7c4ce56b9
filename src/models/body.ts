import type { Emitter, NodeId, Norms, OpAttrs, OpName, Value } from '../ops/op.js';

/** How a network is called, and normalised, that is the body of another. */
export interface BodyForm {
  /** A path of the network, of a module or a parameter, as the other calls it. */
  readonly rename: (path: string) => string;
  readonly norms?: Norms | undefined;
}

/** Runs a network's layers as the body of another network: the same nodes under other names. */
export function asBody(image: Value, form: BodyForm, layers: (image: Value) => readonly Value[]): readonly Value[] {
  const body = new Body(image.graph, form);
  return layers(body.inside(image)).map((value) => body.outside(value));
}

/** Passes all on to the graph of the whole. */
class Body implements Emitter {
  readonly norms: Norms | undefined;
  readonly #whole: Emitter;
  readonly #rename: (path: string) => string;

  constructor(whole: Emitter, { rename, norms }: BodyForm) {
    this.#whole = whole;
    this.#rename = rename;
    this.norms = norms;
  }

  inside({ id, shape }: { readonly id: NodeId; readonly shape: Value['shape'] }): Value {
    return { graph: this, id, shape };
  }

  outside({ id, shape }: Value): Value {
    return { graph: this.#whole, id, shape };
  }

  emit<K extends OpName>(op: K, inputs: readonly Value[], attrs: OpAttrs[K]): Value {
    const named = op === 'param' ? { ...attrs, name: this.#rename((attrs as OpAttrs['param']).name) } : attrs;
    return this.inside(
      this.#whole.emit(
        op,
        inputs.map((value) => this.outside(value)),
        named,
      ),
    );
  }

  module(path: string, value: Value): void {
    this.#whole.module(this.#rename(path), this.outside(value));
  }

  gate(path: string, value: Value): void {
    this.#whole.gate(this.#rename(path), this.outside(value));
  }

  /** A body's stages are features of the whole too. */
  feature(name: string, value: Value): void {
    this.#whole.feature(this.#rename(name), this.outside(value));
  }

  registerLast(prefix: string): void {
    this.#whole.registerLast(this.#rename(prefix));
  }
}
