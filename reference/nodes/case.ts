import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bounded, bounds, worst } from '../../src/bound/bound.js';
import { evaluate, type Inputs, reference } from '../../src/graph/evaluate.js';
import { bytesSource } from '../../src/io/source.js';
import { ExternalFiles } from '../../src/onnx/external.js';
import { graphOfOnnx, type OnnxGraph, type OnnxModel, readOnnx, UnsupportedNodesError } from '../../src/onnx/index.js';
import { readingOf } from '../../src/onnx/reading.js';
import { kindOfType, type OnnxTensor, readTensor } from '../../src/onnx/tensor.js';
import { sameShape, type Tensor, widen } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';

/**
 * One of ONNX's backend tests of a single operator (onnx/backend/test/data/node): a model, its inputs and the outputs that ONNX's own implementation in NumPy
 * gives. Inputs that hold shapes, axes or weights are bound as constants.
 */

/** What ONNX's own runner allows (onnx/backend/test/runner): |found − expected| ≤ atol + rtol · |expected|. */
export const onnxTolerance = { rtol: 1e-3, atol: 1e-7 } as const;

export interface NodeResult {
  /** Empty if all is right; else what is not. */
  readonly flaws: readonly string[];
  /** Errors of the kernels' values in units of their bounds. */
  readonly ratio: number;
}

async function tensorOf(path: string): Promise<OnnxTensor> {
  const bytes = new Uint8Array(readFileSync(path));
  const from = readingOf(bytesSource(bytes));
  const tensor = await readTensor(from, { number: 0, wire: 'bytes', begin: 0, end: bytes.length, value: 0, signed: 0 } as never);
  await from.loads.get(tensor)?.(new ExternalFiles(undefined));
  return tensor;
}

async function tensorsOf(folder: string, kind: 'input' | 'output'): Promise<readonly OnnxTensor[]> {
  const count = readdirSync(folder).filter((name) => name.startsWith(`${kind}_`)).length;
  return Promise.all(Array.from({ length: count }, (_, i) => tensorOf(join(folder, `${kind}_${i}.pb`))));
}

/** The model with some of its inputs as constants. */
function bound(model: OnnxModel, constants: ReadonlyMap<string, OnnxTensor>): OnnxModel {
  return {
    ...model,
    initializers: new Map([...model.initializers, ...constants]),
    inputs: model.inputs.filter(({ name }) => !constants.has(name)),
  };
}

/**
 * Tests of operators that are older than the operator sets that are read say the set in which the operator came; it is the same in the oldest that is read.
 * The file ends in its list of sets: field 8, a domain of no letters, a version.
 */
function inKnownSet(bytes: Uint8Array): Uint8Array {
  const end = bytes.subarray(-4);
  const isOld = end[0] === 0x0a && end[1] === 0 && end[2] === 0x10 && (end[3] as number) < 7;
  return isOld ? Uint8Array.from([...bytes.subarray(0, -1), 7]) : bytes;
}

/** Where no input is of floats, the first is read as such: whole numbers are moved and compared alike. */
function withFloats(model: OnnxModel): OnnxModel {
  if (model.inputs.some(({ type }) => kindOfType(type) === 'float')) return model;
  return { ...model, inputs: model.inputs.map((input, i) => (i === 0 ? { ...input, type: 1 } : input)) };
}

/** All inputs of floats as values if that can be expressed; else the first alone. */
function expressed(model: OnnxModel, given: ReadonlyMap<string, OnnxTensor>): OnnxGraph {
  const types = new Map(model.inputs.map(({ name, type }) => [name, type]));
  const isFloat = ([name]: readonly [string, OnnxTensor]): boolean => kindOfType(types.get(name) ?? 0) === 'float';
  const floats = [...given].filter(isFloat);
  const others = [...given].filter((one) => !isFloat(one));
  const shapesOf = (values: readonly (readonly [string, OnnxTensor])[]) =>
    Object.fromEntries(values.map(([name, { shape }]) => [name, shape]));
  try {
    return graphOfOnnx(bound(model, new Map(others)), { inputs: shapesOf(floats) });
  } catch (error) {
    if (!(error instanceof UnsupportedNodesError) || floats.length < 2) throw error;
    const [first, ...rest] = floats;
    return graphOfOnnx(bound(model, new Map([...others, ...rest])), { inputs: shapesOf(first ? [first] : []) });
  }
}

/** Runs every data set of a test on the reference and on the kernels. */
export async function runNode(folder: string): Promise<NodeResult> {
  const model = withFloats(await readOnnx(inKnownSet(new Uint8Array(readFileSync(join(folder, 'model.onnx'))))));
  const flaws: string[] = [];
  let ratio = 0;
  for (const set of readdirSync(folder).filter((name) => name.startsWith('test_data_set_'))) {
    const inputs = await tensorsOf(join(folder, set), 'input');
    const given = new Map(model.inputs.map(({ name }, i) => [name, inputs[i] as OnnxTensor]));
    const { graph, weights, inputs: taken, outputShapes } = expressed(model, given);
    const values: Inputs = Object.fromEntries(
      taken.map(({ name, fileName }) => [name, { shape: shapeIn(graph, name), data: (given.get(fileName) as OnnxTensor).read().data }]),
    );
    const wide = new Map([...weights].map(([name, value]) => [name, widen(value)]));
    const wideValues = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, widen(value)]));
    const exact = evaluate(graph, reference(wide, wideValues));
    const limits = evaluate(graph, bounds(weights, values));
    using session = await compile(graph, weights);
    const found = session.run(values);
    for (const [i, expected] of (await tensorsOf(join(folder, set), 'output')).entries()) {
      const name = model.outputs[i]?.name as string;
      const { shape, data } = expected.read();
      if (!sameShape(shape, outputShapes.get(name) ?? [])) flaws.push(`${name} is [${outputShapes.get(name)}], not [${shape}]`);
      const off = farthest((exact.get(name) as Tensor).data, data);
      if (off !== undefined) flaws.push(`reference: ${name}${off}`);
      const { ratio: own, index } = worst(found.get(name) as Tensor, limits.get(name) as Bounded);
      if (!(own <= 1)) flaws.push(`kernels: ${name}[${index}] is ${own} of its bound off`);
      ratio = Math.max(ratio, own);
    }
  }
  return { flaws, ratio };
}

const shapeIn = ({ nodes }: OnnxGraph['graph'], name: string): readonly number[] =>
  nodes.find((node) => node.op === 'input' && node.attrs.name === name)?.shape ?? [];

/** The first value beyond the tolerance. */
function farthest(found: Tensor['data'], expected: Tensor['data']): string | undefined {
  if (found.length !== expected.length) return ` has ${found.length} values, not ${expected.length}`;
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [found[i] as number, expected[i] as number];
    if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    if (!(Math.abs(a - b) <= onnxTolerance.atol + onnxTolerance.rtol * Math.abs(b))) return `[${i}] is ${a}, not ${b}`;
  }
  return undefined;
}
