import { readTrained } from '../../classifier/trained.js';
import { InputError, naming, ShapeError, showShape } from '../../errors.js';
import { floatsFromHalves, halvesFromFloats } from '../../io/half.js';
import { imagenetMean, imagenetStd, preprocess } from '../../io/preprocess.js';
import { loadSafetensors } from '../../io/safetensors.js';
import { syntheticTensor, uniformTensor } from '../../io/synthetic.js';
import { graphOfOnnx, imageShape, type OnnxModel } from '../../onnx/index.js';
import { type Preset, preprocessOptions } from '../../pretrained/preset.js';
import { isShape, type Shape, sameShape, type Tensor } from '../../tensor.js';
import { synthetic } from '../../verify/vector.js';
import { readBytes } from '../files.js';
import { givenNetwork, isOnnx } from '../given.js';
import { readImage } from '../images/image.js';
import { readOnnxFile } from '../onnxFile.js';
import { type EngineSubject, isHalf } from './engineRuns.js';

/** On what a network's engines are compared. */
export interface SubjectOptions {
  /** A picture instead of generated numbers. */
  readonly image?: string;
  /** A safetensors file of the inputs, by their names in the ONNX file; those that it lacks are generated. */
  readonly inputs?: string;
  /** Of inputs, by their names in the ONNX file. */
  readonly shapes?: ReadonlyMap<string, Shape>;
  /** Of the generated numbers. @defaultValue that of the shipped vectors */
  readonly seed?: number;
  /** Of the image. @defaultValue the network's own */
  readonly size?: readonly [height: number, width: number];
}

/** What engines are run on, and what it was made of. */
export interface Subject extends EngineSubject {
  /** `source/name`, or the file. */
  readonly name: string;
  readonly origin: InputOrigin;
}

/** Where the image, the first input, is from. */
export type InputOrigin = { readonly seed: number } | { readonly picture: string } | { readonly file: string };

/**
 * A network of the zoo on generated weights, or of an ONNX file, with its inputs.
 *
 * @throws InputError for what cannot be read, and for inputs that the network does not have; errors of `readOnnxFile` and `graphOfOnnx`
 */
export async function subjectOf(name: string, options: SubjectOptions): Promise<Subject> {
  if (isOnnx(name)) return ofFile(name, await readOnnxFile(name), options);
  const { image, inputs, shapes, seed, size } = options;
  if (inputs !== undefined || shapes !== undefined)
    throw new InputError(`${name}: inputs by name are for ONNX files; a network of the zoo has one image (--image, --size)`);
  const network = await givenNetwork(name);
  const { graph, weights } = network.build({ size });
  const { shape } = graph.nodes[0] as (typeof graph.nodes)[number];
  const input = image === undefined ? generated(0, 'input', shape, seed) : await pictured(image, shape, name);
  return { name: network.name, graph, weights: weights(), inputs: { input }, origin: originOf(options, false) };
}

async function ofFile(file: string, model: OnnxModel, options: SubjectOptions): Promise<Subject> {
  const { image, seed } = options;
  const values = options.inputs === undefined ? new Map<string, Tensor>() : await readInputs(options.inputs, file, model);
  const first = model.inputs[0]?.name ?? '';
  if (image !== undefined && values.has(first))
    throw new InputError(`${file}: expected one of --image and --inputs for input ${first}, found both`);
  const network = naming(file, () => graphOfOnnx(model, { inputs: shapesOf(model, options, values) }));
  const inputs: Record<string, Tensor> = {};
  for (const [i, { name, fileName, shape }] of network.inputs.entries()) {
    const pixels = i === 0 && image !== undefined ? await pictured(image, shape, file, model.metadata) : undefined;
    const { data } = values.get(fileName) ?? pixels ?? generated(i, fileName, shape, seed);
    const node = network.graph.nodes.find(({ op, attrs }) => op === 'input' && (attrs as { readonly name: string }).name === name);
    // of other ranks than images' our graph has another writing of the same numbers
    inputs[name] = {
      shape: node?.shape ?? shape,
      data: isHalf(model.inputs[i]?.type ?? 0) ? floatsFromHalves(halvesFromFloats(data)) : data,
    };
  }
  return {
    name: file,
    graph: network.graph,
    weights: network.weights,
    inputs,
    origin: originOf(options, values.has(first)),
    onnx: { file, model, inputs: network.inputs, outputShapes: network.outputShapes },
  };
}

const originOf = ({ image, inputs, seed = synthetic.seed }: SubjectOptions, isRead: boolean): InputOrigin =>
  isRead ? { file: inputs as string } : image === undefined ? { seed } : { picture: image };

const generated = (place: number, name: string, shape: Shape, seed: number = synthetic.seed): Tensor =>
  place === 0 ? syntheticTensor('input', shape, seed) : uniformTensor(name, shape, seed);

async function readInputs(file: string, network: string, { inputs }: OnnxModel): Promise<ReadonlyMap<string, Tensor>> {
  const bytes = await readBytes(file);
  const tensors = naming(file, () => loadSafetensors(bytes));
  for (const name of tensors.keys()) checkName(network, name, inputs);
  return tensors;
}

function checkName(file: string, name: string, inputs: OnnxModel['inputs']): void {
  if (!inputs.some((input) => input.name === name))
    throw new InputError(
      `${file}: no input is called ${name.slice(0, 80)}; there are ${inputs
        .map((input) => input.name)
        .join(', ')
        .slice(0, 400)}`,
    );
}

/** Of each input that something says more of than the file. */
function shapesOf(
  model: OnnxModel,
  { shapes = new Map(), size }: SubjectOptions,
  values: ReadonlyMap<string, Tensor>,
): Readonly<Record<string, Shape>> {
  for (const name of shapes.keys()) checkName('--shape', name, model.inputs);
  return Object.fromEntries(
    model.inputs.flatMap(({ name, shape }, i) => {
      const [read, asked] = [values.get(name)?.shape, shapes.get(name)];
      if (read !== undefined && asked !== undefined && !sameShape(read, asked))
        throw new ShapeError(`input ${name.slice(0, 80)}`, { expected: asked, found: read });
      const own = read ?? asked;
      if (own !== undefined) return [[name, own] as const];
      if (i === 0) return [[name, imageShape(model, { size })] as const];
      if (isShape(shape)) return [];
      const open = shape === undefined ? 'of any shape' : `[${shape.map((extent) => extent ?? '?').join(', ')}]`;
      throw new InputError(
        `input ${name.slice(0, 80)} is ${open} in the file: give --shape "${name.slice(0, 80)}=1x3x224x224", or a tensor with --inputs`,
      );
    }),
  );
}

/** A picture as the network sees it: as the file's metadata say, or as ImageNet's usually are. */
async function pictured(image: string, shape: Shape, file: string, metadata: Readonly<Record<string, string>> = {}): Promise<Tensor> {
  const [N, C, height = 0, width] = shape;
  if (N !== 1 || C !== 3 || height !== width)
    throw new InputError(`${file}: expected an input of one square picture, [1, 3, N, N], for --image, found ${showShape(shape)}`);
  const usual: Preset = { size: height, cropRatio: 0.875, filter: 'bilinear', mean: imagenetMean, std: imagenetStd };
  const preset = readTrained(file, metadata).preset ?? usual;
  return preprocess(await readImage(image), preprocessOptions({ ...preset, size: height }));
}
