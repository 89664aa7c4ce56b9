import type { Value } from '../ops/op.js';
import {
  add,
  avgPool2d,
  type ConvConfig,
  channels,
  concat,
  conv,
  feature,
  globalAvgPool,
  linear,
  maxPool2d,
  named,
  type Paths,
  relu,
  scaleBy,
} from './layers.js';
import type { Model } from './model.js';
import { type ConvBn, convBn, globalPool, normAct, whole } from './naming.js';
import { network, type Settings } from './network.js';
import { squeezedChannels, squeezeExcite } from './squeezeExcite.js';

/** Units one after another, of each branch. A branch of one unit is that unit; others number theirs. */
type Branches = readonly (readonly ConvConfig[])[];

/** Szegedy 2017 (arXiv:1602.07261) as TF-slim has it, which differs from the paper's figures (docs/spec/zoo.md §4.3). */
const mixed5b: Branches = [
  [{ out: 96, kernel: 1 }],
  [
    { out: 48, kernel: 1 },
    { out: 64, kernel: 5 },
  ],
  [
    { out: 64, kernel: 1 },
    { out: 96, kernel: 3 },
    { out: 96, kernel: 3 },
  ],
];
const mixed6a: Branches = [
  [{ out: 384, kernel: 3, stride: 2, padding: 0 }],
  [
    { out: 256, kernel: 1 },
    { out: 256, kernel: 3 },
    { out: 384, kernel: 3, stride: 2, padding: 0 },
  ],
];
const mixed7a: Branches = [
  [
    { out: 256, kernel: 1 },
    { out: 384, kernel: 3, stride: 2, padding: 0 },
  ],
  [
    { out: 256, kernel: 1 },
    { out: 288, kernel: 3, stride: 2, padding: 0 },
  ],
  [
    { out: 256, kernel: 1 },
    { out: 288, kernel: 3 },
    { out: 320, kernel: 3, stride: 2, padding: 0 },
  ],
];

/** x + factor · up(branches), then a ReLU. */
interface ResidualConfig {
  readonly branches: Branches;
  readonly factor: number;
}

const block35: ResidualConfig = {
  branches: [
    [{ out: 32, kernel: 1 }],
    [
      { out: 32, kernel: 1 },
      { out: 32, kernel: 3 },
    ],
    [
      { out: 32, kernel: 1 },
      { out: 48, kernel: 3 },
      { out: 64, kernel: 3 },
    ],
  ],
  factor: 0.17,
};
const block17: ResidualConfig = {
  branches: [
    [{ out: 192, kernel: 1 }],
    [
      { out: 128, kernel: 1 },
      { out: 160, kernel: [1, 7] },
      { out: 192, kernel: [7, 1] },
    ],
  ],
  factor: 0.1,
};
const block8: ResidualConfig = {
  branches: [
    [{ out: 192, kernel: 1 }],
    [
      { out: 192, kernel: 1 },
      { out: 224, kernel: [1, 3] },
      { out: 256, kernel: [3, 1] },
    ],
  ],
  factor: 0.2,
};

interface Names {
  /** A convolution with its batch norm and ReLU, below their module. */
  readonly unit: ConvBn;
  /** The ReLU of the residual blocks, of `repeat` and `repeat_1`, and of `repeat_2`. */
  readonly relu: readonly [string, string];
  readonly average: Paths;
  readonly classifier: string;
}

const timm: Names = {
  unit: normAct('conv', 'bn'),
  relu: ['act', 'relu'],
  average: [...globalPool, 'head_drop'],
  classifier: 'classif',
};

const cadene: Names = {
  unit: { conv: 'conv', bn: 'bn', out: 'relu' },
  relu: ['relu', 'relu'],
  average: 'avgpool_1a',
  classifier: 'last_linear',
};

interface InceptionResnetConfig {
  readonly names: Names;
  /** Of the gates; absent where there are none. */
  readonly reduction?: number;
  /** What is gated: the up-projections of the residual blocks, or the outputs of mixed_5b, 6a and 7a too (docs/spec/zoo.md §7.1). @defaultValue `residual` */
  readonly gated?: 'residual' | 'all';
}

const inceptionResnets: Readonly<Record<string, InceptionResnetConfig>> = {
  'timm/inception_resnet_v2': { names: timm },
  'cadene/inceptionresnetv2': { names: cadene },
  'senet/se_inception_resnet_v2': { names: timm, reduction: 16 },
  'senet/se_inception_resnet_v2_mixed': { names: timm, reduction: 16, gated: 'all' },
};

export const inceptionResnetModels: readonly Model[] = Object.entries(inceptionResnets).map(([id, config]) =>
  network(id, { family: 'inception-resnet', size: 299, reduction: config.reduction }, (image, settings) =>
    inceptionResnet(image, config, settings),
  ),
);

function inceptionResnet(image: Value, { names, gated = 'residual' }: InceptionResnetConfig, { classes, reduction }: Settings): Value {
  const unit = (x: Value, name: string, config: ConvConfig): Value =>
    convBn(x, whole(name, names.unit), { ...config, activation: relu, eps: 1e-3 }); // TF-slim's ε
  const branches = (x: Value, name: string, layout: Branches): Value[] =>
    layout.map((units, b) => branch(x, `${name}.branch${b}`, units, unit));
  const gate = (u: Value, name: string): Value =>
    reduction === undefined ? u : squeezeExcite(u, `${name}.se`, { squeezed: squeezedChannels(u, reduction), gate: 'gate' });
  const mixed = (name: string, outputs: readonly Value[]): Value =>
    named(gated === 'all' ? gate(concat(outputs), name) : concat(outputs), name);
  const residual = (x: Value, name: string, { branches: layout, factor }: ResidualConfig): Value => {
    const up = conv(concat(branches(x, name, layout)), `${name}.conv2d`, { out: channels(x), kernel: 1, bias: true });
    return add(scaleBy(gate(up, name), factor), x);
  };
  const repeat = (x: Value, name: string, times: number, config: ResidualConfig, last: string): Value => {
    const block = (u: Value, path: string): Value => named(relu(residual(u, path, config)), `${path}.${last}`, path);
    return named(
      Array.from({ length: times }).reduce((u: Value, _, i) => block(u, `${name}.${i}`), x),
      name,
    );
  };

  let x = unit(image, 'conv2d_1a', { out: 32, kernel: 3, stride: 2, padding: 0 });
  x = unit(x, 'conv2d_2a', { out: 32, kernel: 3, padding: 0 });
  x = feature(unit(x, 'conv2d_2b', { out: 64, kernel: 3 }), 'conv2d_2b');
  x = unit(halve(x, 'maxpool_3a'), 'conv2d_3b', { out: 80, kernel: 1 });
  x = halve(feature(unit(x, 'conv2d_4a', { out: 192, kernel: 3, padding: 0 }), 'conv2d_4a'), 'maxpool_5a');

  const averages = named(avgPool2d(x, { kernel: 3, stride: 1, padding: 1, rounding: 'floor', divisor: 'inside' }), 'mixed_5b.branch3.0');
  const others = branches(x, 'mixed_5b', mixed5b);
  x = mixed('mixed_5b', [...others, named(unit(averages, 'mixed_5b.branch3.1', { out: 64, kernel: 1 }), 'mixed_5b.branch3')]);
  x = feature(repeat(x, 'repeat', 10, block35, names.relu[0]), 'repeat');
  x = mixed('mixed_6a', [...branches(x, 'mixed_6a', mixed6a), halve(x, 'mixed_6a.branch2')]);
  x = feature(repeat(x, 'repeat_1', 20, block17, names.relu[0]), 'repeat_1');
  x = mixed('mixed_7a', [...branches(x, 'mixed_7a', mixed7a), halve(x, 'mixed_7a.branch3')]);
  x = repeat(x, 'repeat_2', 9, block8, names.relu[1]);
  x = named(residual(x, 'block8', { ...block8, factor: 1 }), 'block8'); // the last one has no ReLU
  x = feature(unit(x, 'conv2d_7b', { out: 1536, kernel: 1 }), 'conv2d_7b');
  return linear(named(globalAvgPool(x), names.average), names.classifier, classes);
}

const halve = (x: Value, name: string): Value => named(maxPool2d(x, { kernel: 3, stride: 2, padding: 0, rounding: 'floor' }), name);

type LayerOf = (x: Value, name: string, config: ConvConfig) => Value;

/** The output of a branch on x. */
function branch(x: Value, name: string, units: Branches[number], unit: LayerOf): Value {
  const [only, ...more] = units as readonly [ConvConfig, ...ConvConfig[]];
  if (more.length === 0) return unit(x, name, only);
  return named(
    units.reduce((u, config, i) => unit(u, `${name}.${i}`, config), x),
    name,
  );
}
