import { PlanError, SenetError, ShapeError } from '../errors.js';
import { insteadOf } from '../meant.js';
import { integersOf, ops } from '../ops/index.js';
import type { Node, OpAttrs, OpName } from '../ops/op.js';
import { isAxisQuantisation, isIntegerDtype, isIntegerWeights, isQuantisation } from '../ops/quantised/quantisation.js';
import { isShape, kindOf, type Shape, sameShape, shown } from '../tensor.js';
import type { Graph } from './graph.js';

const isNumber = (value: unknown): boolean => typeof value === 'number' && !Number.isNaN(value);

/** What each attribute may be, mostly whichever op has it; what further its op asks of it, `infer` checks. */
const kinds = {
  name: (value) => typeof value === 'string',
  shape: isShape,
  trainable: (value) => typeof value === 'boolean',
  stride: pairFrom(1),
  dilation: pairFrom(1),
  kernel: pairFrom(1),
  output: pairFrom(1),
  plane: pairFrom(1),
  padding: (value) => isShape(value) && value.length === 4,
  groups: wholeFrom(1),
  channels: wholeFrom(1),
  begin: wholeFrom(0),
  axes: isShape,
  rounding: (value) => value === 'floor' || value === 'ceil',
  divisor: (value) => value === 'window' || value === 'inside',
  of: (value) => typeof value === 'string' && (isOp(value) || value === 'identity'),
  eps: (value) => Number.isFinite(value) && (value as number) >= 0,
  rate: Number.isFinite,
  factor: Number.isFinite,
  scale: isPositive,
  scales: (value) => Array.isArray(value) && value.every(isPositive),
  samplingRatio: wholeFrom(0),
  combination: isText,
  function: isText,
  reduction: isText,
  outside: isNumber,
  rows: isTaps,
  columns: isTaps,
  view: isShape,
  order: isShape,
  cells: (value) => Array.isArray(value) && value.every((list) => list === null || (Array.isArray(list) && list.every(wholeFrom(-1)))),
  aligned: (value) => typeof value === 'boolean',
  value: Number.isFinite,
  momentum: Number.isFinite,
  correction: Number.isFinite,
  x: isQuantisation,
  y: isQuantisation,
  a: (value, op) => (op === 'apply' ? isNumber(value) : isQuantisation(value)),
  b: (value, op) => (op === 'apply' ? isNumber(value) : isQuantisation(value)),
  u: isQuantisation,
  w: isIntegerWeights,
  residual: isQuantisation,
  along: isAxisQuantisation,
  xDtype: (value) => value === 'uint8' || value === 'int8',
  xZeroPoint: Number.isInteger,
  dtype: isIntegerDtype,
} as const satisfies Record<string, (value: unknown, op: OpName) => boolean>;

const convolution = ['stride', 'padding', 'dilation', 'groups'] as const;
const pool = ['kernel', 'stride', 'padding', 'rounding'] as const;

type Attribute = keyof typeof kinds;
/** Names of attributes of each op that has any. */
type Listed<Names extends { [K in OpName]: PropertyKey }> = {
  readonly [K in OpName as [Names[K]] extends [never] ? never : K]: readonly (Names[K] & Attribute)[];
};
/** Those that an object may lack. */
type OptionalOf<A> = { [P in keyof A]-?: object extends Pick<A, P> ? P : never }[keyof A];

/** The attributes of each op that has any. */
const attributes: Listed<{ [K in OpName]: keyof OpAttrs[K] }> = {
  input: ['name', 'shape'],
  param: ['name', 'shape', 'trainable'],
  conv2d: convolution,
  batchNorm: ['eps'],
  scaleBy: ['factor'],
  channelShuffle: ['groups'],
  maxPool2d: pool,
  avgPool2d: [...pool, 'divisor'],
  adaptiveAvgPool2d: ['output'],
  upsampleNearest: ['output'],
  roiAlign: ['output', 'scales', 'samplingRatio', 'aligned'],
  roiPool: ['output', 'scale'],
  convTranspose2d: [...convolution, 'plane'],
  resample: ['rows', 'columns'],
  rearrange: ['view', 'order', 'cells', 'shape', 'outside'],
  apply: ['function', 'a', 'b'],
  combine: ['combination'],
  reduce: ['reduction', 'axes'],
  fill: ['value'],
  meanGrad: ['shape', 'axes'],
  movingAverage: ['momentum', 'correction'],
  dropout: ['rate'],
  fakeQuantise: ['y'],
  fakeQuantiseGrad: ['y'],
  pointwiseGrad: ['of'],
  channelSlice: ['begin', 'channels'],
  conv2dGradInput: [...convolution, 'plane'],
  conv2dGradWeight: [...convolution, 'kernel'],
  linearGradInput: ['shape'],
  linearGradWeight: ['shape'],
  batchNormGradInput: ['eps'],
  batchNormGradScale: ['eps'],
  batchNormGradMean: ['eps'],
  batchNormGradVariance: ['eps'],
  maxPool2dGrad: pool,
  avgPool2dGrad: [...pool, 'divisor', 'plane'],
  adaptiveAvgPool2dGrad: ['plane'],
  quantise: ['y'],
  dequantise: ['x'],
  quantiseAxis: ['along'],
  dequantiseAxis: ['along'],
  quantisedConv2d: [...convolution, 'x', 'w'],
  quantisedLinear: ['x', 'w'],
  quantisedAdd: ['a', 'b', 'y'],
  quantisedScale: ['u', 'y'],
  quantisedPointwise: ['x', 'y', 'of'],
  quantisedGlobalAvgPool: ['u'],
  integerConv2d: [...convolution, 'xDtype', 'w'],
  integerLinear: ['xDtype', 'w'],
};

/** Those that an op may do without. */
const optional: Listed<{ [K in OpName]: OptionalOf<OpAttrs[K]> }> = {
  param: ['dtype'],
  quantisedConv2d: ['y'],
  quantisedLinear: ['y'],
  quantisedScale: ['residual'],
  integerConv2d: ['xZeroPoint'],
  integerLinear: ['xZeroPoint'],
};

const checked = new WeakSet<Graph>();

/**
 * For graphs that somebody wrote by hand, or read from a file: that nodes are in order and of known ops, that attributes are what the ops take, and that shapes
 * are those that the ops give. A graph does not change, so each is looked at once.
 *
 * @throws PlanError for nodes, outputs and parameters that make no graph; ShapeError for a shape that is not what the node computes
 */
export function checkGraph(graph: Graph): void {
  if (isObject(graph) && checked.has(graph)) return;
  const { nodes, outputs, parameters } = (graph ?? {}) as Partial<Graph>;
  if (!Array.isArray(nodes) || !Array.isArray(parameters) || typeof outputs?.get !== 'function')
    throw new PlanError(`expected a graph of nodes, outputs and parameters, not ${insteadOf('graph', graph)}`);
  nodes.forEach((node: unknown, id) => {
    checkNode(node, id, nodes);
  });
  for (const [name, id] of outputs)
    if (!isIdBefore(nodes.length)(id)) throw new PlanError(`output ${name} is node ${shown(id)}, which the graph does not have`);
  checkNames(nodes, parameters);
  checked.add(graph);
}

/** Notes that a built graph is checked. Its nodes were checked as they were emitted, so its names alone are left. @throws PlanError for a name that stands twice */
export function noteBuilt(graph: Graph): void {
  checkNames(graph.nodes, graph.parameters);
  checked.add(graph);
}

function checkNode(node: unknown, id: number, nodes: readonly Node[]): asserts node is Node {
  const wrong = (what: string): PlanError => new PlanError(`node ${id}: ${what}`);
  if (!isObject(node)) throw wrong(`expected a node, found ${kindOf(node)}`);
  const { id: own, op, inputs, attrs, shape } = node as Partial<Node>;
  if (typeof op !== 'string' || !isOp(op)) throw wrong(`there is no op ${shown(op)}`);
  if (own !== id) throw wrong(`its id is ${shown(own)}, not its place`);
  if (!Array.isArray(inputs) || !inputs.every(isIdBefore(id))) throw wrong(`${op} reads nodes before it, not ${shown(inputs)}`);
  checkAttributes(op, attrs, wrong);
  if (!isShape(shape)) throw wrong(`${op}: a shape is a list of whole numbers, not ${shown(shape)}`);
  const computed = inferred(
    node as unknown as Node,
    inputs.map((input) => (nodes[input] as Node).shape),
  );
  if (!sameShape(computed, shape)) throw new ShapeError(`node ${id}, ${op}`, { computed, found: shape });
  const holds = integersOf(
    op,
    inputs.map((input) => (nodes[input] as Node).integers),
    attrs,
  );
  const { integers } = node as Node;
  if (holds?.dtype !== integers?.dtype || holds?.range.some((bound, i) => bound !== integers?.range[i]))
    throw wrong(`${op} gives ${holds?.dtype ?? 'floats'} of another dtype or range than it says`);
}

/** @throws PlanError, or what `wrong` makes of the reason, for attributes that the op does not take */
export function checkAttributes(op: OpName, attrs: unknown, wrong = (what: string): PlanError => new PlanError(what)): void {
  if (!isObject(attrs)) throw wrong(`${op} has no attributes, not even {}`);
  const given = attrs as Readonly<Record<string, unknown>>;
  const of = (table: Partial<Record<OpName, readonly Attribute[]>>): readonly Attribute[] => table[op] ?? [];
  const said = of(optional).filter((name) => given[name] !== undefined);
  for (const name of [...of(attributes), ...said])
    if (!kinds[name](given[name], op)) throw wrong(`${op} cannot have ${name} ${shown(given[name])}`);
}

/** @throws ShapeError if the inputs do not fit the op, naming the node. */
function inferred(node: Node, inputs: readonly Shape[]): Shape {
  try {
    return (ops[node.op].infer as (inputs: readonly Shape[], attrs: unknown) => Shape)(inputs, node.attrs);
  } catch (cause) {
    if (cause instanceof ShapeError) throw new ShapeError(`node ${node.id}, ${cause.message}`, {});
    if (cause instanceof SenetError) throw cause;
    throw new PlanError(`node ${node.id}: ${node.op} does not take ${inputs.length} operands`, { cause }); // only a wrong number leads so far astray
  }
}

/** Parameters are the `param` nodes, each once; no two of them, and no two inputs, have one name. */
function checkNames(nodes: readonly Node[], parameters: readonly unknown[]): void {
  for (const op of ['input', 'param'] as const) {
    const names = nodes.flatMap((node) => (node.op === op ? [node.attrs.name] : []));
    const seen = new Set<string>();
    for (const name of names) {
      if (seen.has(name)) throw new PlanError(`two nodes of ${op} are called ${name}`);
      seen.add(name);
    }
    if (op === 'param' && (new Set(parameters).size !== parameters.length || parameters.length !== names.length))
      throw new PlanError(`parameters are the ids of the ${names.length} nodes of param, each once; found ${parameters.length}`);
  }
  for (const id of parameters) if (nodes[id as number]?.op !== 'param') throw new PlanError(`parameter ${shown(id)} is no node of param`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

const isOp = (op: string): op is OpName => Object.hasOwn(ops, op);

const isIdBefore =
  (end: number) =>
  (id: unknown): boolean =>
    Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < end;

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

/** Lists of cells with their weights. */
function isTaps(value: unknown): boolean {
  const isTap = (tap: unknown): boolean => Array.isArray(tap) && tap.length === 2 && wholeFrom(0)(tap[0]) && Number.isFinite(tap[1]);
  return Array.isArray(value) && value.every((cells) => Array.isArray(cells) && cells.every(isTap));
}

function isPositive(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) > 0;
}

function wholeFrom(least: number): (value: unknown) => boolean {
  return (value) => Number.isSafeInteger(value) && (value as number) >= least;
}

function pairFrom(least: number): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.length === 2 && value.every(wholeFrom(least));
}
