import { InputError, ShapeError, UnsupportedError, underName, WeightsError } from '../errors.js';
import { build, type Chosen } from '../graph/build.js';
import { parameters } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { checkKnown, type Keys } from '../graph/known.js';
import { prune } from '../graph/prune.js';
import { withoutGates } from '../graph/withoutGates.js';
import type { Value } from '../ops/op.js';
import { isShape, kindOf, type Shape, shown, sizeOf, type Tensor } from '../tensor.js';
import { NodeCall } from './arguments.js';
import { folded, heldTensor, shapeOf, usualFolds, whole } from './fold.js';
import type { Gate } from './made.js';
import { Maker } from './maker.js';
import type { OnnxModel } from './model.js';
import type { OnnxNode } from './node.js';
import type { OnnxValue } from './proto.js';
import { asFloats } from './rules/elementwise.js';
import type { Folds, Rules } from './rules/rule.js';
import { usualRules } from './rules/usual.js';
import { liveOf } from './rules/views.js';
import { type Constant, dtypeName, kindOfType } from './tensor.js';
import { type UnsupportedNode, UnsupportedNodesError } from './unsupported.js';
import { cannot, type Fixed, Inexpressible, isFixed, type Known, type Live, ourShape, settled } from './values.js';

export interface OnnxGraphOptions {
  /** Of the first input. @defaultValue the file's, if it leaves no extent open */
  readonly input?: Shape;
  /** Of any input, by its name in the file. @defaultValue the file's */
  readonly inputs?: Readonly<Record<string, Shape>>;
  /** Which gates become outputs, by the names that their values have in the file. @defaultValue false */
  readonly gates?: Chosen;
  /** `false` leaves the gates out and everything else as it is: the host that their cost is measured against. @defaultValue true */
  readonly se?: boolean;
}

/** An ONNX file as a network of ours. */
export interface OnnxGraph {
  /**
   * Its outputs are named as the file's, and so are the modules that its values are of; its first input is called `input`, as every network's, and others as in
   * the file. Values are [N, C] or [N, C, H, W] in it.
   */
  readonly graph: Graph;
  /** By the names of the initializers that they are. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The SE blocks, by the names of their gates. */
  readonly gates: ReadonlyMap<string, Gate>;
  /** What the file calls its first input. */
  readonly inputName: string;
  /** All inputs: what the graph calls each, and what the file does. */
  readonly inputs: readonly OnnxGraphInput[];
  /** The shapes that the outputs have in the file: of the same numbers, in the same order. */
  readonly outputShapes: ReadonlyMap<string, Shape>;
  /** What the file calls its first output, and the graph too. */
  readonly outputName: string;
}

export interface OnnxGraphInput {
  readonly name: string;
  /** In the file. */
  readonly fileName: string;
  /** In the file. The graph's is as [N, C] or [N, C, H, W]. */
  readonly shape: Shape;
}

/** Operators whose output has the shape of their first input: what follows one that is not known can be judged all the same. */
const shapeKeeping = new Set(
  'Clip LeakyRelu PRelu Elu Selu Celu Gelu Mish Erf Softplus Softsign Softmax LogSoftmax HardSigmoid HardSwish Exp Log Sqrt Abs Neg Floor Ceil Round Pow InstanceNormalization LayerNormalization LRN Dropout BatchNormalization QuantizeLinear DequantizeLinear Div'.split(
    ' ',
  ),
);

/** Values that folding may make, beside four times the weights. */
const mostFolded = 2 ** 22;

/**
 * The network of an ONNX file for one shape of the input, with its weights, which are views of the file where they can be. SE blocks are found by what
 * they compute; their gates may be asked for as outputs.
 *
 * @throws UnsupportedNodesError naming every node that cannot be expressed; InputError and ShapeError for an input that the file does not take; WeightsError
 * for a damaged tensor.
 */
export function graphOfOnnx(model: OnnxModel, options: OnnxGraphOptions = {}): OnnxGraph {
  if (kindOf(model) !== 'Object' || !('initializers' in model))
    throw new InputError(`graphOfOnnx takes what readOnnx(bytes) gives, once it is awaited, not ${kindOf(model)}`);
  checkKnown('graphOfOnnx', options, { input: true, inputs: true, gates: true, se: true } satisfies Keys<OnnxGraphOptions>);
  const { gates = false, se = true } = options;
  if (typeof se !== 'boolean') throw new InputError(`se is true or false, not ${shown(se)}`);
  const inputs = inputsOf(model, options);
  const [first, ...others] = inputs;
  if (first === undefined) throw new UnsupportedError('onnx: expected an input, found none');
  let found: Pick<Walk, 'maker' | 'shapes'> | undefined;
  const graph = build(
    ourShape(first.shape),
    (image) => {
      const more = others.map(({ name, shape }) => image.graph.emit('input', [], { name, shape: ourShape(shape) }));
      const known = inputs.map(({ fileName, shape }, i): [string, Live] => [fileName, { value: [image, ...more][i] as Value, shape }]);
      const walk = new Walk(model, image, known);
      found = walk;
      return walk.outputs();
    },
    { gates: se && gates },
  );
  const { maker, shapes } = found as unknown as Pick<Walk, 'maker' | 'shapes'>;
  const needed = se ? prune(graph, new Set(graph.parameters)) : withoutGates(graph, [...maker.gates.keys()]);
  const names = new Set(parameters(needed).map(({ name }) => name));
  return {
    graph: needed,
    weights: new Map([...maker.weights].filter(([name]) => names.has(name))),
    gates: se ? maker.gates : new Map(),
    inputName: first.fileName,
    inputs,
    outputName: (model.outputs[0] as OnnxValue).name,
    outputShapes: shapes,
  };
}

/** @throws UnsupportedError for an input that is not of floats; InputError and ShapeError for shapes that it does not take. */
function inputsOf(model: OnnxModel, { input, inputs = {} }: OnnxGraphOptions): readonly OnnxGraphInput[] {
  const unknown = Object.keys(inputs).find((name) => !model.inputs.some((value) => value.name === name));
  if (unknown !== undefined) throw new InputError(`no input is called ${unknown.slice(0, 80)}`);
  return model.inputs.map((value, i) => {
    const { name, type } = value;
    if (type !== 0 && kindOfType(type) !== 'float')
      throw new UnsupportedError(`onnx: expected input ${name.slice(0, 80)} to be of floats, found ${dtypeName(type)}`);
    const wanted = inputs[name] ?? (i === 0 ? input : undefined);
    return { name: i === 0 ? 'input' : name === 'input' ? 'input of the file' : name, fileName: name, shape: shapeOfInput(value, wanted) };
  });
}

function shapeOfInput({ name, shape }: OnnxValue, wanted: Shape | undefined): Shape {
  if (wanted !== undefined && !isShape(wanted)) throw new InputError(`input: a shape is a list of whole numbers, not ${kindOf(wanted)}`);
  const found = wanted ?? shape;
  if (!isShape(found) || sizeOf(found) === 0) {
    const open = shape === undefined ? 'an open shape' : `[${shape.map((extent) => extent ?? '?').join(', ')}]`.slice(0, 200);
    throw new InputError(`input ${name.slice(0, 80)} is ${open} in the file: give the shape, as { input: [1, 3, 224, 224] }`);
  }
  const fits =
    shape === undefined ||
    (shape.length === found.length && shape.every((extent, i) => typeof extent !== 'number' || extent <= 0 || extent === found[i]));
  if (!fits)
    throw new ShapeError(`input ${name.slice(0, 80)}`, {
      expected: shape.map((extent) => (typeof extent === 'number' ? extent : 0)),
      found,
    });
  return found;
}

/** One pass over the nodes: what is constant is folded, the rest emitted. */
class Walk {
  readonly maker: Maker;
  readonly #model: OnnxModel;
  readonly #rules: Rules;
  readonly #folds: Folds;
  /** A name that is missing here stands for what cannot be expressed. */
  readonly #known = new Map<string, Known>();
  readonly #unsupported: UnsupportedNode[] = [];
  /** What nodes read, or the caller: exporters name outputs that nobody does, such as Dropout's mask. */
  readonly #wanted: ReadonlySet<string>;
  /** How many values folding may still make. */
  #foldable: number;

  /** Of the outputs, once they are there. */
  readonly shapes = new Map<string, Shape>();

  constructor(model: OnnxModel, image: Value, inputs: Iterable<readonly [string, Known]>) {
    this.#model = model;
    this.#rules = { ...usualRules, ...model.rarer?.rules };
    this.#folds = { ...usualFolds, ...model.rarer?.folds };
    // weights may be Constant nodes, as Paddle writes them
    const held = model.nodes.map(({ op, attributes }) => (op === 'Constant' ? heldTensor(attributes) : undefined));
    this.#foldable = [...model.initializers.values(), ...held].reduce(
      (sum, tensor) => sum + (tensor === undefined || tensor.hollow ? 0 : 4 * sizeOf(tensor.shape)),
      mostFolded,
    );
    const read = [...model.nodes.flatMap(({ inputs: names }) => names), ...model.outputs.map(({ name }) => name)];
    this.#wanted = new Set(read.filter((name) => name !== ''));
    this.maker = new Maker(image, model.rarer?.integerForms);
    for (const [name, known] of inputs) this.#known.set(name, known);
    for (const node of model.nodes) this.#visit(node);
    if (this.#unsupported.length > 0) throw new UnsupportedNodesError(this.#unsupported);
  }

  outputs(): Readonly<Record<string, Value>> {
    return Object.fromEntries(
      this.#model.outputs.map(({ name }, i) => {
        const known = this.#read(name);
        // constants may stand beside what is computed
        if (known === undefined || (isFixed(known) && (i === 0 || sizeOf(known.constant.shape) === 0)))
          throw new UnsupportedError(`onnx: output ${name.slice(0, 80)} does not depend on the input`);
        const found = liveOf(this.maker, asFloats(known));
        this.shapes.set(name, found.shape);
        return [name, settled(found).value];
      }),
    );
  }

  /** Initializers become constants when they are first read. */
  #read(name: string): Known | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const tensor = this.#model.initializers.get(name);
    if (tensor === undefined) return undefined;
    const fixed = { name, constant: tensor.read() };
    this.#known.set(name, fixed);
    return fixed;
  }

  #visit(node: OnnxNode): void {
    if (node.when?.some(({ condition, is }) => this.#truth(condition) !== is)) return;
    try {
      const inputs = node.inputs.map((name) => (name === '' ? undefined : this.#read(name)));
      const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
      if (!Object.hasOwn(this.#rules, op) && !Object.hasOwn(this.#folds, op))
        cannot(`this operator is not known${/nchwc$/.test(node.domain) ? ', only those that are for any processor' : ''}`);
      if (op !== 'If' && node.inputs.some((name, i) => name !== '' && inputs[i] === undefined)) return; // it follows one that is not known
      const results = this.#results(new NodeCall(node, this.#model.opset, inputs), op);
      for (const [i, name] of node.outputs.entries())
        if (this.#wanted.has(name)) this.#learn(name, results[i] ?? cannot(`output ${i} is not known`));
    } catch (error) {
      this.#refuse(node, error);
    }
  }

  /** Of a value that is known beforehand. */
  #truth(name: string): boolean | undefined {
    const known = this.#read(name);
    return known !== undefined && isFixed(known) ? known.constant.data[0] !== 0 : undefined;
  }

  #learn(name: string, known: Known): void {
    this.#known.set(name, known);
    // what is padded is not there before a convolution pads it
    if (!isFixed(known) && known.border === undefined) this.maker.called(name, known.value);
  }

  #results(call: NodeCall, op: string): readonly Known[] {
    const [first] = call.inputs;
    if (first !== undefined && !isFixed(first)) {
      if (op === 'Shape') return [fixed(call.node, 0, shapeOf(call, first.shape))];
      if (op === 'Size') return [fixed(call.node, 0, whole([], [sizeOf(first.shape)]))];
    }
    const isConstant = call.inputs.every((input) => input === undefined || isFixed(input));
    const fold = Object.hasOwn(this.#folds, op) ? this.#folds[op] : undefined;
    if (isConstant && fold !== undefined) {
      const constants = call.inputs.map((input) => (input !== undefined && isFixed(input) ? input.constant : undefined));
      const made = folded(fold, call, constants);
      const values = made.reduce((sum, { data }) => sum + (constants.some((constant) => constant?.data === data) ? 0 : data.length), 0);
      this.#foldable -= op === 'Constant' ? -4 * values : values; // what a node holds is a weight like an initializer
      if (this.#foldable < 0) cannot('constants take more than the file in memory');
      // a constant that only changes its name or shape stays the initializer that it was
      return made.map((constant, i) => {
        const source = call.inputs.find((input) => input !== undefined && isFixed(input) && input.constant.data === constant.data);
        return source === undefined ? fixed(call.node, i, constant) : { name: (source as Fixed).name, constant };
      });
    }
    const rule = (Object.hasOwn(this.#rules, op) ? this.#rules[op] : undefined) ?? cannot('this operator is known of constants only');
    // what has no fold is computed of a value
    const results = rule(isConstant && first ? call.of([liveOf(this.maker, asFloats(first)), ...call.inputs.slice(1)]) : call, this.maker);
    return Array.isArray(results) ? results : [results as Known];
  }

  #refuse(node: OnnxNode, error: unknown): void {
    if (this.#unsupported.length > 0 && (error instanceof InputError || error instanceof ShapeError)) return; // it may be of what stands for one that is not known
    if (!(error instanceof UnsupportedError))
      throw error instanceof WeightsError ? error : underName(`onnx: node ${node.name.slice(0, 80)} (${node.op.slice(0, 40)})`, error);
    const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
    this.#unsupported.push({ node: node.name, op, opset: this.#model.opset, reason: error.message });
    const first = this.#known.get(node.inputs[0] ?? '');
    const output = node.outputs[0];
    if (!output) return;
    if (error instanceof Inexpressible && error.shape !== undefined) this.#known.set(output, this.#standIn(error.shape));
    else if (first !== undefined && shapeKeeping.has(node.op)) this.#known.set(output, first);
  }

  /** A value of a shape, in a graph that will not be finished. */
  #standIn(shape: Shape): Live {
    const value = this.maker.emit('input', [], { name: `stand-in ${this.#unsupported.length}`, shape });
    return { value, shape };
  }
}

const fixed = ({ outputs }: OnnxNode, i: number, constant: Constant): Known => ({ name: outputs[i] as string, constant });
