import type { Value } from '../ops/op.js';
import {
  add,
  avgPool2d,
  type ConvConfig,
  channels,
  concat,
  conv,
  globalAvgPool,
  linear,
  maxPool2d,
  relu,
  scaleBy,
  squeezedChannels,
  squeezeExcite,
} from './layers.js';
import type { Model } from './model.js';
import { below, convBn } from './naming.js';
import { network, type Settings } from './network.js';

/** Units one after another, of each branch. A branch of one unit is that unit; others number theirs. */
type Branches = readonly (readonly ConvConfig[])[];

/** Szegedy 2017 (arXiv:1602.07261) as TF-slim has it, which differs from the paper's figures (zoo.md, §7). */
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

interface InceptionResnetConfig {
  readonly classifier: string;
  /** Of the gates; absent where there are none. */
  readonly reduction?: number;
  /** What is gated: the up-projections of the residual blocks, or the outputs of mixed_5b, 6a and 7a too (zoo.md, §9). @defaultValue `residual` */
  readonly gated?: 'residual' | 'all';
}

const inceptionResnets: Readonly<Record<string, InceptionResnetConfig>> = {
  'timm/inception_resnet_v2': { classifier: 'classif' },
  'cadene/inceptionresnetv2': { classifier: 'last_linear' },
  'senet/se_inception_resnet_v2': { classifier: 'classif', reduction: 16 },
  'senet/se_inception_resnet_v2_mixed': { classifier: 'classif', reduction: 16, gated: 'all' },
};

export const inceptionResnetModels: readonly Model[] = Object.entries(inceptionResnets).map(([id, config]) =>
  network(id, { family: 'inception-resnet', size: 299, reduction: config.reduction }, (image, settings) =>
    inceptionResnet(image, config, settings),
  ),
);

function inceptionResnet(image: Value, { classifier, gated = 'residual' }: InceptionResnetConfig, { classes, reduction }: Settings): Value {
  const gate = (u: Value, name: string): Value =>
    reduction === undefined ? u : squeezeExcite(u, `${name}.se`, { squeezed: squeezedChannels(u, reduction), gate: 'gate' });
  const mixed = (name: string, outputs: readonly Value[]): Value => (gated === 'all' ? gate(concat(outputs), name) : concat(outputs));
  const residual = (x: Value, name: string, { branches, factor }: ResidualConfig): Value => {
    const up = conv(concat(branch(x, name, branches)), `${name}.conv2d`, { out: channels(x), kernel: 1, bias: true });
    return add(scaleBy(gate(up, name), factor), x);
  };
  const repeat = (x: Value, name: string, times: number, config: ResidualConfig): Value =>
    Array.from({ length: times }).reduce((u: Value, _, i) => relu(residual(u, `${name}.${i}`, config)), x);

  let x = unit(image, 'conv2d_1a', { out: 32, kernel: 3, stride: 2, padding: 0 });
  x = unit(x, 'conv2d_2a', { out: 32, kernel: 3, padding: 0 });
  x = unit(x, 'conv2d_2b', { out: 64, kernel: 3 });
  x = unit(halve(x), 'conv2d_3b', { out: 80, kernel: 1 });
  x = halve(unit(x, 'conv2d_4a', { out: 192, kernel: 3, padding: 0 }));

  const averages = avgPool2d(x, { kernel: 3, stride: 1, padding: 1, rounding: 'floor', divisor: 'inside' });
  x = mixed('mixed_5b', [...branch(x, 'mixed_5b', mixed5b), unit(averages, 'mixed_5b.branch3.1', { out: 64, kernel: 1 })]);
  x = repeat(x, 'repeat', 10, block35);
  x = mixed('mixed_6a', [...branch(x, 'mixed_6a', mixed6a), halve(x)]);
  x = repeat(x, 'repeat_1', 20, block17);
  x = mixed('mixed_7a', [...branch(x, 'mixed_7a', mixed7a), halve(x)]);
  x = repeat(x, 'repeat_2', 9, block8);
  x = residual(x, 'block8', { ...block8, factor: 1 }); // the last one has no ReLU
  x = unit(x, 'conv2d_7b', { out: 1536, kernel: 1 });
  return linear(globalAvgPool(x), classifier, classes);
}

const halve = (x: Value): Value => maxPool2d(x, { kernel: 3, stride: 2, padding: 0, rounding: 'floor' });

/** Convolution, batch norm with TF-slim's ε, ReLU. */
function unit(x: Value, name: string, config: ConvConfig): Value {
  return relu(convBn(x, below(name, ['conv', 'bn']), config, 1e-3));
}

/** The outputs of branches on x, called name.branch0, name.branch1, … */
function branch(x: Value, name: string, branches: Branches): Value[] {
  return branches.map((units, b) =>
    units.reduce((u, config, i) => unit(u, units.length === 1 ? `${name}.branch${b}` : `${name}.branch${b}.${i}`, config), x),
  );
}
