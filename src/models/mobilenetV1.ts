import type { Value } from '../ops/op.js';
import { type Activation, channels, globalAvgPool, linear, relu, relu6, squeezedChannels, squeezeExcite } from './layers.js';
import type { Model } from './model.js';
import { below, type ConvBn, convBn } from './naming.js';
import { network, type Settings } from './network.js';

/** Howard 2017 (arXiv:1704.04861), table 1: output channels of the pointwise convolutions; each stage but the first starts at stride 2. */
const stages = [[64], [128, 128], [256, 256], [512, 512, 512, 512, 512, 512], [1024, 1024]] as const;

interface Names {
  readonly stem: ConvBn;
  /** `stage` and `unit` count from 0. */
  readonly block: (stage: number, unit: number) => string;
  readonly depthwise: ConvBn;
  readonly pointwise: ConvBn;
  readonly classifier: string;
}

const timm: Names = {
  stem: ['conv_stem', 'bn1'],
  block: (stage, unit) => `blocks.${stage}.${unit}`,
  depthwise: ['conv_dw', 'bn1'],
  pointwise: ['conv_pw', 'bn2'],
  classifier: 'classifier',
};

const pytorchcv: Names = {
  stem: ['features.init_block.conv', 'features.init_block.bn'],
  block: (stage, unit) => `features.stage${stage + 1}.unit${unit + 1}`,
  depthwise: ['dw_conv.conv', 'dw_conv.bn'],
  pointwise: ['pw_conv.conv', 'pw_conv.bn'],
  classifier: 'output',
};

interface MobileNetV1Config {
  readonly names: Names;
  readonly activation: Activation;
  /** Of gates on the blocks' outputs (zoo.md, §9); absent where there are none. */
  readonly reduction?: number;
}

const mobilenetV1s: Readonly<Record<string, MobileNetV1Config>> = {
  'timm/mobilenetv1_100': { names: timm, activation: relu6 },
  'pytorchcv/mobilenet_w1': { names: pytorchcv, activation: relu },
  'senet/se_mobilenetv1_100': { names: timm, activation: relu6, reduction: 16 },
};

export const mobilenetV1Models: readonly Model[] = Object.entries(mobilenetV1s).map(([id, config]) =>
  network(id, { family: 'mobilenetv1', reduction: config.reduction }, (image, settings) => mobilenetV1(image, config, settings)),
);

function mobilenetV1(image: Value, { names, activation }: MobileNetV1Config, { classes, reduction }: Settings): Value {
  let x = activation(convBn(image, names.stem, { out: 32, kernel: 3, stride: 2 }));
  stages.forEach((widths, stage) => {
    widths.forEach((out, unit) => {
      const name = names.block(stage, unit);
      const stride = stage > 0 && unit === 0 ? 2 : 1;
      x = activation(convBn(x, below(name, names.depthwise), { out: channels(x), kernel: 3, stride, groups: channels(x) }));
      x = activation(convBn(x, below(name, names.pointwise), { out, kernel: 1 }));
      if (reduction !== undefined) x = squeezeExcite(x, `${name}.se`, { squeezed: squeezedChannels(x, reduction), gate: 'gate' });
    });
  });
  return linear(globalAvgPool(x), names.classifier, classes);
}
