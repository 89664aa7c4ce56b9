import type { NodeId, OpAttrs, OpName, Value } from '../ops/op.js';
import { type Shape, sizeOf, type Tensor } from '../tensor.js';
import type { Gate, Made } from './made.js';
import type { Constant } from './tensor.js';
import { cannot, type Fixed } from './values.js';

/** Emits nodes, remembers how each value was made, and turns constants into parameters. */
export class Maker {
  /** Of each parameter, by its name in the graph: that of its initializer, unless another form of it has that. */
  readonly weights = new Map<string, Tensor>();
  /** Of SE blocks, by the names of their gates. */
  readonly gates = new Map<string, Gate>();
  readonly #image: Value;
  readonly #made = new Map<NodeId, Made>();
  readonly #parameters = new Map<string, Value>();
  /** What the file calls a value first: a view of it has another name there. */
  readonly #names = new Map<NodeId, string>();

  constructor(image: Value) {
    this.#image = image;
  }

  emit<K extends OpName>(op: K, inputs: readonly Value[], attrs: OpAttrs[K]): Value {
    const value = this.#image.graph.emit(op, inputs, attrs);
    this.#made.set(value.id, { op, inputs, attrs: attrs as Readonly<Record<string, unknown>> });
    return value;
  }

  made(value: Value): Made | undefined {
    return this.#made.get(value.id);
  }

  /** Says what the file calls a value. */
  called(name: string, value: Value): void {
    if (!this.#names.has(value.id)) this.#names.set(value.id, name);
    this.#image.graph.module(name, value);
  }

  /** Says that a value is a gate, which callers may ask for by what the file calls it first, or by this name if it has none. */
  gate(name: string, value: Value, gate: Gate): void {
    const own = this.#names.get(value.id) ?? name;
    this.gates.set(own, gate);
    this.#image.graph.gate(own, value);
  }

  /**
   * The parameter that a constant is, in a shape, or with other values: then `form` says in which, and `change` makes them. A constant that several nodes
   * read in one form is one parameter.
   */
  param({ name, constant }: Fixed, shape: Shape, form = '', change?: (constant: Constant) => Tensor['data']): Value {
    const key = `${name}\n${form}\n${shape.join()}`;
    const known = this.#parameters.get(key);
    if (known !== undefined) return known;
    if (constant.kind !== 'float') cannot(`weights must be floats, and ${name.slice(0, 80)} is of another type`);
    return this.#add(key, name + form, shape, change ? change(constant) : constant.data);
  }

  #add(key: string, wanted: string, shape: Shape, data: Tensor['data']): Value {
    let name = wanted;
    for (let i = 2; this.weights.has(name); i++) name = `${wanted}#${i}`;
    if (data.length !== sizeOf(shape)) cannot(`${name.slice(0, 80)} has ${data.length} values, not ${sizeOf(shape)}`);
    const value = this.emit('param', [], { name, shape, trainable: true });
    this.weights.set(name, { shape, data });
    this.#parameters.set(key, value);
    return value;
  }

  /** gain · x + shift, a number per channel each, or one for all. It is written as batch norm: that is folded into its neighbours, and exact where it is not. */
  affine(
    x: Value,
    name: string,
    { gain = [1], shift = [0] }: { readonly gain?: readonly number[]; readonly shift?: readonly number[] },
  ): Value {
    const C = x.shape[1] as number;
    if (shift.length === 1 && shift[0] === 0 && gain.length === 1)
      return gain[0] === 1 ? x : this.emit('scaleBy', [x], { factor: gain[0] as number });
    const vectorOf = (part: string, values: readonly number[]): Value =>
      this.#add(
        `${name}\n${part}`,
        `${name}:${part}`,
        [C],
        Float64Array.from({ length: C }, (_, c) => (values.length === 1 ? values[0] : values[c]) as number),
      );
    const parameters = [vectorOf('gain', gain), vectorOf('shift', shift), vectorOf('mean', [0]), vectorOf('variance', [1])];
    const y = this.emit('batchNorm', [x, ...parameters], { eps: 0 });
    if (shift.length === 1 && gain.length === 1 && gain[0] === 1)
      this.#made.set(y.id, { op: 'shift', inputs: [x], attrs: { by: shift[0] } });
    return y;
  }
}
