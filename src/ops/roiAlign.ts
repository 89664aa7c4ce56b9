import { ShapeError } from '../errors.js';
import { at4, dims4, type Shape, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpDef, type RoiAlignAttrs } from './op.js';
import { roiAt, roiShape } from './roi.js';

/** Where a sample lies along one axis: between two cells, each with its weight. They are one cell at the edges. */
interface Sample {
  readonly low: number;
  readonly high: number;
  readonly lowWeight: number;
  readonly highWeight: number;
}

/** The samples of each bin along one axis that are inside the map, and how many a bin has. */
interface Samples {
  readonly bins: readonly (readonly Sample[])[];
  readonly count: number;
}

/** Samples between `from` and `to`, in pixels of the image, on `extent` cells of the map. A bin of a side below 0 has none of its own accord. */
function samplesOf(from: number, to: number, bins: number, extent: number, scale: number, attrs: RoiAlignAttrs): Samples {
  const offset = attrs.aligned ? 0.5 : 0;
  const start = from * scale - offset;
  const length = to * scale - offset - start;
  const side = attrs.aligned ? length : Math.max(length, 1);
  const bin = side / bins;
  const count = attrs.samplingRatio > 0 ? attrs.samplingRatio : Math.max(Math.ceil(bin), 0);
  const inside = (p: number): readonly Sample[] => {
    const samples: Sample[] = [];
    for (let i = 0; i < count; i++) {
      const position = start + p * bin + ((i + 0.5) * bin) / count;
      if (position >= -1 && position <= extent) samples.push(sampleAt(position, extent));
    }
    return samples;
  };
  return { bins: Array.from({ length: bins }, (_, p) => inside(p)), count };
}

function sampleAt(position: number, extent: number): Sample {
  const low = Math.floor(Math.max(position, 0));
  if (low >= extent - 1) return { low: extent - 1, high: extent - 1, lowWeight: 1, highWeight: 0 };
  const highWeight = Math.max(position, 0) - low;
  return { low, high: low + 1, lowWeight: 1 - highWeight, highWeight };
}

/** How many samples a region has at most along an axis of the map: those inside, which lie half a cell apart or more where their number is not given. */
export const mostSamples = (bins: number, extent: number, samplingRatio: number): number =>
  samplingRatio > 0 ? bins * samplingRatio : Math.max(bins, 2 * extent + 5);

/** The most terms that a value of the result sums up: of its samples inside the map, four corners each. */
export function mostTerms(inputs: readonly Tensor[], attrs: RoiAlignAttrs): number {
  const rois = inputs.at(-1) as Tensor;
  const [P, Q] = attrs.output;
  const longest = ({ bins }: Samples): number => Math.max(...bins.map((samples) => samples.length));
  const terms = Array.from({ length: rois.shape[0] as number }, (_, r) => {
    const roi = roiAt('roiAlign', rois, r, attrs.scales, (inputs[0] as Tensor).shape[0] as number);
    if (roi === undefined) return 0;
    const [, , H, W] = dims4((inputs[roi.map] as Tensor).shape);
    const scale = attrs.scales[roi.map] as number;
    return 4 * longest(samplesOf(roi.y1, roi.y2, P, H, scale, attrs)) * longest(samplesOf(roi.x1, roi.x2, Q, W, scale, attrs));
  });
  return terms.reduce((most, of) => Math.max(most, of), 0);
}

function infer(inputs: readonly Shape[], { output, scales }: RoiAlignAttrs): Shape {
  const shape = roiShape('roiAlign', inputs, output);
  if (scales.length !== inputs.length - 1)
    throw new ShapeError(`roiAlign: ${inputs.length - 1} maps, and ${scales.length} scales`, { output: shape });
  return shape;
}

/**
 * Regions of maps, by bilinear samples (He 2017, arXiv:1703.06870, §3, as torchvision 0.14 computes it): y[r, c, p, q] is the mean over the samples of
 * bin p, q of region r.
 *
 * Operands are the maps [N, C, H, W], at least one, and rois [R, 6]: map, image, x1, y1, x2, y2, corners in pixels of the image. A row of map −1 is a
 * pad and gives zeros. Samples outside [−1, H] × [−1, W] are 0, but count; between −1 and 0 they are the edge's. All four corners of a sample are terms,
 * so that a weight of 0 times an infinity is NaN.
 */
export function forward(inputs: readonly Tensor[], attrs: RoiAlignAttrs): Tensor {
  const shape = infer(
    inputs.map((input) => input.shape),
    attrs,
  );
  const maps = inputs.slice(0, -1);
  const rois = inputs.at(-1) as Tensor;
  const y = zerosLike(maps[0] as Tensor, shape);
  const [R, C, P, Q] = dims4(shape);
  for (let r = 0; r < R; r++) {
    const roi = roiAt('roiAlign', rois, r, attrs.scales, (maps[0] as Tensor).shape[0] as number);
    if (roi === undefined) continue;
    const x = maps[roi.map] as Tensor;
    const scale = attrs.scales[roi.map] as number;
    const [, , H, W] = dims4(x.shape);
    const rows = samplesOf(roi.y1, roi.y2, P, H, scale, attrs);
    const columns = samplesOf(roi.x1, roi.x2, Q, W, scale, attrs);
    const samples = Math.max(rows.count * columns.count, 1);
    let out = r * C * P * Q;
    for (let c = 0; c < C; c++)
      for (const inRow of rows.bins)
        for (const inColumn of columns.bins) {
          let sum = 0;
          for (const h of inRow)
            for (const w of inColumn) {
              sum += h.lowWeight * w.lowWeight * at4(x, roi.image, c, h.low, w.low);
              sum += h.lowWeight * w.highWeight * at4(x, roi.image, c, h.low, w.high);
              sum += h.highWeight * w.lowWeight * at4(x, roi.image, c, h.high, w.low);
              sum += h.highWeight * w.highWeight * at4(x, roi.image, c, h.high, w.high);
            }
          y.data[out++] = sum / samples;
        }
  }
  return y;
}

/** Of inference only: detectors are not trained here. */
export const roiAlign: OpDef<'roiAlign'> = { infer, macs: noMacs };
