import { rescalingsKey } from '../io/keras.js';
import type { Stored } from '../io/tensorFile.js';
import type { Shape } from '../tensor.js';
import { imagesKey, modelKey } from './variant.js';

/**
 * EfficientNet-B0 and MobileNetV3 of keras-applications as timm's `tf_` networks, which are the same: TensorFlow's padding, ε of 1e-3. Tensors get timm's names and PyTorch's
 * order of extents (docs/spec/checkpoints.md §8).
 */

export interface KerasState {
  readonly tensors: ReadonlyMap<string, Stored>;
  /** The layer that told which network it is; undefined if none did. */
  readonly told: string | undefined;
}

/** Layers' names, and those of their weights behind a slash. */
type Tensors = ReadonlyMap<string, Stored>;

export function fromKeras(given: Tensors): KerasState {
  const layers = new Map([...given].map(([key, stored]) => [plainName(key.slice(0, key.lastIndexOf('/'))), stored]));
  const naming = namingOf(layers);
  const head = kerasHeadOf(given);
  const tensors = new Map<string, Stored>();
  for (const [key, stored] of given) {
    const layer = plainName(key.slice(0, key.lastIndexOf('/')));
    const kind = key.slice(key.lastIndexOf('/') + 1);
    if (layer === 'normalization' || layer.startsWith('normalization_')) continue; // of images, and so part of their preset
    const path = layer === head ? 'classifier' : naming?.rename(layer);
    tensors.set(path === undefined ? `${layer}.${kind}` : `${path}.${weightNames[kind] ?? kind}`, inOurOrder(stored));
  }
  return { tensors, told: naming?.told };
}

/** Earlier versions of MobileNetV3 had modules in their names: `expanded_conv_1/depthwise/BatchNorm`. */
const plainName = (layer: string): string => layer.toLowerCase().replaceAll('/', '_').replaceAll('batchnorm', 'bn');

const weightNames: Readonly<Record<string, string>> = {
  kernel: 'weight',
  bias: 'bias',
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

interface LayerNames {
  readonly told: string;
  readonly model: string;
  /** The module that a layer is; undefined for a layer that the network does not have. */
  rename(layer: string): string | undefined;
}

function namingOf(layers: ReadonlyMap<string, Stored>): LayerNames | undefined {
  if (layers.has('stem_conv')) return efficientnet(layers);
  return layers.has('expanded_conv_project') ? mobilenet(layers) : undefined;
}

/** The layer that gives the logits: by its name, or the only one that is fully connected, as where another head was trained. */
function kerasHeadOf(given: Tensors): string | undefined {
  const names = [...given]
    .filter(([key, { shape }]) => key.endsWith('/kernel') && shape.length === 2)
    .map(([key]) => plainName(key.slice(0, -7)));
  return names.length === 1 ? names[0] : undefined;
}

/** By whether the block expands: which batch norm and 1×1 convolution of timm's a layer is. */
const parts = (expands: boolean): Readonly<Record<string, string>> => ({
  expand: 'conv_pw',
  expand_bn: 'bn1',
  depthwise: 'conv_dw',
  depthwise_bn: expands ? 'bn2' : 'bn1',
  reduce: 'se.conv_reduce',
  widen: 'se.conv_expand',
  project: expands ? 'conv_pwl' : 'conv_pw',
  project_bn: expands ? 'bn3' : 'bn2',
});

const efficientnetParts: Readonly<Record<string, string>> = {
  expand_conv: 'expand',
  expand_bn: 'expand_bn',
  dwconv: 'depthwise',
  bn: 'depthwise_bn',
  se_reduce: 'reduce',
  se_expand: 'widen',
  project_conv: 'project',
  project_bn: 'project_bn',
};
const efficientnetEnds: Readonly<Record<string, string>> = { stem_conv: 'conv_stem', stem_bn: 'bn1', top_conv: 'conv_head', top_bn: 'bn2' };

/** `block2b_dwconv` is the depthwise convolution of the second block of the second stage. */
const efficientnet = (layers: ReadonlyMap<string, Stored>): LayerNames => ({
  told: 'stem_conv',
  model: 'timm/tf_efficientnet_b0',
  rename: (layer) => {
    const [, block, stage, unit, part = ''] = /^(block(\d)([a-z]))_(\w+)$/.exec(layer) ?? [];
    const role = efficientnetParts[part];
    if (block === undefined || unit === undefined || role === undefined) return efficientnetEnds[layer];
    return `blocks.${Number(stage) - 1}.${unit.charCodeAt(0) - 97}.${parts(layers.has(`${block}_expand_conv`))[role]}`;
  },
});

const mobilenetParts: Readonly<Record<string, string>> = {
  expand: 'expand',
  expand_bn: 'expand_bn',
  depthwise: 'depthwise',
  depthwise_bn: 'depthwise_bn',
  squeeze_excite_conv: 'reduce',
  squeeze_excite_conv_1: 'widen',
  project: 'project',
  project_bn: 'project_bn',
};

/** Blocks a stage (Howard 2019, tables 1 and 2, in timm's stages): Keras numbers blocks alone. */
const mobilenetStages: Readonly<Record<'small' | 'large', readonly number[]>> = { small: [1, 2, 3, 2, 3], large: [1, 2, 3, 4, 2, 3] };

function mobilenet(layers: ReadonlyMap<string, Stored>): LayerNames {
  const size = layers.has('expanded_conv_11_project') ? 'large' : 'small';
  const blocks = mobilenetStages[size].flatMap((units, stage) => Array.from({ length: units }, (_, unit) => `blocks.${stage}.${unit}`));
  const tail = `blocks.${mobilenetStages[size].length}.0`;
  const ends: Readonly<Record<string, string>> = {
    ...{ conv: 'conv_stem', conv_bn: 'bn1', conv_1: `${tail}.conv`, conv_1_bn: `${tail}.bn1` },
    ...{ conv_2: 'conv_head', logits: 'classifier' },
  };
  return {
    told: 'expanded_conv_project',
    model: `timm/tf_mobilenetv3_${size}_100`,
    rename: (layer) => {
      const [, prefix, block = '0', part = ''] = /^(expanded_conv(?:_(\d+))?)_([a-z]\w*)$/.exec(layer) ?? [];
      const role = mobilenetParts[part];
      if (prefix === undefined || role === undefined) return ends[layer];
      const path = blocks[Number(block)];
      return path && `${path}.${parts(layers.has(`${prefix}_expand`))[role]}`;
    },
  };
}

/** Filters [P, Q, C, O] as [O, C, P, Q], depthwise ones [P, Q, C, 1] as [C, 1, P, Q], matrices [C, O] as [O, C]. Vectors stay. */
function inOurOrder(stored: Stored): Stored {
  const { shape: given } = stored;
  if (given.length !== 4 && given.length !== 2) return stored;
  const [P, Q, C, O] = (given.length === 2 ? [1, 1, ...given] : given) as [number, number, number, number];
  const shape: Shape = given.length === 2 ? [O, C] : O === 1 ? [C, 1, P, Q] : [O, C, P, Q];
  return {
    ...stored,
    shape,
    read: async () => {
      const { data } = await stored.read();
      const turned = new Float32Array(data.length);
      let at = 0;
      for (let pq = 0; pq < P * Q; pq++)
        for (let c = 0; c < C; c++) for (let o = 0; o < O; o++) turned[(o * C + c) * P * Q + pq] = data[at++] as number;
      return { shape, data: turned };
    },
  };
}

/** The deviations that keras-applications divides by in two steps: the first by their roots, which are the file's variance. */
const imagenetStd = [0.229, 0.224, 0.225];

/**
 * What a file says of its network and images, under our own keys. MobileNetV3's images are those of timm's, in −1..1. Of EfficientNet a layer has mean and variance of RGB in 0..1;
 * where a second `Rescaling` follows, as in all networks made from the published weights, and for the published file itself, of which only the variance tells, that divides once more.
 */
export async function kerasMetadata(
  tensors: Tensors,
  metadata: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const naming = namingOf(new Map([...tensors].map(([key, stored]) => [plainName(key.slice(0, key.lastIndexOf('/'))), stored])));
  if (naming === undefined) return {};
  const own = { [modelKey]: naming.model };
  const layer = [...tensors.keys()].find((key) => /^normalization(_\d+)?\/mean$/.test(key))?.replace('/mean', '');
  const [mean, variance] = [tensors.get(`${layer}/mean`), tensors.get(`${layer}/variance`)];
  if (mean === undefined || variance === undefined) return own;
  const [means, variances] = [[...(await mean.read()).data], [...(await variance.read()).data]];
  const isPublished = variances.every((value, c) => Math.fround(imagenetStd[c] ?? 0) === value);
  const twice = isPublished || Number(metadata[rescalingsKey] ?? 0) > 1;
  const std = variances.map((value, c) => Math.sqrt(value) * (twice ? Math.sqrt(imagenetStd[c] ?? 1) : 1));
  return { ...own, [imagesKey]: JSON.stringify({ size: 224, cropRatio: 0.875, filter: 'bicubic', mean: means, std }) };
}
