import { dirname, join } from 'node:path';
import { type Transformed, transformImages, transformRule } from '../../detect/transform.js';
import { runDetector, runOnReference } from '../../detector/run.js';
import { largestOf } from '../../detector/stages.js';
import { InputError } from '../../errors.js';
import { count, parameters } from '../../graph/count.js';
import type { Graph } from '../../graph/graph.js';
import type { Pixels } from '../../io/resize.js';
import { syntheticTensor } from '../../io/synthetic.js';
import { type Tensor, tensor, widen } from '../../tensor.js';
import type { Check } from '../../verify/check.js';
import { type DetectorRun, detectorChecks } from '../../verify/detection/detectorChecks.js';
import { type DetectorFile, parseDetectorFile } from '../../verify/detection/detectorFile.js';
import { compile } from '../../wasm/session.js';
import { progress } from '../progress.js';
import { imageAbove } from './images.js';
import { checkNames } from './names.js';
import type { VerifyOptions } from './options.js';

/** A whole detector on generated weights and photographs: every stage that the file has numbers of. */
export async function verifyDetector(file: string, json: unknown, options: VerifyOptions): Promise<readonly Check[]> {
  const vector = parseDetectorFile(json);
  return detectorChecks(vector, await detectorRun(file, vector, options), options.engine === 'reference' ? 'float64' : 'float32');
}

/** What the engine computes of a file's photographs, which are looked for from the file on. */
export async function detectorRun(file: string, vector: DetectorFile, options: VerifyOptions): Promise<DetectorRun> {
  const { model, eps, images } = vector;
  const pixels = await Promise.all(images.map((path) => imageAbove(file, path)));
  const exact = options.engine === 'reference';
  const batch = transformImages(exact ? pixels.map(asTensor) : pixels, { ...transformRule, ...model.settings });
  const regions = images.length * model.settings.postNms;
  const graph = model.create({
    size: largestOf(batch.sizes),
    batch: images.length,
    regions,
    eps,
    classes: classesOf(vector),
    features: true,
  });
  await checkNames(join(dirname(file), `${model.id.split('/')[1]}.names.json`), graph);
  const weights = weightsOf(vector, graph);
  const answers = exact ? onReference(vector, graph, weights, batch) : await onKernels(vector, graph, weights, batch, options);
  return { ...answers, batch, parameters: count(graph).params };
}

const predictor = 'roi_heads.box_predictor.cls_score';
const classesOf = ({ biases }: DetectorFile): number => biases.get(predictor)?.length ?? 91;

/** Generated, but for the gains and biases that the file lists. @throws InputError for a layer that the detector does not have */
function weightsOf({ seed, gain, gains, biases }: DetectorFile, graph: Graph): ReadonlyMap<string, Tensor> {
  const shapes = new Map(parameters(graph).map(({ name, shape }) => [name, shape]));
  for (const [layer, bias] of biases)
    if (shapes.get(`${layer}.bias`)?.[0] !== bias.length)
      throw new InputError(
        `biases.${layer}: expected ${shapes.get(`${layer}.bias`)?.[0] ?? 'a layer of the detector'}, found ${bias.length} values`,
      );
  for (const layer of gains.keys())
    if (!shapes.has(`${layer}.weight`)) throw new InputError(`gains.${layer}: the detector has no such layer`);
  return new Map(
    [...shapes].map(([name, shape]) => {
      const bias = name.endsWith('.bias') ? biases.get(name.slice(0, -'.bias'.length)) : undefined;
      if (bias) return [name, tensor(shape, Float32Array.from(bias))];
      const own = name.endsWith('.weight') ? gains.get(name.slice(0, -'.weight'.length)) : undefined;
      return [name, syntheticTensor(name, shape, seed, own ?? gain)];
    }),
  );
}

/** [3, H, W] in 0..1, in float64. */
function asTensor({ width, height, data }: Pixels): Tensor {
  const plane = width * height;
  return tensor(
    [3, height, width],
    Float64Array.from({ length: 3 * plane }, (_, i) => (data[3 * (i % plane) + Math.floor(i / plane)] as number) / 255),
  );
}

async function onKernels(
  { model }: DetectorFile,
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  batch: Transformed,
  { kernels, algorithms = 'direct', threads = 1 }: VerifyOptions,
) {
  using session = await compile(graph, weights, { kernels: kernels ?? 'auto', algorithms, threads });
  return await runDetector(session, model, batch);
}

function onReference({ model }: DetectorFile, graph: Graph, weights: ReadonlyMap<string, Tensor>, batch: Transformed) {
  const shown = progress();
  const wide = new Map([...weights].map(([name, value]) => [name, widen(value)]));
  try {
    return runOnReference(graph, wide, model, batch, (done) => shown.show(`${Math.floor(100 * done)} % of the multiply-adds`));
  } finally {
    shown.clear();
  }
}
