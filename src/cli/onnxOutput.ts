import { networkMetadata } from '../checkpoints/index.js';
import { graphOf } from '../classifier/graphOf.js';
import { checkAlone } from '../classifier/open.js';
import { presetMetadata } from '../classifier/trained.js';
import { InputError, naming } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import type { SavedDtype } from '../io/safetensors.js';
import { isOnnx } from '../node/given.js';
import { readOnnxFile } from '../node/onnxFile.js';
import { progress } from '../node/progress.js';
import { writeWhole } from '../node/writeWhole.js';
import { graphOfOnnx, imageShape, onnxPieces, type ToOnnxOptions } from '../onnx/index.js';
import type { Node } from '../ops/op.js';
import type { IntegerDtype } from '../ops/quantised/quantisation.js';
import { sizeOf } from '../tensor.js';
import type { Weights } from '../wasm/weights.js';
import { openNetwork } from './network.js';
import { saveTensors } from './savedTensors.js';

/** What is asked of a conversion. */
export interface ConvertOptions {
  readonly output: string;
  readonly dtype: SavedDtype;
  readonly model?: string;
  readonly state?: string;
  readonly opset?: number;
}

/**
 * A network as an ONNX file, of one image of its usual size. A checkpoint's has its labels and preset in the metadata; a file's keeps what it says of itself.
 *
 * @throws InputError for a type that ONNX files are not written in, as `openNetwork`, and if the file cannot be written; WeightsError and UnsupportedError
 * as `onnxPieces`
 */
export async function toOnnxFile(file: string, { output, dtype, model, state, opset }: ConvertOptions) {
  if (dtype === 'BF16') throw new InputError('an ONNX file is written with --dtype f32 or f16, not bf16');
  const options = { dtype, ...(opset !== undefined && { opset }) };
  if (isOnnx(file)) {
    checkAlone(model, state);
    const onnx = await readOnnxFile(file);
    const { graph, weights } = naming(file, () => graphOfOnnx(onnx, { input: imageShape(onnx) }));
    await writeOnnx(output, graph, weights, { ...options, metadata: onnx.metadata });
    return { file, takenFrom: null, output, model: file, classes: null, tensors: graph.parameters.length, dtype: storedAs(graph, dtype) };
  }
  const network = await openNetwork({ weights: file, ...(model !== undefined && { model }), ...(state !== undefined && { state }) });
  try {
    const { id, preset, labels, takenFrom, classes } = network;
    const graph = graphOf(network);
    const said = { model: id, options: network.options };
    const metadata = {
      ...networkMetadata(said, takenFrom === '' ? {} : { 'taken from': takenFrom }),
      ...presetMetadata(preset, labels),
    };
    await writeOnnx(output, graph, network.weights, { ...options, metadata });
    return {
      ...{ file, takenFrom: takenFrom || null, output, model: id, classes },
      ...{ tensors: graph.parameters.length, dtype: storedAs(graph, dtype) },
    };
  } finally {
    await network.close();
  }
}

const parametersOf = ({ nodes, parameters }: Graph): readonly Node<'param'>[] => parameters.map((id) => nodes[id] as Node<'param'>);

/** A quantised network's weights are integers; `dtype` is of the floats beside them. */
const storedAs = (graph: Graph, dtype: SavedDtype): SavedDtype | 'I8' =>
  parametersOf(graph).some(({ attrs }) => attrs.dtype === 'int8' || attrs.dtype === 'uint8') ? 'I8' : dtype;

/** Writes a network, and says on stderr how far it is. @throws as `onnxPieces`, and InputError if the file cannot be written */
export async function writeOnnx(output: string, graph: Graph, weights: Weights, options: ToOnnxOptions): Promise<void> {
  const { dtype } = options;
  const each = (whole: IntegerDtype | undefined): number => (whole === undefined ? (dtype === 'F16' ? 2 : 4) : whole === 'int32' ? 4 : 1);
  const bytes = parametersOf(graph).reduce((sum, { shape, attrs }) => sum + each(attrs.dtype) * sizeOf(shape), 0);
  await writeWhole(output, watched(onnxPieces(graph, weights, options), bytes, output));
}

/** How far it is, by what it is likely to become. */
async function* watched(pieces: AsyncIterable<Uint8Array>, bytes: number, output: string): AsyncGenerator<Uint8Array> {
  const shown = progress();
  let done = 0;
  try {
    for await (const piece of pieces) {
      yield piece;
      done += piece.length;
      shown.show(`${output}: ${Math.min(100, Math.floor((100 * done) / bytes))} % written`);
    }
  } finally {
    shown.clear();
  }
}

/** The weights of an ONNX file as safetensors, under the names that they have there. @throws as `readOnnxFile` and `graphOfOnnx` */
export async function ofOnnxFile(file: string, { output, dtype, model, state }: ConvertOptions) {
  checkAlone(model, state);
  const onnx = await readOnnxFile(file);
  const { weights } = naming(file, () => graphOfOnnx(onnx, { input: imageShape(onnx) }));
  const saved = await saveTensors(output, weights, dtype, onnx.metadata);
  return { file, takenFrom: null, output, model: file, classes: null, ...saved };
}
