import { basename, dirname, join } from 'node:path';
import { SenetError, WeightsError } from '../../errors.js';
import { evaluate, reference } from '../../graph/evaluate.js';
import { floatsFromHalves, halvesFromFloats } from '../../io/half.js';
import { record } from '../../io/schema.js';
import { syntheticTensor } from '../../io/synthetic.js';
import { graphOfOnnx, type OnnxGraph, type OnnxModel } from '../../onnx/index.js';
import { type Tensor, widen } from '../../tensor.js';
import { type Check, check, closely, withinQuantum } from '../../verify/check.js';
import { type ListedModel, onnxLimits, parseOnnxFile } from '../../verify/onnxFile.js';
import { compile } from '../../wasm/session.js';
import { statOf } from '../files.js';
import { readJsonAs } from '../json.js';
import { readOnnxFile } from '../onnxFile.js';
import type { VerifyOptions } from './options.js';

/** Every ONNX file of a list, every run, against PyTorch's float64. A file that cannot be expressed fails, and says why. */
export async function verifyOnnx(
  file: string,
  json: unknown,
  options: VerifyOptions,
): Promise<{ readonly checks: readonly Check[]; readonly error?: string }> {
  const checks: Check[] = [];
  const errors: string[] = [];
  for (const listed of parseOnnxFile(json)) {
    const limit = listed.inputType === 'float16' ? onnxLimits.float16 : onnxLimits[options.algorithms ?? 'direct'];
    try {
      for (const { name, found, expected, quantum } of await runsOf(join(dirname(file), listed.file), listed, options))
        checks.push(
          quantum === undefined ? closely(name, found, expected, 9, limit) : withinQuantum(name, found, expected, quantum, limit),
        );
    } catch (error) {
      if (!(error instanceof SenetError)) throw error;
      checks.push(check(listed.file, Number.NaN, limit));
      errors.push(`${listed.file}: ${error.message}`);
    }
  }
  return { checks, ...(errors.length > 0 && { error: errors.join('; ') }) };
}

/** What the index.json beside an ONNX file says of it: a list of that file alone. undefined if there is none, or it does not list it. */
export async function listedBeside(file: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const index = join(dirname(file), 'index.json');
  if (!(await statOf(index))?.isFile()) return undefined;
  const list = await readJsonAs(index, record).catch(() => undefined); // of something else
  const models = Array.isArray(list?.models) ? list.models : [];
  const own = models.filter((model: unknown) => (model as { readonly file?: unknown } | null)?.file === basename(file));
  return own.length === 0 ? undefined : { ...list, models: own };
}

interface Run {
  readonly name: string;
  readonly found: ArrayLike<number>;
  readonly expected: readonly number[];
  /** The scale of the last quantised value, in a quantised network. */
  readonly quantum: number | undefined;
}

async function runsOf(path: string, listed: ListedModel, options: VerifyOptions): Promise<readonly Run[]> {
  const read = await readOnnxFile(path);
  const model = listed.structure ? filled(read, listed) : read;
  if (model.inputs[0]?.name !== listed.inputName)
    throw new WeightsError(`expected an input ${listed.inputName}, found ${model.inputs[0]?.name ?? 'none'}`);
  const runs: Run[] = [];
  for (const { input: shape, float64 } of listed.runs) {
    const network = graphOfOnnx(model, { input: shape });
    const generated = syntheticTensor('input', shape, listed.seed);
    const input = listed.inputType === 'float16' ? rounded(generated) : generated;
    runs.push({
      name: `${listed.file} [${shape.join(', ')}]`,
      found: await outputOf(network, input, options),
      expected: float64,
      quantum: quantumOf(model),
    });
  }
  return runs;
}

function quantumOf({ nodes, initializers }: OnnxModel): number | undefined {
  const last = nodes.findLast(({ op }) => op === 'QuantizeLinear' || op === 'QLinearConv' || op === 'QLinearMatMul');
  const scale = last?.inputs[last.op === 'QuantizeLinear' ? 1 : 6] ?? '';
  return initializers.get(scale)?.read().data[0];
}

const rounded = ({ shape, data }: Tensor): Tensor => ({ shape, data: floatsFromHalves(halvesFromFloats(data)) });

/** A structure with its weights, each made from its own name. */
function filled(model: OnnxModel, { seed, gain }: ListedModel): OnnxModel {
  const initializers = [...model.initializers].map(([name, tensor]) => {
    if (!tensor.hollow) return [name, tensor] as const;
    const read = () => ({ ...syntheticTensor(name, tensor.shape, seed, gain), kind: 'float' as const });
    return [name, { ...tensor, hollow: false, read }] as const;
  });
  return { ...model, initializers: new Map(initializers) };
}

/** By the reference, in float64, or by the kernels. */
async function outputOf(
  { graph, weights, outputName }: OnnxGraph,
  input: Tensor,
  { engine, kernels, algorithms = 'direct', threads = 1 }: VerifyOptions,
): Promise<ArrayLike<number>> {
  if (engine === 'reference') {
    const wide = new Map([...weights].map(([name, value]) => [name, widen(value)]));
    return (evaluate(graph, reference(wide, { input: widen(input) })).get(outputName) as Tensor).data;
  }
  using session = await compile(graph, weights, { kernels: kernels ?? 'auto', algorithms, threads });
  return (session.run(input).get(outputName) as Tensor).data;
}
