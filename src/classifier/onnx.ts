import { InputError, naming, showShape, underName } from '../errors.js';
import type { Source } from '../io/source.js';
import { graphOfOnnx, imageShape, type OnnxModel, type OpenExternal, readOnnx, scoringGraph } from '../onnx/index.js';
import type { Loaded } from './network.js';
import type { OwnNetwork } from './own.js';

/**
 * A classifier from an ONNX file.
 *
 * @param file what it is called where people read of it
 * @param external opens the files that its weights lie in beside it
 * @throws as `onnxClassifier`; what `readOnnx` throws, with the file's name in front
 */
export async function openOnnxClassifier(source: Source, file: string, external?: OpenExternal): Promise<Loaded> {
  const model = await readOnnx(source, external === undefined ? {} : { external }).catch((error: unknown) => {
    throw underName(file, error);
  });
  return onnxClassifier(model, file);
}

/** @throws InputError for a network that does not classify square colour pictures; what `graphOfOnnx` throws. All name the file. */
export function onnxClassifier(model: OnnxModel, file: string): Loaded {
  return naming(file, () => {
    const shape = imageShape(model, { batch: 1 });
    const [, C, height = 0, width] = shape;
    if (C !== 3 || height !== width)
      throw new InputError(`expected an input of square colour pictures, [N, 3, S, S], found ${showShape(shape)}`);
    const create: OwnNetwork['create'] = ({ size, batch = 1, gates = false }) =>
      naming(file, () => scoringGraph(graphOfOnnx(model, { input: imageShape(model, { batch, size: [size, size] }), gates })).graph);
    const whole = graphOfOnnx(model, { input: shape });
    return {
      model: model.metadata['senet.model'] ?? file.replace(/^.*[\\/]/, '').replace(/\.onnx$/i, ''),
      options: {},
      classes: scoringGraph(whole).classes,
      same: [],
      takenFrom: '',
      alsoIn: [],
      ignored: new Map(),
      weights: whole.weights,
      metadata: model.metadata,
      own: { size: height, single: typeof model.inputs[0]?.shape?.[0] === 'number', create },
    };
  });
}
