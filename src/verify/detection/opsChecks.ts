import { anchorStride, pyramidAnchors } from '../../detect/anchors.js';
import { type CoderWeights, decodeBoxes, encodeBoxes } from '../../detect/boxCoder.js';
import { boxesOfSide, clipBoxes, type Size } from '../../detect/boxes.js';
import { selectDetections } from '../../detect/detections.js';
import { nms } from '../../detect/nms.js';
import { selectProposals } from '../../detect/proposals.js';
import { paddedSize, resizedSize, restoreBoxes, transformImages } from '../../detect/transform.js';
import { InputError, underName } from '../../errors.js';
import type { PerChannel } from '../../io/preprocess.js';
import { uniformTensor } from '../../io/synthetic.js';
import { map, sameShape, sizeOf, widen } from '../../tensor.js';
import { type Check, closely, exactly } from '../check.js';
import { type Context, type GraphOps, pooledAlone, pooledFromLevels, pyramid } from './opsGraphChecks.js';
import { type OpsVector, type Part, type Section, sectionNames } from './opsVector.js';

type Checks = { readonly [S in Section]: (part: Part<S>, context: Context) => readonly Check[] | Promise<readonly Check[]> };

/** Each section's checks. A part of a list has its place in the list or its name in its checks' names. */
const checks: Checks = {
  anchors: (pyramids) =>
    pyramids.flatMap(({ name, image, grids, sizes, ratios, cells, strides, total, levels }) => {
      const { boxes, counts } = pyramidAnchors(image, grids, { sizes, ratios });
      const starts = counts.map((_, level) => counts.slice(0, level).reduce((sum, count) => sum + count, 0));
      const found = counts.map((count, level) => boxes.subarray(4 * (starts[level] as number), 4 * ((starts[level] as number) + count)));
      return [
        exactly(
          `anchors ${name} cells`,
          found.flatMap((level, l) => cellsOf(level, grids[l] as Size)),
          cells.flatMap((rows) => [...rows]),
        ),
        exactly(
          `anchors ${name} strides`,
          grids.flatMap((grid) => anchorStride(image, grid)),
          strides.flat(),
        ),
        exactly(`anchors ${name} total`, [boxes.length / 4, counts.length], [total, levels.length]),
        ...levels.map(({ count, first, last, checksum }, l) => {
          const level = found[l] ?? new Float64Array(0);
          const ends = [...level.subarray(0, first.length), ...level.subarray(Math.max(0, level.length - last.length))];
          return exactly(
            `anchors ${name} level ${l}`,
            [level.length / 4, ...ends, checksumOf(level)],
            [count, ...first, ...last, checksum],
          );
        }),
      ];
    }),

  boxCoder: (cases) =>
    cases.flatMap(({ weights, boxes, deltas, decoded, encodeFrom, targets, encoded }, i) => [
      closely(`boxCoder ${i} decode`, decodeBoxes(deltas, boxes, weights as unknown as CoderWeights), decoded),
      closely(`boxCoder ${i} encode`, encodeBoxes(targets, boxes.slice(4 * encodeFrom), weights as unknown as CoderWeights), encoded),
    ]),

  clip({ image, boxes, clipped, keptByMinSize }) {
    const found = clipBoxes(boxes, image);
    return [
      closely('clip boxes', found, clipped),
      ...[...keptByMinSize].map(([least, kept]) => exactly(`clip least side ${least}`, boxesOfSide(found, Number(least)), kept)),
    ];
  },

  nms: (cases) =>
    cases.map(({ name, boxes, scores, threshold, classes, keep }) =>
      exactly(`nms ${name}`, nms(boxes, scores, threshold, classes).keep, keep),
    ),

  rpn: (cases) =>
    cases.flatMap(({ name, image, counts, preNms, postNms, threshold, minSize, scoreThreshold, proposals, objectness, ...expected }) => {
      const rule = { preNms, postNms, nmsThreshold: threshold, scoreThreshold, leastSide: minSize };
      const found = selectProposals(proposals, objectness, counts, image, rule);
      return [
        closely(`rpn ${name} boxes`, found.boxes, expected.boxes),
        closely(`rpn ${name} scores`, found.scores, expected.scores),
        exactly(`rpn ${name} levels`, found.levels, expected.levels),
      ];
    }),

  async roi({ single, multi }, context) {
    const alone: Check[] = [];
    for (const one of single) alone.push(await pooledAlone(one, context));
    return multi === undefined ? alone : [...alone, ...(await pooledFromLevels(multi, context))];
  },

  async fpn(pyramids, context) {
    const all: Check[] = [];
    for (const one of pyramids) all.push(...(await pyramid(one, context)));
    return all;
  },

  transform({ sizes, batches }, { seed }) {
    const rows = Array.from({ length: sizes.length / 8 }, (_, row) => [...sizes.subarray(8 * row, 8 * row + 8)]);
    const found = rows.map(([height = 0, width = 0, minSize = 0, maxSize = 0]) => [
      ...resizedSize([height, width], { minSize, maxSize }),
      ...olderSize([height, width], minSize, maxSize),
    ]);
    return [
      exactly(
        'transform sizes',
        found.flatMap((row) => row.slice(0, 2)),
        rows.flatMap((row) => row.slice(4, 6)),
      ),
      exactly(
        'transform sizes with a float64 scale',
        found.flatMap((row) => row.slice(2)),
        rows.flatMap((row) => row.slice(6)),
      ),
      ...batches.flatMap((batch, b) => transformed(batch, `transform ${b}`, seed)),
    ];
  },

  postprocess: (cases) =>
    cases.flatMap(({ name, image, scoreThreshold, nmsThreshold, detectionsPerImage, proposals, logits, deltas, ...expected }) => {
      const rule = { scoreThreshold, nmsThreshold, most: detectionsPerImage, leastSide: 0.01 };
      const found = selectDetections(logits, deltas, proposals, image, rule);
      return [
        closely(`postprocess ${name} boxes`, found.boxes, expected.boxes),
        closely(`postprocess ${name} scores`, found.scores, expected.scores),
        exactly(`postprocess ${name} labels`, found.labels, expected.labels),
      ];
    }),
};

/**
 * Checks every section of a file.
 *
 * @throws SenetError that names the section, if its parts do not fit together
 */
export async function checkOps(vector: OpsVector, ops: GraphOps): Promise<readonly Check[]> {
  const context = { seed: vector.seed, ops };
  const all: Check[] = [];
  for (const name of sectionNames) {
    try {
      all.push(...(await checkSection(name, vector, context)));
    } catch (error) {
      throw underName(name, error);
    }
  }
  return all;
}

async function checkSection<S extends Section>(name: S, vector: OpsVector, context: Context): Promise<readonly Check[]> {
  const part = vector[name];
  return part === undefined ? [] : await checks[name](part as Part<S>, context);
}

/** The boxes at a level's first place. */
const cellsOf = (level: Float64Array, grid: Size): readonly number[] => [...level.subarray(0, level.length / sizeOf(grid))];

/** Σ (i mod 1009 + 1) · v over a level's numbers. */
const checksumOf = (values: Float64Array): number => values.reduce((sum, value, i) => sum + ((i % 1009) + 1) * value, 0);

/** What torchvision had before its scale was a float32 number. */
function olderSize([height, width]: Size, minSize: number, maxSize: number): Size {
  const scale = Math.min(minSize / Math.min(height, width), maxSize / Math.max(height, width));
  return [Math.floor(height * scale), Math.floor(width * scale)];
}

function transformed(batch: Part<'transform'>['batches'][number], name: string, seed: number): readonly Check[] {
  const { minSize, maxSize, images, mean, std, imageSizes, batch: shape, step, values, back } = batch;
  const sizes = images.map(([, height, width]) => resizedSize([height as number, width as number], { minSize, maxSize }));
  const padded = [images.length, 3, ...paddedSize(sizes)];
  const known = [
    exactly(`${name} sizes`, sizes.flat(), imageSizes.flat()),
    exactly(`${name} batch`, padded, shape),
    ...back.map(({ boxes, original }, i) => {
      const [, height, width] = images[i] ?? [];
      if (height === undefined || width === undefined) throw new InputError(`${name}: boxes of image ${i}, of ${images.length} images`);
      return closely(`${name} boxes ${i}`, restoreBoxes(boxes, sizes[i] as Size, [height, width]), original);
    }),
  ];
  // a batch of another size than the file's is not made: that size is what bounds the memory
  if (!sameShape(padded, shape)) return [...known, closely(`${name} values`, [], values, 9)];
  const made = images.map((image, i) => map(widen(uniformTensor(`image${i}`, image, seed)), (r) => (r + 1) / 2));
  const { data } = transformImages(made, { minSize, maxSize, mean: mean as PerChannel, std: std as PerChannel }).images;
  return [
    ...known,
    closely(
      `${name} values`,
      data.filter((_, i) => i % step === 0),
      values,
      9,
    ),
  ];
}
