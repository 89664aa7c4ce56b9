import { heap } from '../io/budget.js';
import type { OnnxAttribute, OnnxNode } from './node.js';
import { type OnnxReading, who } from './reading.js';

/**
 * Operators of onnxruntime's own domain, said in ONNX's. Its quantiser writes those of integers (`QuantFormat.QOperator`), its optimiser those that stand for two or
 * three (`SessionOptions.optimized_model_filepath`). Their meaning is that of the list of contrib operators in its repository.
 */
const domain = 'com.microsoft';

/** What a node is replaced by; undefined for a form of it that is not known, which is then refused by its own name. */
type Meaning = (terms: Terms) => string | undefined;

type Attributes = Readonly<Record<string, OnnxAttribute>>;

/** Nodes in the place of one. What they make is named behind its first output. */
class Terms {
  readonly node: OnnxNode;
  readonly opset: number;
  readonly made: OnnxNode[] = [];
  readonly #budget: OnnxReading['budget'];
  readonly #floats: Map<string, string>;

  /** @param floats what was dequantised for nodes before, by what it was made of, and by its name: it is one value for all */
  constructor(node: OnnxNode, opset: number, budget: OnnxReading['budget'], floats: Map<string, string>) {
    this.node = node;
    this.opset = opset;
    this.#budget = budget;
    this.#floats = floats;
  }

  /** The name of input i, empty where it is left out. */
  input(i: number): string {
    return this.node.inputs[i] ?? '';
  }

  numberOf(name: string, otherwise: number): number {
    const value = this.node.attributes.get(name);
    return typeof value === 'number' ? value : otherwise;
  }

  numbersOf(name: string): readonly number[] {
    const value = this.node.attributes.get(name);
    return Array.isArray(value) ? value.filter((each) => typeof each === 'number') : [];
  }

  /** The node's own attributes of these names. */
  own(...names: readonly string[]): Attributes {
    return Object.fromEntries([...this.node.attributes].filter(([name]) => names.includes(name)));
  }

  /** @returns what the new node makes, which is called `name` */
  emit(
    op: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    name = `${this.node.outputs[0]}/${this.made.length}.${op}`,
  ): string {
    this.#budget.spend(heap.object + 3 * heap.dict + 2 * heap.text(name.length) + heap.element * (inputs.length + 1), who);
    this.made.push({
      name: `${this.node.name}/${this.made.length}.${op}`,
      op,
      domain: '',
      inputs,
      outputs: [name],
      attributes: new Map(Object.entries(attributes)),
    });
    return name;
  }

  number(value: number): string {
    return this.emit('Constant', [], { value_float: value });
  }

  /** Input i, whose scale and zero point are the two behind it. */
  dequantised(i: number, attributes?: Attributes): string {
    const inputs = [0, 1, 2].map((operand) => this.input(i + operand));
    const key = JSON.stringify([inputs, attributes]);
    const known = this.#floats.get(key);
    if (known !== undefined) return known;
    const name = `${inputs[0]}/floats`;
    const made = this.emit('DequantizeLinear', inputs, attributes, this.#floats.has(name) ? `${name}.${this.#floats.size}` : name);
    this.#floats.set(key, made).set(name, made);
    return made;
  }

  /** By the scale that is input i and the zero point behind it. */
  quantised(value: string, i: number): string {
    return this.emit('QuantizeLinear', [value, this.input(i), this.input(i + 1)]);
  }
}

/** Integers of one tensor, with an operator of floats between their numbers. */
const unary =
  (op: string, ...attributes: readonly string[]): Meaning =>
  (terms) => {
    if (terms.numberOf('channels_last', 0) !== 0) return undefined;
    return terms.quantised(terms.emit(op, [terms.dequantised(0)], terms.own(...attributes)), 3);
  };

const binary =
  (op: string): Meaning =>
  (terms) =>
    terms.quantised(terms.emit(op, [terms.dequantised(0), terms.dequantised(3)]), 6);

/** Before operator set 13 softmax is over all axes from one on; the attribute `opset` says which of the two is meant. */
const softmax: Meaning = (terms) => {
  const isOld = (opset: number): boolean => opset < 13;
  return isOld(terms.numberOf('opset', 0)) === isOld(terms.opset) ? unary('Softmax', 'axis')(terms) : undefined;
};

/** From operator set 18 on the axes are an input. */
const reduceMean: Meaning = (terms) => {
  if (terms.opset < 18) return unary('ReduceMean', 'axes', 'keepdims')(terms);
  const axes = terms.emit('Constant', [], { value_ints: terms.numbersOf('axes') });
  return terms.quantised(terms.emit('ReduceMean', [terms.dequantised(0), axes], terms.own('keepdims')), 3);
};

/** The output's scale and zero point come first, then three inputs for each part. */
const concat: Meaning = (terms) => {
  const parts = Array.from({ length: Math.floor((terms.node.inputs.length - 2) / 3) }, (_, i) => terms.dequantised(2 + 3 * i));
  return terms.quantised(terms.emit('Concat', parts, terms.own('axis')), 0);
};

const where: Meaning = (terms) => terms.quantised(terms.emit('Where', [terms.input(0), terms.dequantised(1), terms.dequantised(4)]), 7);

/** The bias is of int32, in units of α times both scales. Without a scale of the output that is of floats. */
const gemm: Meaning = (terms) => {
  const scale = (): string => {
    const product = terms.emit('Mul', [terms.input(1), terms.input(4)]);
    const alpha = terms.numberOf('alpha', 1);
    return alpha === 1 ? product : terms.emit('Mul', [product, terms.number(alpha)]);
  };
  const outputs = terms.numberOf('transB', 0) === 1 ? 0 : 1;
  const operands = [terms.dequantised(0), terms.dequantised(3, { axis: outputs })];
  const bias = terms.input(6) === '' ? [] : [terms.emit('DequantizeLinear', [terms.input(6), scale()], { axis: 0 })];
  const y = terms.emit('Gemm', [...operands, ...bias], terms.own('alpha', 'transA', 'transB'));
  return terms.input(7) === '' ? y : terms.quantised(y, 7);
};

/** A product of integers by both scales, and a bias of floats. */
const scaledProduct = (terms: Terms, product: string, [x, w]: readonly [string, string], bias: string): string => {
  const y = terms.emit('Mul', [terms.emit('Cast', [product], { to: 1 }), terms.emit('Mul', [x, w])]);
  return bias === '' ? y : terms.emit('Add', [y, bias]);
};

const matMulIntegerToFloat: Meaning = (terms) => {
  const product = terms.emit(
    'MatMulInteger',
    [0, 1, 4, 5].map((i) => terms.input(i)),
  );
  return scaledProduct(terms, product, [terms.input(2), terms.input(3)], terms.input(6));
};

/** What is computed of the activations as they are: their integers, scale and zero point. */
const dynamicQuantizeMatMul: Meaning = (terms) => {
  const name = `${terms.node.outputs[0]}/x`;
  const [x, scale, zeroPoint] = [name, `${name}.scale`, `${name}.zero_point`];
  const quantising: OnnxNode = {
    ...terms.node,
    name: `${terms.node.name}/x`,
    op: 'DynamicQuantizeLinear',
    domain: '',
    attributes: new Map(),
  };
  terms.made.push({ ...quantising, inputs: [terms.input(0)], outputs: [x, scale, zeroPoint] });
  const product = terms.emit('MatMulInteger', [x, terms.input(1), zeroPoint, terms.input(3)]);
  return scaledProduct(terms, product, [scale, terms.input(2)], terms.input(4));
};

/** What the numbers beside an activation are attributes of, in their order. */
const activationAttributes: Readonly<Record<string, readonly string[]>> = {
  Relu: [],
  Sigmoid: [],
  Tanh: [],
  HardSwish: [],
  LeakyRelu: ['alpha'],
  HardSigmoid: ['alpha', 'beta'],
};

function activated(terms: Terms, x: string, numbers: readonly number[]): string | undefined {
  const activation = terms.node.attributes.get('activation') ?? '';
  if (typeof activation !== 'string') return undefined;
  if (activation === '') return x;
  if (activation === 'Clip') {
    const [min = -Infinity, max = Infinity] = numbers;
    return terms.opset < 11 ? terms.emit('Clip', [x], { min, max }) : terms.emit('Clip', [x, terms.number(min), terms.number(max)]);
  }
  const names = Object.hasOwn(activationAttributes, activation) ? activationAttributes[activation] : undefined;
  const given = names?.map((name, i): [string, number | undefined] => [name, numbers[i]]).filter(([, value]) => value !== undefined);
  return given && terms.emit(activation, [x], Object.fromEntries(given) as Attributes);
}

/** A convolution, a sum behind it, an activation behind that. */
const fusedConv: Meaning = (terms) => {
  const [, , b, z] = [0, 1, 2, 3].map((i) => terms.input(i)) as [string, string, string, string];
  const windows = ['auto_pad', 'dilations', 'group', 'kernel_shape', 'pads', 'strides'];
  const y = terms.emit('Conv', [terms.input(0), terms.input(1), ...(b === '' ? [] : [b])], terms.own(...windows));
  return activated(terms, z === '' ? y : terms.emit('Add', [y, z]), terms.numbersOf('activation_params'));
};

const fusedGemm: Meaning = (terms) => {
  const y = terms.emit('Gemm', terms.node.inputs, terms.own('alpha', 'beta', 'transA', 'transB'));
  const numbers = ['activation_alpha', 'activation_beta'].map((name) => terms.node.attributes.get(name));
  return activated(
    terms,
    y,
    numbers.filter((value) => typeof value === 'number'),
  );
};

/** x · σ(α · x) */
const quickGelu: Meaning = (terms) => {
  const alpha = terms.number(terms.numberOf('alpha', Math.fround(1.702)));
  return terms.emit('Mul', [terms.input(0), terms.emit('Sigmoid', [terms.emit('Mul', [terms.input(0), alpha])])]);
};

/** Behind a bias, where there is one. */
const gelu =
  (attributes: Attributes): Meaning =>
  (terms) =>
    terms.emit('Gelu', [terms.input(1) === '' ? terms.input(0) : terms.emit('Add', [terms.input(0), terms.input(1)])], attributes);

/** The same as ONNX's of this name. */
const same: Meaning = (terms) => terms.emit(terms.node.op, terms.node.inputs, Object.fromEntries(terms.node.attributes));

const meanings: Readonly<Record<string, Meaning>> = {
  QLinearAdd: binary('Add'),
  QLinearMul: binary('Mul'),
  QLinearSigmoid: unary('Sigmoid'),
  QLinearLeakyRelu: unary('LeakyRelu', 'alpha'),
  QLinearGlobalAveragePool: unary('GlobalAveragePool'),
  QLinearAveragePool: unary('AveragePool', 'auto_pad', 'ceil_mode', 'count_include_pad', 'kernel_shape', 'pads', 'strides'),
  QLinearReduceMean: reduceMean,
  QLinearSoftmax: softmax,
  QLinearConcat: concat,
  QLinearWhere: where,
  QGemm: gemm,
  QuantizeLinear: same,
  DequantizeLinear: same,
  MatMulIntegerToFloat: matMulIntegerToFloat,
  DynamicQuantizeMatMul: dynamicQuantizeMatMul,
  FusedConv: fusedConv,
  FusedGemm: fusedGemm,
  Gelu: gelu({ approximate: 'none' }),
  BiasGelu: gelu({ approximate: 'none' }),
  FastGelu: gelu({ approximate: 'tanh' }),
  QuickGelu: quickGelu,
};

/** Nodes with those of onnxruntime's own operators replaced by ONNX's. */
export function standardised(nodes: readonly OnnxNode[], opset = 0, { budget }: Pick<OnnxReading, 'budget'>): readonly OnnxNode[] {
  const floats = new Map<string, string>();
  return nodes.flatMap((node) => {
    const meaning = node.domain === domain && Object.hasOwn(meanings, node.op) ? meanings[node.op] : undefined;
    if (meaning === undefined || !node.outputs[0]) return [node];
    const terms = new Terms(node, opset, budget, floats);
    const result = meaning(terms);
    if (result === undefined) return [node];
    const last = terms.made.pop() as OnnxNode; // what makes the result is the last of them, and has the name that is read
    return [...terms.made, { ...last, outputs: [node.outputs[0]] }].map((made) => (node.when ? { ...made, when: node.when } : made));
  });
}
