import type { Value } from '../ops/op.js';
import { add, channels, feature, globalAvgPool, inside, linear, named, type Paths, relu } from './layers.js';
import type { Model } from './model.js';
import { around, type ConvBn, convBn, globalPool, normAct, whole } from './naming.js';
import { network, type Settings } from './network.js';
import { type GateConfig, squeezeExcite } from './squeezeExcite.js';

/** Radosavovic 2020 (arXiv:2003.13678), RegNetY: depth and output channels of each stage (docs/spec/zoo.md §6.3). */
interface RegNetConfig {
  readonly depths: readonly [number, number, number, number];
  readonly widths: readonly [number, number, number, number];
  /** Channels of a group of the 3×3 convolutions. */
  readonly groupWidth: number;
}

/** By the hundreds of millions of multiply-adds. timm's and torchvision's differ at 008 and 080; timm has torchvision's as `_tv`. */
const y002: RegNetConfig = { depths: [1, 1, 4, 7], widths: [24, 56, 152, 368], groupWidth: 8 };
const y004: RegNetConfig = { depths: [1, 3, 6, 6], widths: [48, 104, 208, 440], groupWidth: 8 };
const y006: RegNetConfig = { depths: [1, 3, 7, 4], widths: [48, 112, 256, 608], groupWidth: 16 };
const y008: RegNetConfig = { depths: [1, 3, 8, 2], widths: [64, 128, 320, 768], groupWidth: 16 };
const y008tv: RegNetConfig = { depths: [1, 3, 8, 2], widths: [64, 144, 320, 784], groupWidth: 16 };
const y016: RegNetConfig = { depths: [2, 6, 17, 2], widths: [48, 120, 336, 888], groupWidth: 24 };
const y032: RegNetConfig = { depths: [2, 5, 13, 1], widths: [72, 216, 576, 1512], groupWidth: 24 };
const y040: RegNetConfig = { depths: [2, 6, 12, 2], widths: [128, 192, 512, 1088], groupWidth: 64 };
const y064: RegNetConfig = { depths: [2, 7, 14, 2], widths: [144, 288, 576, 1296], groupWidth: 72 };
const y080: RegNetConfig = { depths: [2, 4, 10, 1], widths: [168, 448, 896, 2016], groupWidth: 56 };
const y080tv: RegNetConfig = { depths: [2, 4, 10, 1], widths: [224, 448, 896, 2016], groupWidth: 56 };
const y120: RegNetConfig = { depths: [2, 5, 11, 1], widths: [224, 448, 896, 2240], groupWidth: 112 };
const y160: RegNetConfig = { depths: [2, 4, 11, 1], widths: [224, 448, 1232, 3024], groupWidth: 112 };

interface Names {
  readonly stem: ConvBn;
  /** The module of a stage, and its blocks; all count from 1. */
  readonly stage: (stage: number) => string;
  readonly block: (stage: number, unit: number) => BlockNames;
  /** What returns the last stage's value, too. */
  readonly trunk: Paths;
  readonly average: Paths;
  readonly classifier: string;
  /** What returns the logits beside the classifier. */
  readonly logits: Paths;
}

interface BlockNames {
  readonly reduce: ConvBn;
  readonly grouped: ConvBn;
  readonly se: string;
  /** The gate's parts, below `se`. */
  readonly gate: Pick<GateConfig, 'average' | 'reduced' | 'hidden' | 'gate'>;
  readonly expand: ConvBn;
  readonly shortcut: ConvBn;
  /** What returns the input where the shortcut is no projection. */
  readonly identity: Paths;
  /** The last ReLU, and the block. */
  readonly out: Paths;
  /** The shortcut's module, where the checkpoint has it behind the others. */
  readonly last?: string;
}

const timm: Names = {
  stem: whole('stem', normAct('conv', 'bn')),
  stage: (stage) => `s${stage}`,
  block: (stage, unit) => {
    const path = `s${stage}.b${unit}`;
    const layer = (name: string): ConvBn => whole(`${path}.${name}`, normAct('conv', 'bn'));
    return {
      reduce: layer('conv1'),
      grouped: layer('conv2'),
      se: `${path}.se`,
      gate: { reduced: 'bn', hidden: 'act', gate: 'gate' },
      expand: around(`${path}.drop_path`, layer('conv3')),
      shortcut: layer('downsample'),
      identity: `${path}.downsample`,
      out: [`${path}.act3`, path],
      last: `${path}.downsample`,
    };
  },
  trunk: 'final_conv',
  average: inside('head', [...globalPool, 'drop']),
  classifier: 'head.fc',
  logits: ['head.flatten', 'head'],
};

const torchvision: Names = {
  stem: whole('stem', { conv: '0', bn: '1', out: '2' }),
  stage: (stage) => `trunk_output.block${stage}`,
  block: (stage, unit) => {
    const path = `trunk_output.block${stage}.block${stage}-${unit - 1}`;
    const layer = (name: string, activation: Paths = []): ConvBn => whole(`${path}.${name}`, { conv: '0', bn: '1', out: activation });
    return {
      reduce: layer('f.a', '2'),
      grouped: layer('f.b', '2'),
      se: `${path}.f.se`,
      gate: { average: 'avgpool', hidden: 'activation', gate: 'scale_activation' },
      expand: around(`${path}.f`, layer('f.c')),
      shortcut: layer('proj'),
      identity: [],
      out: [`${path}.activation`, path],
    };
  },
  trunk: 'trunk_output',
  average: 'avgpool',
  classifier: 'fc',
  logits: [],
};

const regnets: Readonly<Record<string, readonly [Names, RegNetConfig]>> = {
  'timm/regnety_002': [timm, y002],
  'timm/regnety_004': [timm, y004],
  'timm/regnety_006': [timm, y006],
  'timm/regnety_008': [timm, y008],
  'timm/regnety_008_tv': [timm, y008tv],
  'timm/regnety_016': [timm, y016],
  'timm/regnety_032': [timm, y032],
  'timm/regnety_040': [timm, y040],
  'timm/regnety_064': [timm, y064],
  'timm/regnety_080': [timm, y080],
  'timm/regnety_080_tv': [timm, y080tv],
  'timm/regnety_120': [timm, y120],
  'timm/regnety_160': [timm, y160],
  'torchvision/regnet_y_400mf': [torchvision, y004],
  'torchvision/regnet_y_800mf': [torchvision, y008tv],
  'torchvision/regnet_y_1_6gf': [torchvision, y016],
  'torchvision/regnet_y_3_2gf': [torchvision, y032],
  'torchvision/regnet_y_8gf': [torchvision, y080tv],
  'torchvision/regnet_y_16gf': [torchvision, y160],
};

export const regnetModels: readonly Model[] = Object.entries(regnets).map(([id, [names, config]]) =>
  network(id, { family: 'regnet', reduction: 4 }, (image, settings) => regnet(image, names, config, settings)),
);

function regnet(image: Value, names: Names, { depths, widths, groupWidth }: RegNetConfig, { classes, reduction }: Settings): Value {
  let x = convBn(image, names.stem, { out: 32, kernel: 3, stride: 2, activation: relu });
  feature(x, names.stem.out ?? []);
  depths.forEach((depth, stage) => {
    for (let i = 0; i < depth; i++) {
      const config = { out: widths[stage] as number, stride: i === 0 ? 2 : 1, groupWidth, reduction };
      x = block(x, names.block(stage + 1, i + 1), config);
    }
    feature(named(x, names.stage(stage + 1)), names.stage(stage + 1));
  });
  return named(linear(named(globalAvgPool(named(x, names.trunk)), names.average), names.classifier, classes), names.logits);
}

interface BlockConfig {
  readonly out: number;
  readonly stride: number;
  readonly groupWidth: number;
  readonly reduction: number | undefined;
}

/** A bottleneck that is no narrower, gated behind its 3×3. Its gate is squeezed to a share of the block's input channels. */
function block(x: Value, names: BlockNames, { out, stride, groupWidth, reduction }: BlockConfig): Value {
  const residual = stride === 1 && channels(x) === out ? named(x, names.identity) : convBn(x, names.shortcut, { out, kernel: 1, stride });
  let u = convBn(x, names.reduce, { out, kernel: 1, activation: relu });
  u = convBn(u, names.grouped, { out, kernel: 3, stride, groups: out / groupWidth, activation: relu });
  if (reduction !== undefined)
    u = squeezeExcite(u, names.se, { squeezed: Math.max(1, Math.round(channels(x) / reduction)), ...names.gate });
  u = convBn(u, names.expand, { out, kernel: 1 });
  if (names.last !== undefined) x.graph.registerLast(names.last);
  return named(relu(add(u, residual)), names.out);
}
