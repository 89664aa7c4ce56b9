import type { Size } from '../../detect/boxes.js';
import { pyramidLevels, pyramidScales } from '../../detect/levels.js';
import { InputError, showShape } from '../../errors.js';
import { syntheticTensor, uniformTensor } from '../../io/synthetic.js';
import { type Shape, sameShape, sizeOf, type Tensor, widen } from '../../tensor.js';
import { type Check, closely, exactly } from '../check.js';
import { mostValues } from './opsKinds.js';
import type { Part } from './opsVector.js';

/** Regions to pool from a map [N, C, H, W], as torchvision's `roi_align` and `roi_pool` have them. */
export interface RoiCase {
  readonly op: 'RoIAlign' | 'RoIPool';
  /** In float64. */
  readonly features: Tensor;
  /** [R, 5] in float64: image, x1, y1, x2, y2. */
  readonly rois: Tensor;
  readonly size: Size;
  readonly spatialScale: number;
  /** Of RoIAlign; 0 or less is adaptive. */
  readonly samplingRatio: number;
  readonly aligned: boolean;
}

/** A feature pyramid on maps by name, the finest first. */
export interface FpnCase {
  /** In float64. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outChannels: number;
  /** A parameter by its name and shape, in float64: `inner_blocks.0.0.weight`. */
  readonly parameter: (name: string, shape: Shape) => Tensor;
}

/** What is computed by graphs, on an engine of the caller's. */
export interface GraphOps {
  /** [R, C, height, width]. */
  readonly roi: (given: RoiCase) => Tensor | Promise<Tensor>;
  /** The pyramid's maps by the names of the inputs, and `pool`. */
  readonly fpn: (given: FpnCase) => ReadonlyMap<string, Tensor> | Promise<ReadonlyMap<string, Tensor>>;
  /** What the engine may differ by, relative to the largest number. */
  readonly limit: number;
}

/** What all of a file's checks share. */
export interface Context {
  readonly seed: number;
  readonly ops: GraphOps;
}

/** How torchvision's detectors pool. */
const pooling = { op: 'RoIAlign', size: [7, 7], samplingRatio: 2, aligned: false } as const;

/** Values read to pool all regions of one case: more take minutes. */
const mostReads = 2 ** 28;

export async function pooledAlone(part: Part<'roi'>['single'][number], { seed, ops }: Context): Promise<Check> {
  const { name, op, features, featuresTensor, spatialScale, size, samplingRatio = -1, aligned = false, rois, output } = part;
  const count = rois.length / 5;
  checkLength(`roi.single ${name}: output`, output, [count, features[1] as number, ...size]);
  const reads = op === 'RoIPool' ? count * sizeOf(features) : output.length * samplesPerBin(part);
  if (reads > mostReads) throw new InputError(`roi.single ${name}: pooling reads ${reads} values, more than ${mostReads}`);
  const map = widen(uniformTensor(featuresTensor, features, seed));
  const found = await ops.roi({ op, features: map, rois: { shape: [count, 5], data: rois }, size, spatialScale, samplingRatio, aligned });
  return closely(`roi ${name} output`, found.data, output, 9, ops.limit);
}

/** Of the largest region: without a ratio its samples are a pixel apart at most. */
function samplesPerBin({ samplingRatio = -1, rois, spatialScale, size }: Part<'roi'>['single'][number]): number {
  if (samplingRatio > 0) return samplingRatio ** 2;
  let most = 1;
  for (let r = 0; r < rois.length; r += 5) {
    const [, x1, y1, x2, y2] = rois.subarray(r, r + 5) as unknown as readonly [number, number, number, number, number];
    const samples = Math.ceil(((y2 - y1) * spatialScale) / size[0]) * Math.ceil(((x2 - x1) * spatialScale) / size[1]);
    most = Math.max(most, Math.abs(samples));
  }
  return most;
}

export async function pooledFromLevels(
  { image, features, featuresTensor, boxes, levels, scales, output }: NonNullable<Part<'roi'>['multi']>,
  { seed, ops }: Context,
): Promise<readonly Check[]> {
  const maps = [...features].map(([key, shape]) => ({ key, shape }));
  const foundScales = pyramidScales(
    maps.map(({ shape }) => [shape[2], shape[3]] as unknown as Size),
    image,
  );
  const foundLevels = pyramidLevels(boxes, foundScales);
  const channels = maps[0]?.shape[1] as number;
  if (maps.some(({ shape }) => shape[0] !== 1 || shape[1] !== channels))
    throw new InputError('roi.multi.features must be maps of one image and equally many channels');
  const pooledShape = [boxes.length / 4, channels, ...pooling.size];
  checkLength('roi.multi.output', output, pooledShape);
  const pooled = new Float64Array(sizeOf(pooledShape));
  const each = channels * sizeOf(pooling.size);
  for (const [level, { key, shape }] of maps.entries()) {
    const chosen = [...foundLevels.keys()].filter((i) => foundLevels[i] === level);
    const rois = { shape: [chosen.length, 5], data: Float64Array.from(chosen.flatMap((i) => [0, ...boxes.subarray(4 * i, 4 * i + 4)])) };
    if (chosen.length === 0) continue;
    const map = widen(uniformTensor(featuresTensor.replace('KEY', key), shape, seed));
    const { data } = await ops.roi({ ...pooling, features: map, rois, spatialScale: foundScales[level] as number });
    for (const [at, i] of chosen.entries()) pooled.set(data.subarray(at * each, (at + 1) * each), i * each);
  }
  return [
    exactly('roi multi levels', foundLevels, levels),
    exactly('roi multi scales', foundScales, scales),
    closely('roi multi output', pooled, output, 9, ops.limit),
  ];
}

export async function pyramid(part: Part<'fpn'>[number], { seed, ops }: Context): Promise<readonly Check[]> {
  const { name, weights: gain, outChannels, inputs, inputTensor, outputs } = part;
  for (const [key, [N, , H, W]] of inputs) {
    const expected = [N, outChannels, H, W] as Shape;
    const shape = outputs.get(key)?.shape ?? [];
    if (!sameShape(shape, expected)) throw new InputError(`${name}: output ${key} must be ${showShape(expected)}, not ${showShape(shape)}`);
  }
  for (const [key, { shape, values }] of outputs) checkLength(`${name}: output ${key}`, values, shape);
  const found = await ops.fpn({
    inputs: new Map([...inputs].map(([key, shape]) => [key, widen(uniformTensor(inputTensor.replace('KEY', key), shape, seed))])),
    outChannels,
    parameter(parameter, shape) {
      if (sizeOf(shape) > mostValues)
        throw new InputError(`${name}: ${parameter} would be ${sizeOf(shape)} values, more than ${mostValues}`);
      return widen(syntheticTensor(parameter, shape, seed, gain));
    },
  });
  return [
    exactly(`fpn ${name} maps`, [found.size, [...outputs.keys()].filter((key) => !found.has(key)).length], [outputs.size, 0]),
    ...[...outputs].map(([key, { shape, values }]) => {
      const map = found.get(key);
      return closely(`fpn ${name} ${key}`, map !== undefined && sameShape(map.shape, shape) ? map.data : [], values, 9, ops.limit);
    }),
  ];
}

/** @throws InputError unless there is a value for each place of the shape */
function checkLength(name: string, values: Float64Array, shape: Shape): void {
  if (values.length !== sizeOf(shape)) throw new InputError(`${name} must be ${sizeOf(shape)} numbers, not ${values.length}`);
}
