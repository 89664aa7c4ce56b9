import type { Value } from '../ops/op.js';
import { adaptiveAvgPool2d, conv, feature, globalAvgPool, inside, linear, maxPool2d, named, type Paths, relu } from './layers.js';
import type { Model } from './model.js';
import { type ConvBn, convBlock, convBn, globalPool } from './naming.js';
import { network, type Settings } from './network.js';
import { squeezedChannels, squeezeExcite } from './squeezeExcite.js';

/** Simonyan 2015 (arXiv:1409.1556), table 1, column D: output channels of the 3×3 convolutions; a max pool ends each stage. */
const stages = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
] as const;

/** VGG-16 with batch norm (docs/spec/zoo.md §4.1). */
interface VggConfig {
  readonly names: Names;
  /** Whether the convolutions have biases. */
  readonly bias: boolean;
  /** Of gates behind each convolution's ReLU; absent where there are none. */
  readonly reduction?: number;
}

interface Names {
  /** A unit's layers, and the module that its gate is in. `stage` and `unit` count from 0, `index` over all stages. */
  readonly unit: (stage: number, unit: number, index: number) => { readonly layer: ConvBn; readonly module: string };
  /** A stage's max pool behind `units` units in all. */
  readonly pool: (stage: number, units: number) => Paths;
  /** The planes averaged to 7×7, and the global average of the convolutional head. */
  readonly average: Paths;
  /** The hidden layers, and what returns their activated values. */
  readonly hidden: readonly [Hidden, Hidden];
  readonly classifier: string;
  /** What returns the logits beside the classifier. */
  readonly logits: Paths;
  /** `flat`: the planes are averaged to 7×7 and flattened. `convolutional`: the first two layers run over planes larger than 7×7. */
  readonly head: 'flat' | 'convolutional';
}

interface Hidden {
  readonly layer: string;
  readonly out: Paths;
}

/** One nn.Sequential: three modules a convolution, one a pool. */
const sequential: Pick<Names, 'unit' | 'pool'> = {
  unit: (stage, _, index) => {
    const at = 3 * index + stage;
    const [conv, bn, relu] = [`features.${at}`, `features.${at + 1}`, `features.${at + 2}`];
    return { layer: { conv, bn, out: relu }, module: relu };
  },
  pool: (stage, units) => `features.${3 * units + stage}`,
};

const timm: Names = {
  ...sequential,
  hidden: [
    { layer: 'pre_logits.fc1', out: ['pre_logits.act1', 'pre_logits.drop'] },
    { layer: 'pre_logits.fc2', out: ['pre_logits.act2', 'pre_logits'] },
  ],
  average: inside('head', [...globalPool, 'drop']),
  classifier: 'head.fc',
  logits: ['head.flatten', 'head'],
  head: 'convolutional',
};

const torchvision: Names = {
  ...sequential,
  hidden: [
    { layer: 'classifier.0', out: ['classifier.1', 'classifier.2'] },
    { layer: 'classifier.3', out: ['classifier.4', 'classifier.5'] },
  ],
  average: 'avgpool',
  classifier: 'classifier.6',
  logits: 'classifier',
  head: 'flat',
};

/** Ours, with a gate in the place of each ReLU's module. */
const senet: Names = {
  ...torchvision,
  unit: (stage, unit, index) => {
    const { layer, module } = torchvision.unit(stage, unit, index);
    return { layer: { conv: layer.conv, bn: layer.bn }, module };
  },
};

const pytorchcv: Names = {
  unit: (stage, unit) => {
    const path = `features.stage${stage + 1}.unit${unit + 1}`;
    return { layer: convBlock(path, 'activ'), module: path };
  },
  pool: (stage) => [`features.stage${stage + 1}.pool${stage + 1}`, `features.stage${stage + 1}`],
  hidden: [
    { layer: 'output.fc1.fc', out: ['output.fc1.activ', 'output.fc1.dropout', 'output.fc1'] },
    { layer: 'output.fc2.fc', out: ['output.fc2.activ', 'output.fc2.dropout', 'output.fc2'] },
  ],
  average: [],
  classifier: 'output.fc3',
  logits: 'output',
  head: 'flat',
};

const vggs: Readonly<Record<string, VggConfig>> = {
  'timm/vgg16_bn': { names: timm, bias: true },
  'torchvision/vgg16_bn': { names: torchvision, bias: true },
  'pytorchcv/bn_vgg16': { names: pytorchcv, bias: false },
  'pytorchcv/bn_vgg16b': { names: pytorchcv, bias: true },
  'senet/se_vgg16_bn': { names: senet, bias: true, reduction: 16 },
};

export const vggModels: readonly Model[] = Object.entries(vggs).map(([id, config]) =>
  network(id, { family: 'vgg', reduction: config.reduction }, (image, settings) => vgg(image, config, settings)),
);

function vgg(image: Value, { names, bias }: VggConfig, { classes, reduction }: Settings): Value {
  let x = image;
  let index = 0;
  stages.forEach((widths, stage) => {
    widths.forEach((out, unit) => {
      const { layer, module } = names.unit(stage, unit, index++);
      x = convBn(x, layer, { out, kernel: 3, bias, activation: relu });
      if (reduction !== undefined)
        x = named(squeezeExcite(x, `${module}.se`, { squeezed: squeezedChannels(x, reduction), gate: 'gate' }), module);
    });
    feature(x, names.unit(stage, widths.length - 1, index - 1).module);
    x = named(maxPool2d(x, { kernel: 2, stride: 2, padding: 0, rounding: 'floor' }), names.pool(stage, index));
  });
  feature(x, names.pool(stages.length - 1, index));
  return named(heads[names.head](named(x, 'features'), names, classes), names.logits);
}

type Head = (x: Value, names: Names, classes: number) => Value;

const heads: Readonly<Record<Names['head'], Head>> = { flat, convolutional };

function flat(x: Value, { hidden: [fc1, fc2], average, classifier }: Names, classes: number): Value {
  let u = named(relu(linear(named(averaged(x, 7, 7), average), fc1.layer, 4096)), fc1.out);
  u = named(relu(linear(u, fc2.layer, 4096)), fc2.out);
  return linear(u, classifier, classes);
}

function convolutional(x: Value, { hidden: [fc1, fc2], average, classifier }: Names, classes: number): Value {
  const [, , H, W] = x.shape as readonly [number, number, number, number];
  const planes = averaged(x, Math.max(H, 7), Math.max(W, 7));
  let u = named(relu(conv(planes, fc1.layer, { out: 4096, kernel: 7, padding: 0, bias: true })), fc1.out);
  u = named(relu(conv(u, fc2.layer, { out: 4096, kernel: 1, bias: true })), fc2.out);
  return linear(named(globalAvgPool(u), average), classifier, classes);
}

/** The planes averaged to height × width, which is no step at all at the published size. */
function averaged(x: Value, height: number, width: number): Value {
  return x.shape[2] === height && x.shape[3] === width ? x : adaptiveAvgPool2d(x, [height, width]);
}
