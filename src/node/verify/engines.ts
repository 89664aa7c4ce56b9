import { readTrained } from '../../classifier/trained.js';
import { InputError, showShape, UnsupportedError } from '../../errors.js';
import { floatsFromHalves, halvesFromFloats } from '../../io/half.js';
import { imagenetMean, imagenetStd, preprocess } from '../../io/preprocess.js';
import { syntheticTensor } from '../../io/synthetic.js';
import { type Preset, preprocessOptions } from '../../pretrained/preset.js';
import type { Shape, Tensor } from '../../tensor.js';
import { type ComparedEngines, compareEngines, type EngineRun } from '../../verify/nodewise.js';
import { synthetic } from '../../verify/vector.js';
import { givenNetwork } from '../given.js';
import { readImage } from '../images/image.js';
import { note } from '../output.js';
import { progress } from '../progress.js';
import { engineRun, isHalf, type VerifiedEngine } from './engineRuns.js';
import type { VerifyOptions } from './options.js';

export interface EnginesOptions extends VerifyOptions {
  /** In the order in which they are told. */
  readonly engines: readonly VerifiedEngine[];
  /** A picture instead of generated numbers. */
  readonly image?: string;
  /** Of the generated numbers. @defaultValue that of the shipped vectors */
  readonly seed?: number;
  /** Of the image. @defaultValue the network's own */
  readonly size?: readonly [height: number, width: number];
}

/** Engines on one network and input, as `senet verify --json` tells them. */
export interface EnginesVerdict extends ComparedEngines {
  readonly file: string;
  readonly kind: 'engines';
  readonly input: { readonly shape: Shape } & ({ readonly seed: number } | { readonly picture: string });
  readonly pass: boolean;
}

/**
 * Runs a network, of the zoo on generated weights or of an ONNX file, on engines, and holds each of their values to float32's bound.
 *
 * @throws InputError for what cannot be read or run; UnsupportedError for an engine that is missing, or does not run it
 */
export async function verifyEngines(name: string, options: EnginesOptions): Promise<EnginesVerdict> {
  const { engines, image, seed = synthetic.seed, size } = options;
  const network = await givenNetwork(name);
  const { graph, weights: make } = network.build({ size });
  const inputs = graph.nodes.filter(({ op }) => op === 'input').length;
  if (inputs !== 1) throw new UnsupportedError(`${name}: engines are compared on networks of one input, not ${inputs}`);
  const weights = make();
  const { shape } = graph.nodes[0] as (typeof graph.nodes)[number];
  const made = image === undefined ? syntheticTensor('input', shape, seed) : await pictured(image, shape, name, network.onnx?.metadata);
  const half = isHalf(network.onnx?.inputs[0]?.type ?? 0);
  const input = half ? { shape, data: floatsFromHalves(halvesFromFloats(made.data)) } : made;
  const subject = { graph, weights, input, ...(network.onnx && { onnx: { file: name, model: network.onnx } }) };
  const runs: EngineRun[] = [];
  for (const engine of engines) {
    note(`${name}: running ${engine}`);
    runs.push(await engineRun(engine, subject, options));
  }
  const shown = progress();
  try {
    const compared = compareEngines(graph, weights, input, runs, (what, done) =>
      shown.show(`${name}: ${what}, ${Math.floor(100 * done)} %`),
    );
    const from = image === undefined ? { seed } : { picture: image };
    return { file: network.name, kind: 'engines', input: { shape, ...from }, ...compared, pass: compared.firstBeyond === null };
  } finally {
    shown.clear();
  }
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
