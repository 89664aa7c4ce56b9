import { PlanError } from '../errors.js';
import { build } from '../graph/build.js';
import { checkGraph } from '../graph/check.js';
import type { Graph } from '../graph/graph.js';
import type { Node, NodeId, OpName, PointwiseOp, Value } from '../ops/op.js';
import type { IntegerDtype, Quantisation } from '../ops/quantised/quantisation.js';
import { type Shape, sameShape } from '../tensor.js';
import { type Chain, chainsOf, excitationLayers } from './chains.js';
import { type Lookup, lookupIn, type QuantisedRecipe } from './recipe.js';

/** A layer whose weights are integers, as they are made from the float network's tensors. */
export interface QuantisedLayer {
  /** The name of its weights without `.weight`. */
  readonly name: string;
  readonly weight: string;
  readonly bias: string | undefined;
  readonly norm: Node<'batchNorm'> | undefined;
  /** What its sums are of; absent where only weights are integers. */
  readonly x?: Quantisation;
  readonly outputs: number;
  /** The node of the float network whose value it gives. */
  readonly id: NodeId;
}

export interface Quantised {
  readonly graph: Graph;
  readonly layers: readonly QuantisedLayer[];
}

/** The scales of integer weights, and the int32 biases behind a batch norm that had none, by the names of the weights. */
export const scaleName = (weight: string): string => `${weight}_scale`;
export const biasName = (layer: string): string => `${layer}.bias`;

/** What integers are called beside the float network's tensors, where layers are apart. */
export const apartName = (name: string): string => `apart/${name}`;

/** The quantised network of a float one. @throws InputError for a recipe of another network; PlanError for what is no graph of one input */
export const quantisedGraph = (graph: Graph, recipe: QuantisedRecipe): Graph =>
  quantisedWith(graph, lookupIn(graph, recipe), new Set(recipe.float)).graph;

/**
 * The same with what it is made of.
 *
 * Layers, residual sums and gates become ops of integers; pools and shuffles choose among integers; the excitation, the last pool and what has no such op stay
 * floats, between `dequantise` and `quantise`. Only weights of an excitation are integers.
 *
 * @param apart each layer reads the float network's values, quantised, and not those of the layers before it: its error is its own
 */
export function quantisedWith(graph: Graph, lookup: Lookup, float: ReadonlySet<string>, apart = false): Quantised {
  checkGraph(graph);
  const [input, ...others] = graph.nodes.filter((node) => node.op === 'input');
  if (input === undefined || others.length > 0) throw new PlanError(`a quantised network has one input, not ${others.length + 1}`);
  const layers: QuantisedLayer[] = [];
  const result = build(input.shape, (image) => {
    const writer = new Writer(graph, lookup, float, apart, image);
    const outputs = writer.write();
    layers.push(...writer.layers);
    return outputs;
  });
  return { graph: result, layers };
}

/** What stands for a value of the float network: floats, integers, or both. */
interface Forms {
  readonly float?: Value;
  readonly integers?: { readonly value: Value; readonly of: Quantisation };
}

class Writer {
  readonly layers: QuantisedLayer[] = [];
  readonly #graph: Graph;
  readonly #lookup: Lookup;
  readonly #kept: ReadonlySet<string>;
  readonly #apart: boolean;
  readonly #image: Value;
  readonly #forms = new Map<NodeId, Forms>();
  readonly #parameters = new Map<string, Value>();
  readonly #excitations: ReadonlySet<NodeId>;

  constructor(graph: Graph, lookup: Lookup, kept: ReadonlySet<string>, apart: boolean, image: Value) {
    this.#graph = graph;
    this.#lookup = lookup;
    this.#kept = kept;
    this.#apart = apart;
    this.#image = image;
    this.#excitations = excitationLayers(graph);
  }

  write(): Readonly<Record<string, Value>> {
    const { chains, inner } = chainsOf(this.#graph);
    const results = new Map<NodeId, Value>();
    for (const node of this.#graph.nodes) {
      if (node.op === 'param' || inner.has(node.id)) continue;
      const chain = chains.get(node.id);
      const integers = node.op === 'input' ? undefined : chain ? this.#chain(chain) : this.#chosen(node);
      if (integers !== undefined) this.#forms.set(node.id, integers);
      if (integers === undefined || this.#apart) {
        const float = node.op === 'input' ? this.#image : chain ? this.#plainChain(chain) : this.#plain(node);
        if (integers !== undefined) results.set(node.id, this.#float(node.id));
        this.#forms.set(node.id, { float });
      }
    }
    const known = (id: NodeId): Value | undefined => this.#forms.get(id)?.float ?? this.#forms.get(id)?.integers?.value;
    for (const [path, runs] of this.#graph.modules ?? [])
      for (const value of runs.map(known)) if (value !== undefined) this.#image.graph.module(path, value);
    for (const [name, id] of this.#graph.features ?? []) {
      const value = known(id); // inside a chain there is none, unless it is an output: then it is no chain
      if (value !== undefined) this.#image.graph.feature(name, value);
    }
    return Object.fromEntries([...this.#graph.outputs].map(([name, id]) => [name, results.get(id) ?? this.#float(id)]));
  }

  #emit = <K extends OpName>(op: K, inputs: readonly Value[], attrs: never): Value => this.#image.graph.emit(op, inputs, attrs);

  #node(id: NodeId | undefined): Node {
    return this.#graph.nodes[id as NodeId] as Node;
  }

  #float(id: NodeId): Value {
    const forms = this.#forms.get(id) ?? {};
    if (forms.float !== undefined) return forms.float;
    const { value, of } = forms.integers as NonNullable<Forms['integers']>;
    const float = this.#image.graph.emit('dequantise', [value], { x: of });
    this.#forms.set(id, { ...forms, float });
    return float;
  }

  /** Floats are quantised where they are read first. */
  #integers(id: NodeId): NonNullable<Forms['integers']> {
    const forms = this.#forms.get(id) ?? {};
    if (forms.integers !== undefined) return forms.integers;
    const of = this.#lookup(id, false);
    const integers = { value: this.#image.graph.emit('quantise', [forms.float as Value], { y: of }), of };
    this.#forms.set(id, { ...forms, integers });
    return integers;
  }

  /** A parameter of the float network, or of other numbers under another name. */
  #parameter(name: string, shape: Shape, trainable: boolean, dtype?: IntegerDtype): Value {
    const known = this.#parameters.get(name);
    if (known !== undefined) return known;
    const value = this.#image.graph.emit('param', [], { name, shape, trainable, ...(dtype && { dtype }) });
    this.#parameters.set(name, value);
    return value;
  }

  /** A node as it is, of floats. */
  #plain({ op, inputs, attrs }: Node, from: (id: NodeId) => Value = (id) => this.#operand(id)): Value {
    return this.#emit(op, inputs.map(from), attrs as never);
  }

  #operand(id: NodeId): Value {
    const node = this.#node(id);
    return node.op === 'param' ? this.#parameter(node.attrs.name, node.shape, node.attrs.trainable) : this.#float(id);
  }

  #plainChain({ anchor, norm, sum, after }: Chain): Value {
    let [value, id] = [this.#plain(anchor), anchor.id];
    for (const node of [norm, sum, after]) {
      if (node === undefined) continue;
      const [before, at] = [value, id];
      value = this.#plain(node, (input) => (input === at ? before : this.#operand(input)));
      id = node.id;
    }
    return value;
  }

  /** Ops that choose among integers, or move them; a mean of them. */
  #chosen(node: Node): Forms | undefined {
    const x = this.#forms.get(node.inputs[0] as NodeId)?.integers;
    if (x === undefined || this.#apart) return undefined;
    switch (node.op) {
      case 'maxPool2d':
      case 'globalMaxPool':
      case 'channelShuffle':
      case 'channelSlice':
      case 'upsampleNearest':
        return { integers: { value: this.#emit(node.op, [x.value], node.attrs as never), of: x.of } };
      case 'globalAvgPool':
        return { float: this.#image.graph.emit('quantisedGlobalAvgPool', [x.value], { u: x.of }) };
      case 'concat':
        return this.#joined(node);
      default:
        return undefined;
    }
  }

  /** Operands of one quantisation. */
  #joined({ id, inputs }: Node): Forms | undefined {
    const of = this.#lookup(id, false);
    const parts = inputs.map((input) => {
      const x = this.#integers(input);
      return isSame(x.of, of) ? x.value : this.#image.graph.emit('quantisedPointwise', [x.value], { x: x.of, y: of, of: 'identity' });
    });
    return { integers: { value: this.#image.graph.emit('concat', parts, {}), of } };
  }

  #chain(chain: Chain): Forms | undefined {
    const { anchor, after, last } = chain;
    if (anchor.op === 'conv2d' || anchor.op === 'linear') return this.#layer(chain, anchor);
    if (anchor.op === 'scale') return this.#gated(chain, anchor);
    const [a, b] = anchor.inputs.map((id) => this.#forms.get(id)?.integers ?? (this.#mayQuantise(anchor) ? this.#integers(id) : undefined));
    if (a === undefined || b === undefined) return undefined;
    const of = this.#lookup(last.id, false);
    const y = after ? withoutNegatives(of) : of;
    return { integers: { value: this.#image.graph.emit('quantisedAdd', [a.value, b.value], { a: a.of, b: b.of, y }), of } };
  }

  /** A sum of planes is one of integers even where one of them is not yet; what excitations add stays floats. */
  #mayQuantise({ shape, inputs }: Node): boolean {
    return shape.length === 4 && (this.#apart || inputs.some((id) => this.#forms.get(id)?.integers !== undefined));
  }

  /** undefined where what is scaled is no integers. */
  #gated({ sum, after, last }: Chain, { inputs, id }: Node): Forms | undefined {
    if (!this.#apart && this.#forms.get(inputs[0] as NodeId)?.integers === undefined) return undefined;
    const u = this.#integers(inputs[0] as NodeId);
    const s = this.#float(inputs[1] as NodeId);
    const other = sum && this.#integers(sum.inputs.find((input) => input !== id) as NodeId);
    const of = this.#lookup(last.id, false);
    const operands = [u.value, s, ...(other ? [other.value] : [])];
    const attrs = { u: u.of, ...(other && { residual: other.of }), y: after ? withoutNegatives(of) : of };
    return { integers: { value: this.#image.graph.emit('quantisedScale', operands, attrs), of } };
  }

  /** undefined for a layer that stays as it is. */
  #layer({ anchor, norm, after, last }: Chain, node: Node<'conv2d' | 'linear'>): Forms | undefined {
    const [w, bias] = [this.#node(node.inputs[1]), node.inputs[2] === undefined ? undefined : this.#node(node.inputs[2])];
    if (w.op !== 'param' || (bias && bias.op !== 'param')) return undefined;
    const weight = w.attrs.name;
    const name = weight.replace(/\.weight$/, '');
    if (this.#kept.has(name)) return undefined;
    const outputs = w.shape[0] as number;
    const about = { name, weight, bias: bias?.attrs.name, norm, outputs, id: last.id };
    const [weights, scales] = [
      this.#parameter(this.#own(weight), w.shape, w.attrs.trainable, 'int8'),
      this.#parameter(scaleName(this.#own(weight)), [outputs], false),
    ];
    if (this.#excitations.has(anchor.id)) {
      this.layers.push(about);
      const float = bias ? [this.#parameter(bias.attrs.name, bias.shape, bias.attrs.trainable)] : [];
      const value = this.#image.graph.emit('scaledLinear', [this.#float(node.inputs[0] as NodeId), weights, scales, ...float], {});
      return { float: after ? this.#emit(after.op, [value], {} as never) : value };
    }
    const x = this.#integers(node.inputs[0] as NodeId);
    this.layers.push({ ...about, x: x.of });
    const sums = bias || norm ? [this.#parameter(this.#own(bias?.attrs.name ?? biasName(name)), [outputs], true, 'int32')] : [];
    const operands = [x.value, weights, scales, ...sums];
    const layer = (y: Quantisation | undefined): Value => {
      const attrs = { x: x.of, w: { dtype: 'int8', zeroPoints: [0] }, ...(y && { y }) } as const;
      return node.op === 'conv2d'
        ? this.#image.graph.emit('quantisedConv2d', operands, { ...node.attrs, ...attrs })
        : this.#image.graph.emit('quantisedLinear', operands, attrs);
    };
    // logits, and what only floats are made of, need no rounding
    if (node.op === 'linear' && !(after?.op === 'relu' && this.#feedsLayer(last.id))) {
      const value = layer(undefined);
      return { float: after ? this.#emit(after.op, [value], {} as never) : value };
    }
    if (after === undefined || after.op === 'relu' || after.op === 'relu6') {
      const y = this.#lookup(last.id, false);
      return { integers: { value: layer(after ? withoutNegatives(y) : y), of: y } };
    }
    const before = this.#lookup((norm ?? anchor).id, true);
    const y = this.#lookup(last.id, false);
    const table = { x: before, y, of: after.op as PointwiseOp };
    return { integers: { value: this.#image.graph.emit('quantisedPointwise', [layer(before)], table), of: y } };
  }

  #own(name: string): string {
    return this.#apart ? apartName(name) : name;
  }

  #feedsLayer(id: NodeId): boolean {
    return this.#graph.nodes.some(({ op, inputs }) => op === 'linear' && inputs[0] === id);
  }
}

/** What a ReLU leaves. */
const withoutNegatives = (y: Quantisation): Quantisation => ({ ...y, range: [y.zeroPoint, y.range[1]] });

const isSame = (a: Quantisation, b: Quantisation): boolean =>
  a.scale === b.scale && a.zeroPoint === b.zeroPoint && sameShape(a.range, b.range);
