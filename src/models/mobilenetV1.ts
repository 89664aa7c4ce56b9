import type { Value } from '../ops/op.js';
import { type Activation, channels, feature, globalAvgPool, linear, named, type Paths, relu, relu6 } from './layers.js';
import type { Model } from './model.js';
import { below, type ConvBn, convBlock, convBn, globalPool, normAct } from './naming.js';
import { network, type Settings } from './network.js';
import { squeezedChannels, squeezeExcite } from './squeezeExcite.js';

/** Howard 2017 (arXiv:1704.04861), table 1: output channels of the pointwise convolutions; each stage but the first starts at stride 2. */
const stages = [[64], [128, 128], [256, 256], [512, 512, 512, 512, 512, 512], [1024, 1024]] as const;

interface Names {
  readonly stem: ConvBn;
  /** The module of a stage, and its blocks; all count from 0. */
  readonly stage: (stage: number) => string;
  readonly block: (stage: number, unit: number) => string;
  readonly depthwise: ConvBn;
  readonly pointwise: ConvBn;
  /** The module of all stages, and the global average. */
  readonly trunk: Paths;
  readonly average: Paths;
  readonly classifier: string;
}

const timm: Names = {
  stem: normAct('conv_stem', 'bn1'),
  stage: (stage) => `blocks.${stage}`,
  block: (stage, unit) => `blocks.${stage}.${unit}`,
  depthwise: normAct('conv_dw', 'bn1', 'aa', 'se'),
  pointwise: normAct('conv_pw', 'bn2'),
  trunk: ['blocks', 'conv_head', 'bn2'],
  average: globalPool,
  classifier: 'classifier',
};

/** Ours, with gates at the place of timm's modules that do nothing. */
const senet: Names = { ...timm, depthwise: normAct('conv_dw', 'bn1', 'aa'), trunk: 'blocks' };

const pytorchcv: Names = {
  stem: convBlock('features.init_block', 'activ'),
  stage: (stage) => `features.stage${stage + 1}`,
  block: (stage, unit) => `features.stage${stage + 1}.unit${unit + 1}`,
  depthwise: convBlock('dw_conv', 'activ'),
  pointwise: convBlock('pw_conv', 'activ'),
  trunk: [],
  average: ['features.final_pool', 'features'],
  classifier: 'output',
};

interface MobileNetV1Config {
  readonly names: Names;
  readonly activation: Activation;
  /** Of gates on the blocks' outputs (docs/spec/zoo.md §7.1); absent where there are none. */
  readonly reduction?: number;
}

const mobilenetV1s: Readonly<Record<string, MobileNetV1Config>> = {
  'timm/mobilenetv1_100': { names: timm, activation: relu6 },
  'pytorchcv/mobilenet_w1': { names: pytorchcv, activation: relu },
  'senet/se_mobilenetv1_100': { names: senet, activation: relu6, reduction: 16 },
};

export const mobilenetV1Models: readonly Model[] = Object.entries(mobilenetV1s).map(([id, config]) =>
  network(id, { family: 'mobilenetv1', reduction: config.reduction }, (image, settings) => mobilenetV1(image, config, settings)),
);

function mobilenetV1(image: Value, { names, activation }: MobileNetV1Config, { classes, reduction }: Settings): Value {
  let x = convBn(image, names.stem, { out: 32, kernel: 3, stride: 2, activation });
  stages.forEach((widths, stage) => {
    widths.forEach((out, unit) => {
      const name = names.block(stage, unit);
      const stride = stage > 0 && unit === 0 ? 2 : 1;
      x = convBn(x, below(name, names.depthwise), { out: channels(x), kernel: 3, stride, groups: channels(x), activation });
      x = convBn(x, below(name, names.pointwise), { out, kernel: 1, activation });
      if (reduction !== undefined) x = squeezeExcite(x, `${name}.se`, { squeezed: squeezedChannels(x, reduction), gate: 'gate' });
      named(x, name);
    });
    feature(named(x, names.stage(stage)), names.stage(stage));
  });
  return linear(named(globalAvgPool(named(x, names.trunk)), names.average), names.classifier, classes);
}
