import { underName } from '../errors.js';
import { readOnnxFile } from '../node/onnxFile.js';
import { graphOfOnnx, type OnnxModel, type OnnxValue, operators, type UnsupportedNode, UnsupportedNodesError } from '../onnx/index.js';
import { table } from '../report/table.js';

/** What an ONNX file is, and whether it can be expressed. */
export interface OnnxReport {
  readonly file: string;
  readonly format: 'onnx';
  readonly producer: string;
  readonly ir: number;
  readonly opset: number;
  readonly inputs: readonly Pick<OnnxValue, 'name' | 'shape'>[];
  readonly outputs: readonly string[];
  /** Paths of the files beside it that its tensors lie in. */
  readonly externalFiles: readonly string[];
  /** How many nodes of each operator the outputs need. */
  readonly ops: Readonly<Record<string, number>>;
  /** Null where the file cannot be expressed. `slope` is null of a sigmoid. */
  readonly seBlocks:
    | readonly {
        readonly gate: string;
        readonly activation: string;
        readonly slope: number | null;
        readonly offset: number | null;
        readonly inner: string | null;
        /** What no published network has. */
        readonly unusual: string | null;
      }[]
    | null;
  readonly unsupported: readonly UnsupportedNode[];
}

export async function onnxReport(file: string): Promise<OnnxReport> {
  const model = await readOnnxFile(file);
  const { producer, ir, opset, inputs, outputs, externalFiles } = model;
  return {
    file,
    format: 'onnx',
    producer,
    ir,
    opset,
    inputs: inputs.map(({ name, shape }) => ({ name, shape })),
    outputs: outputs.map(({ name }) => name),
    externalFiles,
    ops: Object.fromEntries(operators(model)),
    ...expressed(file, model),
  };
}

function expressed(file: string, model: OnnxModel): Pick<OnnxReport, 'seBlocks' | 'unsupported'> {
  try {
    const { gates } = graphOfOnnx(model, { inputs: Object.fromEntries(model.inputs.map((input) => [input.name, usualShape(input)])) });
    const seBlocks = [...gates].map(([gate, { activation, slope, offset, inner, unusual }]) => ({
      gate,
      activation,
      slope: activation === 'hardSigmoid' ? slope : null,
      offset: activation === 'hardSigmoid' ? offset : null,
      inner,
      unusual: unusual ?? null,
    }));
    return { seBlocks, unsupported: [] };
  } catch (error) {
    if (!(error instanceof UnsupportedNodesError)) throw underName(file, error);
    return { seBlocks: null, unsupported: error.nodes };
  }
}

/** An image of 224 pixels, where the file leaves that open. */
function usualShape(input: OnnxValue): readonly number[] {
  const usual = [1, 3, 224, 224];
  const shape = input.shape ?? usual;
  return shape.map((extent, axis) => (typeof extent === 'number' && extent > 0 ? extent : (usual[axis] ?? 1)));
}

export function onnxText({ file, producer, ir, opset, inputs, outputs, externalFiles, ops, seBlocks, unsupported }: OnnxReport): string {
  const shape = ({ shape: extents }: OnnxReport['inputs'][number]): string =>
    extents === undefined ? 'of any shape' : `[${extents.map((extent) => extent ?? '?').join(', ')}]`;
  const rows = [
    ['format', `ONNX, operator set ${opset}, IR version ${ir}${producer && `, by ${producer.slice(0, 40)}`}`],
    ['inputs', inputs.map((input) => `${input.name} ${shape(input)}`).join('; ')],
    ['outputs', outputs.join(', ')],
    ...(externalFiles.length > 0 ? [['values in', externalFiles.join(', ')]] : []),
    [
      'operators',
      Object.entries(ops)
        .map(([op, count]) => `${op} ${count}`)
        .join(', '),
    ],
    ['SE blocks', seBlocks === null ? '-' : String(seBlocks.length)],
    ...(seBlocks ?? []).map(({ gate, activation, slope, inner, unusual }) => [
      '',
      `${gate}: ${activation}${slope === null ? '' : ` of slope ${slope.toPrecision(6)}`}${inner === null ? '' : ` after ${inner}`}${
        unusual === null ? '' : `; nobody's: ${unusual}`
      }`,
    ]),
    ['not supported', unsupported.length === 0 ? 'none' : `${unsupported.length} nodes`],
    ...unsupported.map(({ node, op, reason }) => ['', `${node} (${op}): ${reason}`]),
  ];
  return table([['file', file], ...rows]);
}
