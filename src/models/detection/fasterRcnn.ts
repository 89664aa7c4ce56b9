import { pyramidScales } from '../../detect/levels.js';
import { paddedSize } from '../../detect/transform.js';
import { InputError } from '../../errors.js';
import { build, type ModelCode } from '../../graph/build.js';
import type { Norms, Pair, Value } from '../../ops/op.js';
import { shown } from '../../tensor.js';
import { feature, globalAvgPool, input, named, roiAlign, roiPool } from '../layers.js';
import type { Settings } from '../network.js';
import { type Body, bodies, type SplitBody, splitBodies } from './bodies.js';
import { convHead, mlpHead, predictor, proposalHead } from './heads.js';
import type { DetectionModel, DetectionOptions, DetectionSettings } from './model.js';
import { pyramid } from './pyramid.js';

/** Faster R-CNN (Ren 2015, arXiv:1506.01497). A detector is a row; what differs is a field (docs/spec/zoo.md §9). */
interface FasterRcnn {
  /** What regions are proposed on and pooled from: a pyramid over a body's maps, or one map of a body whose last stage is the head. */
  readonly trunk:
    | { readonly kind: 'pyramid'; readonly body: Body; readonly normed: boolean }
    | { readonly kind: 'c4'; readonly body: SplitBody };
  /** Of the body. @defaultValue its own */
  readonly norms?: Norms;
  /** 3×3 convolutions of the proposal head. */
  readonly depth: number;
  /** Between pooled regions and predictor, where the body has no stage for it. */
  readonly head?: (regions: Value) => Value;
  readonly settings: DetectionSettings;
}

const ratios = [0.5, 1, 2] as const;

/** torchvision's defaults, with a size of anchors for each map. */
const usual: DetectionSettings = {
  minSize: 800,
  maxSize: 1333,
  anchorSizes: [[32], [64], [128], [256], [512]],
  anchorRatios: ratios,
  preNms: 1000,
  postNms: 1000,
  proposalScore: 0,
};
const everySize = [32, 64, 128, 256, 512] as const;
const mobile: DetectionSettings = { ...usual, anchorSizes: [everySize, everySize, everySize], proposalScore: 0.05 };
/** Ren 2015, §3.3 and §4: three sizes of anchors on the one map, 300 regions at test time. */
const c4: DetectionSettings = { ...usual, minSize: 600, maxSize: 1000, anchorSizes: [[128, 256, 512]], preNms: 6000, postNms: 300 };

const over = (body: Body, normed = false): FasterRcnn['trunk'] => ({ kind: 'pyramid', body, normed });
const fpn = { depth: 1, head: mlpHead, settings: usual } as const;
const split = (body: SplitBody): FasterRcnn => ({ trunk: { kind: 'c4', body }, depth: 1, settings: c4 });
const frozen: Norms = { frozen: true, eps: 1e-5 };

/** Those of `senet` are ours: nobody publishes weights of them. */
const rows: Readonly<Record<string, FasterRcnn>> = {
  'torchvision/fasterrcnn_resnet50_fpn': { ...fpn, trunk: over(bodies.resnet50), norms: { frozen: true, eps: 0 } },
  'torchvision/fasterrcnn_resnet50_fpn_v2': { ...fpn, trunk: over(bodies.resnet50, true), depth: 2, head: convHead },
  'torchvision/fasterrcnn_mobilenet_v3_large_fpn': { ...fpn, trunk: over(bodies.mobilenetV3Large), norms: frozen, settings: mobile },
  'torchvision/fasterrcnn_mobilenet_v3_large_320_fpn': {
    ...fpn,
    trunk: over(bodies.mobilenetV3Large),
    norms: frozen,
    settings: { ...mobile, minSize: 320, maxSize: 640, preNms: 150, postNms: 150 },
  },
  'senet/fasterrcnn_resnet101_fpn': { ...fpn, trunk: over(bodies.resnet101) },
  'senet/fasterrcnn_seresnet50_fpn': { ...fpn, trunk: over(bodies.seresnet50) },
  'senet/fasterrcnn_seresnet101_fpn': { ...fpn, trunk: over(bodies.seresnet101) },
  'senet/fasterrcnn_resnet50_c4': split(splitBodies.resnet50),
  'senet/fasterrcnn_resnet101_c4': split(splitBodies.resnet101),
  'senet/fasterrcnn_seresnet50_c4': split(splitBodies.seresnet50),
  'senet/fasterrcnn_seresnet101_c4': split(splitBodies.seresnet101),
};

const mapNames = (count: number): readonly string[] => [...Array.from({ length: count - 1 }, (_, i) => String(i)), 'pool'];

/** What He 2017 (arXiv:1703.06870, §3) calls the last map of a body's fourth stage, its stem being the first. */
const c4Map = 'c4';

/** Of so many maps. `pool` is for the largest anchors alone. */
const pooledMaps = (maps: number): number => Math.max(1, maps - 1);
const planeOf = ({ shape: [, , height = 1, width = 1] }: Value): Pair => [height, width];

function modelOf(id: string, row: FasterRcnn): DetectionModel {
  const { settings, trunk } = row;
  const maps = trunk.kind === 'c4' ? ['0'] : mapNames(settings.anchorSizes.length);
  const mapFeatures = trunk.kind === 'c4' ? [c4Map] : maps.map((map) => `fpn.${map}`);
  const se = trunk.body.reduction !== undefined;
  return {
    id,
    se,
    settings,
    maps,
    mapFeatures,
    pooledMaps: pooledMaps(maps.length),
    frozen: row.norms?.frozen ?? false,
    create(options) {
      checkOptions(options);
      const { size, batch = 1, gates = false, features = false } = options;
      const chosen = features && [...mapFeatures, 'pooled'];
      return build([batch, 3, ...paddedSize([size])], fasterRcnn(row, maps, options), { gates, features: chosen });
    },
  };
}

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;

export const fasterRcnnModels: readonly DetectionModel[] = Object.entries(rows).map(([id, row]) => modelOf(id, row));

/** For callers whose types nobody checked. */
function checkOptions({ size, batch, regions, classes }: DetectionOptions): void {
  if (!Array.isArray(size) || size.length !== 2 || !size.every(isWhole))
    throw new InputError(`a detector's size is [height, width] of the resized image, not ${shown(size)}`);
  for (const [name, value] of Object.entries({ batch, regions, classes }))
    if (value !== undefined && !isWhole(value)) throw new InputError(`${name} must be a whole number from 1, not ${shown(value)}`);
}

function fasterRcnn({ trunk, norms, depth, head, settings }: FasterRcnn, names: readonly string[], options: DetectionOptions): ModelCode {
  const { size, batch = 1, regions: count = batch * settings.postNms, classes = 91, se = true, eps } = options;
  const own: Settings = { classes, reduction: se ? trunk.body.reduction : undefined, options: {} };
  const body = eps === undefined ? norms : { ...norms, eps };
  return (image) => {
    const read = trunk.body.maps(image, own, body);
    const maps = trunk.kind === 'pyramid' ? pyramid(read, trunk.normed) : read.map((map) => feature(map, c4Map));
    const anchors = (settings.anchorSizes[0] as readonly number[]).length * settings.anchorRatios.length;
    const proposed = proposalHead(maps, depth, anchors);
    const regions = input(image, 'regions', [count, 6]); // behind the proposals, of which it is made
    const pool = (): Value => {
      const pooled = maps.slice(0, pooledMaps(maps.length));
      const scales = pyramidScales(pooled.map(planeOf), size);
      if (trunk.kind === 'pyramid') return roiAlign(pooled, regions, { output: 7, scales });
      return roiPool(pooled[0] as Value, regions, { output: 14, scale: scales[0] as number });
    };
    const pooled = feature(named(pool(), 'roi_heads.box_roi_pool'), 'pooled');
    const x = trunk.kind === 'c4' ? globalAvgPool(trunk.body.head(pooled, own, body)) : (head as (x: Value) => Value)(pooled);
    const answers = names.flatMap((name, i) => [
      [`objectness.${name}`, proposed[i]?.objectness as Value] as const,
      [`deltas.${name}`, proposed[i]?.deltas as Value] as const,
    ]);
    return { ...Object.fromEntries(answers), ...predictor(x, classes) };
  };
}
