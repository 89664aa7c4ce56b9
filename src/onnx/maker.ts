import { ops } from '../ops/index.js';
import type { NodeId, OpAttrs, OpName, Value } from '../ops/op.js';
import type { IntegerDtype } from '../ops/quantised/quantisation.js';
import { type Shape, sizeOf, type Tensor } from '../tensor.js';
import type { FoundGate, Gate, Made } from './made.js';
import type { Constant } from './tensor.js';
import { cannot, type Fixed } from './values.js';

/** The constant that a parameter was made from. */
interface Source {
  readonly constant: Constant;
  readonly form: string;
}

/** What becomes of usual operators where values are quantised (rules/qdq.ts). Only rarer operators make such values. */
export interface IntegerForms {
  /** An op of floats by one of integers that gives the same floats; undefined where there is none. */
  floatsOf(make: Maker, op: FloatsOf, inputs: readonly Value[]): Value | undefined;
  /** Integers no lower than `low` and no higher than `high`. @throws Inexpressible unless they are of 8 bits */
  narrowed(make: Maker, value: Value, low: number, high: number): Value;
  /** The layers and functions of floats that a value of quantised ones is made by, the last first: what its first operand was is asked next. */
  links(make: Maker, value: Value): readonly Made[] | undefined;
  /** Whether two floats are made of the same integers, which stand for the same in both. */
  sameIntegers(make: Maker, a: Value, b: Value): boolean;
}

/** Ops of floats that have such a form. */
export type FloatsOf = 'linear' | 'globalAvgPool';

/** Emits nodes, remembers how each value was made, and turns constants into parameters. */
export class Maker {
  /** Of each parameter, by its name in the graph: that of its initializer, unless another form of it has that. */
  readonly weights = new Map<string, Tensor>();
  /** Of SE blocks, by the names of their gates. */
  readonly gates = new Map<string, Gate>();
  readonly #image: Value;
  readonly #integerForms: IntegerForms | undefined;
  readonly #made = new Map<NodeId, Made>();
  readonly #parameters = new Map<string, Value>();
  /** What the file calls a value first: a view of it has another name there. */
  readonly #names = new Map<NodeId, string>();
  /** What gain and shift make each value of another. */
  readonly #affine = new Map<NodeId, Affine>();
  readonly #sources = new Map<NodeId, Source>();
  readonly #stood = new Map<NodeId, Value>();

  constructor(image: Value, integerForms?: IntegerForms) {
    this.#image = image;
    this.#integerForms = integerForms;
  }

  /** @throws Inexpressible for an op of floats that is given integers */
  emit<K extends OpName>(op: K, inputs: readonly Value[], attrs: OpAttrs[K]): Value {
    if (ops[op].integers === undefined && inputs.some(({ integers }) => integers)) cannot('of integers it is not known, only of floats');
    const value = this.#image.graph.emit(op, inputs, attrs);
    this.#made.set(value.id, { op, inputs, attrs: attrs as Readonly<Record<string, unknown>> });
    return value;
  }

  /** The same of an op without attributes, which may read what was quantised. */
  floats(op: FloatsOf, inputs: readonly Value[]): Value {
    return this.#integerForms?.floatsOf(this, op, inputs) ?? this.emit(op, inputs, {});
  }

  /** Integers no lower than `low` and no higher than `high`. @throws Inexpressible unless they are of 8 bits */
  narrowed(value: Value, low: number, high: number): Value {
    return (this.#integerForms ?? cannot('of integers it is not known, only of floats')).narrowed(this, value, low, high);
  }

  integerLinks(value: Value): readonly Made[] | undefined {
    return this.#integerForms?.links(this, value);
  }

  hasIntegersOf(a: Value, b: Value): boolean {
    return this.#integerForms?.sameIntegers(this, a, b) ?? false;
  }

  made(value: Value): Made | undefined {
    return this.#made.get(value.id);
  }

  /** The op with other attributes, in place of a value that it made. */
  remade(value: Value, attrs: Readonly<Record<string, unknown>>): Value {
    const { op, inputs, attrs: before } = this.made(value) as Made & { readonly op: OpName };
    const again = this.emit(op, inputs, { ...before, ...attrs } as never);
    const real = this.#stood.get(value.id);
    if (real !== undefined) this.standsFor(again, real);
    return again;
  }

  /** Says that a value is what another op would give: patterns of several nodes see that one. */
  madeAs({ id }: Value, made: Made): void {
    this.#made.set(id, made);
  }

  /** Says what the file calls a value. */
  called(name: string, value: Value): void {
    if (!this.#names.has(value.id)) this.#names.set(value.id, name);
    this.#image.graph.module(name, value);
  }

  /** Says that a value is a gate, which callers may ask for by what the file calls it first, or by this name if it has none. What scales may be another value. */
  gate(name: string, value: Value, { gate, value: scaling }: FoundGate): void {
    const own = this.#names.get(value.id) ?? name;
    this.gates.set(own, gate);
    this.#image.graph.gate(own, scaling);
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
    const value = this.#add(key, name + form, shape, change ? change(constant) : constant.data);
    this.#sources.set(value.id, { constant, form });
    return value;
  }

  /** The same of integers. */
  integers(
    { name, constant }: Fixed,
    shape: Shape,
    dtype: IntegerDtype,
    form = '',
    change?: (constant: Constant) => Tensor['data'],
  ): Value {
    if (constant.dtype !== dtype) cannot(`${name.slice(0, 80)} must be ${dtype}`);
    return this.number(name + form, shape, change ? change(constant) : constant.data, dtype);
  }

  /** A parameter of numbers that were made from a constant, once under a name. */
  number(name: string, shape: Shape, data: Tensor['data'], dtype?: IntegerDtype): Value {
    const key = `${name}\n${dtype}\n${shape.join()}`;
    return this.#parameters.get(key) ?? this.#add(key, name, shape, data, dtype);
  }

  /** The constant that a parameter is, and in which form. */
  sourceOf({ id }: Value): Source | undefined {
    return this.#sources.get(id);
  }

  /** Says which float value integers were made of. */
  standsFor({ id }: Value, real: Value): void {
    if (!this.#stood.has(id)) this.#stood.set(id, real);
  }

  /** What a value would be if nothing had been quantised on the way to it. */
  unquantised(value: Value): Value {
    const made = this.made(value);
    const real = made?.op === 'dequantise' ? this.#stood.get((made.inputs[0] as Value).id) : undefined;
    return real ?? value;
  }

  /** A fully connected layer of other weights: gain · y + shift of what these operands give. */
  scaledLayer([x, weight, bias]: readonly Value[], gain: number, shift: number): Value {
    const changed = (parameter: Value, change: (value: number) => number): Value => {
      const name = this.#parameterName(parameter);
      const { shape, data } = this.weights.get(name) as Tensor;
      return this.#add(`${name}\n·${gain}+${shift}`, `${name}·${gain}`, shape, Float64Array.from(data, change));
    };
    const w = weight as Value;
    const inputs = [x as Value, changed(w, (value) => gain * value)];
    if (bias !== undefined) inputs.push(changed(bias, (value) => gain * value + shift));
    else if (shift !== 0) {
      const O = w.shape[0] as number;
      const name = `${this.#parameterName(w)}:shift`;
      inputs.push(this.#add(`${name}\n${shift}`, name, [O], new Float64Array(O).fill(shift)));
    }
    return this.emit('linear', inputs, {});
  }

  #parameterName(value: Value): string {
    return (this.made(value) as Made).attrs.name as string;
  }

  #add(key: string, wanted: string, shape: Shape, data: Tensor['data'], dtype?: IntegerDtype): Value {
    let name = wanted;
    for (let i = 2; this.weights.has(name); i++) name = `${wanted}#${i}`;
    if (data.length !== sizeOf(shape)) cannot(`${name.slice(0, 80)} has ${data.length} values, not ${sizeOf(shape)}`);
    const value = this.emit('param', [], { name, shape, trainable: true, ...(dtype && { dtype }) });
    this.weights.set(name, { shape, data });
    this.#parameters.set(key, value);
    return value;
  }

  /** The value and the numbers that a value was made of by `affine`, all of them at once; else itself. */
  base(value: Value): Affine {
    return this.#affine.get(value.id) ?? { x: value, gain: [1], shift: [0] };
  }

  /**
   * gain · x + shift, a number per channel each, or one for all; one after another is one. It is written as batch norm: that is folded into its neighbours, and
   * exact where it is not.
   */
  affine(
    x: Value,
    name: string,
    { gain = [1], shift = [0] }: { readonly gain?: readonly number[]; readonly shift?: readonly number[] },
  ): Value {
    const before = this.base(x);
    const all = { x: before.x, gain: products(gain, before.gain), shift: sums(products(gain, before.shift), shift) };
    const y = this.#emitAffine(all, name);
    if (y.id !== x.id) this.#affine.set(y.id, all);
    if (shift.length === 1 && gain.length === 1 && gain[0] === 1 && y.id !== x.id)
      this.#made.set(y.id, { op: 'shift', inputs: [x], attrs: { by: shift[0] } });
    return y;
  }

  #emitAffine({ x, gain, shift }: Affine, name: string): Value {
    const C = x.shape[1] as number;
    const isFactor = shift.length === 1 && shift[0] === 0 && gain.length === 1;
    // behind a convolution it is folded into the filters
    if (isFactor && this.made(x)?.op !== 'conv2d') return gain[0] === 1 ? x : this.emit('scaleBy', [x], { factor: gain[0] as number });
    const vectorOf = (part: string, values: readonly number[]): Value =>
      this.#add(
        `${name}\n${part}`,
        `${name}:${part}`,
        [C],
        Float64Array.from({ length: C }, (_, c) => (values.length === 1 ? values[0] : values[c]) as number),
      );
    const parameters = [vectorOf('gain', gain), vectorOf('shift', shift), vectorOf('mean', [0]), vectorOf('variance', [1])];
    return this.emit('batchNorm', [x, ...parameters], { eps: 0 });
  }
}

/** gain · x + shift, a number per channel each, or one for all. */
export interface Affine {
  readonly x: Value;
  readonly gain: readonly number[];
  readonly shift: readonly number[];
}

const pairwise = (f: (a: number, b: number) => number, a: readonly number[], b: readonly number[]): readonly number[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) =>
    f((a.length === 1 ? a[0] : a[i]) as number, (b.length === 1 ? b[0] : b[i]) as number),
  );
const products = (a: readonly number[], b: readonly number[]): readonly number[] => pairwise((x, y) => x * y, a, b);
const sums = (a: readonly number[], b: readonly number[]): readonly number[] => pairwise((x, y) => x + y, a, b);
