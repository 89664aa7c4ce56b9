import { InputError, UnsupportedError, WeightsError } from '../errors.js';
import { kindOf } from '../tensor.js';
import type { OnnxBytes, OpenExternal } from './external.js';
import { usualFolds } from './fold.js';
import type { OnnxNode } from './node.js';
import { type OnnxValue, readProto } from './proto.js';
import { damaged, who } from './reading.js';
import { isInTraining } from './rules/layers.js';
import type { Rarer } from './rules/rule.js';
import { usualRules } from './rules/usual.js';
import type { OnnxTensor } from './tensor.js';

/** An ONNX file whose graph holds together: each value is made once, and none from itself. */
export interface OnnxModel {
  /** Of the default domain. */
  readonly opset: number;
  readonly ir: number;
  readonly producer: string;
  /** What the file says of itself, by key. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * In an order in which they can be computed. Those that no output needs are left out; calls of functions and operators of onnxruntime's own are replaced by ONNX's
   * operators.
   */
  readonly nodes: readonly OnnxNode[];
  /** The values that the file itself names, where nodes were replaced. @defaultValue all that the nodes make */
  readonly ownValues?: ReadonlySet<string>;
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  /** Without those that are initializers. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Paths of the files beside it that its tensors lie in ("external data"), as it has them. */
  readonly externalFiles: readonly string[];
  /** What few files need, where this one has such operators. @defaultValue none of them is known */
  readonly rarer?: Rarer;
}

/** Operator sets of the default domain whose operators are known here. */
const opsets = { oldest: 7, newest: 23 } as const;

export interface OnnxReadOptions {
  /** Opens the files that tensors lie in beside the model's own ("external data"). `senet/node` reads them from its folder: `readOnnxFile`. */
  readonly external?: OpenExternal;
}

/**
 * Reads an ONNX file. Weights that lie in bytes stay there; of a Blob or a file that is open those that an output needs are read, a tensor at a time.
 *
 * @throws WeightsError for a damaged file, one whose values are made twice, never, or from themselves, and for tensors in other files that are not in the
 * model's folder, not there, or do not hold them; UnsupportedError for operator sets before 7 and after 23.
 */
export async function readOnnx(file: OnnxBytes, { external }: OnnxReadOptions = {}): Promise<OnnxModel> {
  if (external !== undefined && typeof external !== 'function')
    throw new InputError(`external: expected a function that opens a file by its path, not ${kindOf(external)}`);
  const {
    ir,
    producer,
    opsets: imported,
    metadata,
    nodes: all,
    ownValues,
    initializers,
    inputs,
    outputs,
    loads,
    externalFiles,
  } = await readProto(file).catch((error: unknown) => {
    throw error instanceof WeightsError && error.message.startsWith('protobuf:')
      ? damaged(`the file is damaged, or is none of ONNX (${error.message})`)
      : error;
  });
  const opset = imported.get('') ?? 0;
  if (opset < opsets.oldest || opset > opsets.newest)
    throw new UnsupportedError(`${who}: expected operator set ${opsets.oldest} to ${opsets.newest}, found ${opset || 'none'}`);
  const constants = new Map<string, OnnxTensor>();
  for (const tensor of initializers) {
    if (constants.has(tensor.name)) throw damaged(`two initializers are called ${shown(tensor.name)}`);
    constants.set(tensor.name, tensor);
  }
  const given = inputs.filter(({ name }) => !constants.has(name));
  const nodes = needed(ordered(all, [...constants.keys(), ...given.map(({ name }) => name)], outputs), outputs);
  const files = externalFiles.size > 0 ? new (await import('./external.js')).ExternalFiles(external) : undefined;
  for (const tensor of tensorsOf(nodes, constants, outputs)) await loads.get(tensor)?.(files);
  const model: OnnxModel = {
    opset,
    ir,
    producer,
    metadata: Object.fromEntries(metadata),
    nodes,
    ...(ownValues && { ownValues }),
    initializers: constants,
    inputs: given,
    outputs,
    externalFiles: [...externalFiles],
  };
  const needsRarer = nodes.some((node) => isRarer(node) || isInTraining(node, opset)) || hasFurtherConstants(nodes, constants);
  return needsRarer ? { ...model, rarer: (await import('./rules/rarer.js')).rarer } : model;
}

/** Of shapes, which are constants: they have no rule. */
const ofShapes: readonly string[] = ['Constant', 'Shape', 'Size', 'ConstantOfShape'];
const isRarer = ({ op, attributes }: OnnxNode): boolean =>
  (!Object.hasOwn(usualRules, op) && !ofShapes.includes(op)) || (op === 'Transpose' && `${attributes.get('perm')}` === '0,2,3,1'); // channels last

/** Whether an operator that is no usual fold reads constants alone; shapes are constants. */
function hasFurtherConstants(nodes: readonly OnnxNode[], initializers: ReadonlyMap<string, OnnxTensor>): boolean {
  const constants = new Set(['', ...initializers.keys()]);
  return nodes.some(({ op, inputs, outputs }) => {
    if (op !== 'Shape' && op !== 'Size' && !inputs.every((name) => constants.has(name))) return false;
    for (const name of outputs) constants.add(name);
    return !Object.hasOwn(usualFolds, op);
  });
}

/** The tensors whose values an output needs, each once. */
function tensorsOf(
  nodes: readonly OnnxNode[],
  constants: ReadonlyMap<string, OnnxTensor>,
  outputs: readonly OnnxValue[],
): ReadonlySet<OnnxTensor> {
  const names = [...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ name }) => name)];
  const read = names.map((name) => constants.get(name)).filter((tensor) => tensor !== undefined);
  const held = nodes.flatMap(({ attributes }) => [...attributes.values()]).filter((value) => typeof value === 'object' && 'read' in value);
  return new Set([...read, ...held]);
}

const shown = (name: string): string => JSON.stringify(name.slice(0, 80));

/** The nodes, each behind those that make what it reads. Converters to float16 put the casts of inputs last. */
function ordered(nodes: readonly OnnxNode[], given: readonly string[], outputs: readonly OnnxValue[]): readonly OnnxNode[] {
  const makers = new Map<string, OnnxNode | undefined>();
  const add = (name: string, node?: OnnxNode): void => {
    if (makers.has(name)) throw damaged(`two values are called ${shown(name)}`);
    makers.set(name, node);
  };
  for (const name of given) add(name);
  for (const node of nodes) for (const name of node.outputs) if (name !== '') add(name, node);
  const check = (name: string, reader: string): void => {
    if (name !== '' && !makers.has(name)) throw damaged(`${reader} reads ${shown(name)}, which nothing computes`);
  };
  const result: OnnxNode[] = [];
  /** How many inputs of a node have been followed: of one on the way, and of one that is done. */
  const followed = new Map<OnnxNode, number>();
  for (const first of nodes)
    for (let path = [first]; path.length > 0; ) {
      const node = path.at(-1) as OnnxNode;
      const at = followed.get(node) ?? 0;
      followed.set(node, at + 1);
      const name = node.inputs[at];
      if (at === node.inputs.length) result.push(node);
      if (name === undefined) {
        path.pop();
        continue;
      }
      check(name, `node ${shown(node.name)}`);
      const maker = makers.get(name);
      if (maker === undefined || (followed.get(maker) ?? 0) > maker.inputs.length) continue;
      if (followed.has(maker)) throw damaged(`node ${shown(node.name)} reads ${shown(name)}, which is computed from it`);
      path.push(maker);
    }
  if (outputs.length === 0) throw damaged('expected an output, found none');
  for (const { name } of outputs) check(name || ' ', 'an output');
  return result;
}

function needed(nodes: readonly OnnxNode[], outputs: readonly OnnxValue[]): readonly OnnxNode[] {
  const read = new Set(outputs.map(({ name }) => name));
  const kept = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => read.has(name))) return false;
    for (const name of node.inputs) read.add(name);
    return true;
  });
  return kept.reverse();
}

/** How often each operator occurs, in the order of their names. */
export function operators({ nodes }: OnnxModel): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { op } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
