import { InputError, ShapeError, showShape, UnsupportedError, WeightsError } from '../errors.js';
import { insteadOf, isMistaken } from '../meant.js';
import { forwards } from '../ops/forwards.js';
import type { ComputedOp, InferenceOp, Node, NodeId, OpName } from '../ops/op.js';
import { quantisedOps } from '../ops/quantised/index.js';
import { checkIntegers, type Integers } from '../ops/quantised/quantisation.js';
import { flawOf, kindOf, type Shape, sameShape, type Tensor } from '../tensor.js';
import { checkGraph } from './check.js';
import { count, macsOf } from './count.js';
import type { Graph } from './graph.js';
import { checkKnown, type Keys } from './known.js';

/** What each op means in some domain T: tensors, TensorFlow.js tensors, error bounds, ... Those of training and of quantised graphs may be left out. */
export type Interpreter<T, K extends OpName = InferenceOp> = { readonly [P in K]: (inputs: readonly T[], node: Node<P>) => T };

/** Makes inputs, by name, of the outputs that are computed before them: a detector's regions are chosen from its first layers' answers. */
export type Late<T> = Readonly<Record<string, (outputs: ReadonlyMap<string, T>) => T>>;

export interface EvaluateOptions<T> {
  /** Hears after each node the share of the multiply-adds that are done, from 0 to 1: nearly all of the reference's time goes into them. */
  readonly progress?: (done: number, node: Node) => void;
  /** Inputs that are made on the way; the interpreter is not asked for them. */
  readonly late?: Late<T>;
}

/**
 * Runs the list in order and returns its named outputs; a value is dropped after its last reader.
 *
 * The reference takes its time: `count(graph).macs` over some 10⁸ a second (docs/library.md).
 *
 * @throws UnsupportedError naming an op of training that the interpreter does not know; PlanError and ShapeError for what is no graph, or one whose shapes lie.
 */
export function evaluate<T>(graph: Graph, interpreter: Interpreter<T>, options: EvaluateOptions<T> = {}): ReadonlyMap<string, T> {
  checkGraph(graph);
  if (typeof interpreter !== 'object' || interpreter === null || typeof interpreter.input !== 'function')
    throw new InputError(`an interpreter is an object of rules by op, not ${insteadOf('interpreter', interpreter)}`);
  checkKnown('evaluate', options, { progress: true, late: true } satisfies Keys<EvaluateOptions<T>>);
  const { progress, late } = options;
  if (progress !== undefined && typeof progress !== 'function') throw new InputError(`progress is a function, not ${kindOf(progress)}`);
  checkLate(
    graph.nodes.flatMap((node) => (node.op === 'input' ? [node.attrs.name] : [])),
    late,
  );
  if (progress === undefined) return walk(graph, interpreter, { late });
  const total = Math.max(1, count(graph).macs); // of a graph without any, all is done at the end
  let done = 0;
  const after = (node: Node): void => {
    done += macsOf(graph, node);
    progress(node.id === graph.nodes.length - 1 ? 1 : done / total, node);
  };
  return walk(graph, interpreter, { after, late });
}

/** @throws InputError for a late input that there is not, or that nothing makes */
export function checkLate(inputs: readonly string[], late: Readonly<Record<string, unknown>> = {}): void {
  if (kindOf(late) !== 'Object') throw new InputError(`late inputs are functions by name, not ${kindOf(late)}`);
  for (const [name, make] of Object.entries(late)) {
    if (!inputs.includes(name)) throw new InputError(`no input is called ${name}; there are ${inputs.join(', ')}`);
    if (typeof make !== 'function') throw new InputError(`late input ${name} is a function of the outputs, not ${kindOf(make)}`);
  }
}

interface WalkOptions<T> {
  readonly after?: (node: Node) => void;
  readonly late?: Late<T> | undefined;
}

/** `evaluate` without a look at the graph: also of some of one's nodes, in their order and by their ids there. */
export function walk<T>(graph: Graph, interpreter: Interpreter<T>, { after, late = {} }: WalkOptions<T> = {}): ReadonlyMap<string, T> {
  const outputs = new Set(graph.outputs.values());
  const lastReader = new Map<NodeId, NodeId>();
  for (const node of graph.nodes) for (const id of node.inputs) lastReader.set(id, node.id);

  const values = new Map<NodeId, T>();
  const known = (): ReadonlyMap<string, T> =>
    new Map([...graph.outputs].flatMap(([name, id]) => (values.has(id) ? [[name, values.get(id) as T] as const] : [])));
  for (const node of graph.nodes) {
    const make = node.op === 'input' && Object.hasOwn(late, node.attrs.name) ? late[node.attrs.name] : undefined;
    if (make !== undefined) {
      values.set(node.id, make(known()));
      after?.(node);
      continue;
    }
    const rule = (interpreter as Partial<Interpreter<T, OpName>>)[node.op] as ((inputs: readonly T[], node: Node) => T) | undefined;
    if (rule === undefined)
      throw new UnsupportedError(
        `${node.op}, an op of ${node.op in quantisedOps ? 'quantised graphs' : 'training'}, has no meaning here (node ${node.id})`,
      );
    values.set(
      node.id,
      rule(
        node.inputs.map((id) => values.get(id) as T),
        node,
      ),
    );
    for (const id of node.inputs) if (lastReader.get(id) === node.id && !outputs.has(id)) values.delete(id);
    after?.(node);
  }
  return known();
}

/** Values for the graph's inputs, by name: `{ input: image }`. */
export type Inputs = Readonly<Record<string, Tensor>>;

/** The same, or the tensor itself for a graph of one input. */
export type RunInput = Tensor | Inputs;

/** All by name: a tensor alone is the one that is called so. */
export const inputsByName = (input: RunInput, name = 'input'): Inputs => (isTensor(input) ? { [name]: input } : input);

const isTensor = (input: RunInput): input is Tensor => 'shape' in input && Array.isArray(input.shape);

/**
 * The interpreter that defines every op: readable loops, sums in float64, one rounding a value.
 * Weights and inputs in float64 make the whole run float64.
 *
 * @throws WeightsError for a missing or misshapen tensor, or one that its values do not fill; of inputs ShapeError and InputError.
 */
export function reference(weights: ReadonlyMap<string, Tensor>, inputs: Inputs): Interpreter<Tensor, OpName> {
  checkTensors(weights);
  if (kindOf(inputs) !== 'Object' || isMistaken('inputs', inputs))
    throw new InputError(`inputs are tensors by name, not ${insteadOf('inputs', inputs)}`);
  const computed = Object.fromEntries(
    Object.entries(forwards).map(([op, forward]) => [
      op,
      (values: readonly Tensor[], node: Node) => (forward as (inputs: readonly Tensor[], attrs: unknown) => Tensor)(values, node.attrs),
    ]),
  ) as unknown as Interpreter<Tensor, ComputedOp>;
  return {
    ...computed,
    input: (_, { attrs: { name, shape } }) => inputOf(inputs[name], name, shape),
    param: (_, { attrs: { name, shape }, integers }) => parameterOf(weights, name, shape, integers),
  };
}

/** @throws WeightsError for what is no Map */
export function checkTensors(weights: ReadonlyMap<string, Tensor>): void {
  if (typeof weights?.get !== 'function' || typeof weights.keys !== 'function' || typeof weights[Symbol.iterator] !== 'function')
    throw new WeightsError(`weights are a Map of tensors by name, not ${insteadOf('weights', weights)}`);
}

/** The parameter called `name`. @throws WeightsError if it is missing, has another shape, its values do not fill it, or are not the integers that it is of. */
export function parameterOf(weights: ReadonlyMap<string, Tensor>, name: string, shape: Shape, integers?: Integers): Tensor {
  const found = weights.get(name);
  if (found === undefined) throw new WeightsError(`tensor ${name} is missing`, { tensor: name, shapes: { expected: shape } });
  const flaw = flawOf(found);
  if (flaw !== undefined) throw new WeightsError(`tensor ${name} ${flaw}`, { tensor: name, shapes: { expected: shape } });
  if (!sameShape(found.shape, shape))
    throw new WeightsError(`tensor ${name} has another shape`, { tensor: name, shapes: { expected: shape, found: found.shape } });
  if (integers === undefined) return found;
  checkIntegers(name, found, integers);
  return { shape, data: found.data }; // integers of a file make `data` at each reading: read it once
}

/** @throws ShapeError if an input is absent or has another shape; InputError if it is no tensor of floats, or they do not fill its shape. */
export function inputOf(found: Tensor | undefined, name: string, shape: Shape): Tensor {
  if (found === undefined) throw new ShapeError(`input ${name}`, { expected: shape });
  if (isMistaken('input', found)) throw new InputError(`input ${name} is no tensor but ${insteadOf('input', found, shape)}`);
  const flaw = flawOf(found);
  if (flaw !== undefined) throw new InputError(`input ${name} ${flaw}; expected ${showShape(shape)}`);
  if (!sameShape(found.shape, shape)) throw new ShapeError(`input ${name}`, { expected: shape, found: found.shape });
  return found;
}
