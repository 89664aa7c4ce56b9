import type { Value } from '../ops/op.js';
import { add, avgPool2d, channelShuffle, channels, concat, feature, globalAvgPool, linear, maxPool2d, named, relu } from './layers.js';
import type { Model } from './model.js';
import { below, type ConvBn, convBn } from './naming.js';
import { network, type Settings } from './network.js';
import { squeezedChannels, squeezeExcite } from './squeezeExcite.js';

/** Zhang 2018 (arXiv:1707.01083), table 1; names are pytorchcv's. */
interface ShuffleNetConfig {
  readonly groups: number;
  /** Output channels of each stage. */
  readonly widths: readonly [number, number, number];
  /** Of gates on the branches' outputs (docs/spec/zoo.md §7.1); absent where there are none. */
  readonly reduction?: number;
}

const shufflenets: Readonly<Record<string, ShuffleNetConfig>> = {
  'pytorchcv/shufflenet_g3_w1': { groups: 3, widths: [240, 480, 960] },
  'senet/se_shufflenet_g3_w1': { groups: 3, widths: [240, 480, 960], reduction: 16 },
};

export const shufflenetModels: readonly Model[] = Object.entries(shufflenets).map(([id, config]) =>
  network(id, { family: 'shufflenet', reduction: config.reduction }, (image, settings) => shufflenet(image, config, settings)),
);

const depths = [4, 8, 4];

function shufflenet(image: Value, { groups, widths }: ShuffleNetConfig, { classes, reduction }: Settings): Value {
  const stem = below('features.init_block', { conv: 'conv', bn: 'bn', out: 'activ' });
  let x = convBn(image, stem, { out: 24, kernel: 3, stride: 2, activation: relu });
  feature(x, stem.out ?? []);
  x = named(maxPool2d(x, { kernel: 3, stride: 2, padding: 1, rounding: 'floor' }), 'features.init_block.pool', 'features.init_block');
  feature(x, 'features.init_block');
  widths.forEach((out, stage) => {
    for (let i = 0; i < (depths[stage] as number); i++)
      x = unit(x, `features.stage${stage + 1}.unit${i + 1}`, {
        out,
        groups,
        firstGroups: stage === 0 && i === 0 ? 1 : groups, // the stem's 24 channels are too few to be split
        stride: i === 0 ? 2 : 1,
        reduction,
      });
    feature(named(x, `features.stage${stage + 1}`), `features.stage${stage + 1}`);
  });
  return linear(named(globalAvgPool(x), 'features.final_pool', 'features'), 'output', classes);
}

interface UnitConfig {
  readonly out: number;
  readonly groups: number;
  /** Groups of the first convolution. */
  readonly firstGroups: number;
  readonly stride: 1 | 2;
  readonly reduction: number | undefined;
}

/** Fig. 2 (b) and (c): at stride 2 the shortcut is an average and is appended, so that the branch makes only what is missing. */
function unit(x: Value, name: string, { out, groups, firstGroups, stride, reduction }: UnitConfig): Value {
  const mid = out / 4;
  const layer = (conv: string, bn: string): ConvBn => below(name, { conv, bn });
  const activated = (u: Value): Value => named(relu(u), `${name}.activ`);
  let u = activated(convBn(x, layer('compress_conv1', 'compress_bn1'), { out: mid, kernel: 1, groups: firstGroups }));
  u = named(channelShuffle(u, groups), `${name}.c_shuffle`);
  u = convBn(u, layer('dw_conv2', 'dw_bn2'), { out: mid, kernel: 3, stride, groups: mid });
  u = convBn(u, layer('expand_conv3', 'expand_bn3'), { out: stride === 2 ? out - channels(x) : out, kernel: 1, groups });
  if (reduction !== undefined) u = squeezeExcite(u, `${name}.se`, { squeezed: squeezedChannels(u, reduction), gate: 'gate' });
  if (stride === 1) return named(activated(add(u, x)), name);
  const shortcut = avgPool2d(x, { kernel: 3, stride: 2, padding: 1, rounding: 'floor', divisor: 'window' });
  return named(activated(concat([u, named(shortcut, `${name}.avgpool`)])), name);
}
