import type { Value } from '../ops/op.js';
import { adaptiveAvgPool2d, conv, globalAvgPool, linear, maxPool2d, relu, squeezedChannels, squeezeExcite } from './layers.js';
import type { Model } from './model.js';
import { below, type ConvBn, convBn } from './naming.js';
import { network, type Settings } from './network.js';

/** Simonyan 2015 (arXiv:1409.1556), table 1, column D: output channels of the 3×3 convolutions; a max pool ends each stage. */
const stages = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
] as const;

/** VGG-16 with batch norm (zoo.md, §5). */
interface VggConfig {
  readonly names: Names;
  /** Whether the convolutions have biases. */
  readonly bias: boolean;
  /** Of gates behind each convolution's ReLU; absent where there are none. */
  readonly reduction?: number;
}

interface Names {
  /** A unit's convolution and batch norm, and the gate behind its ReLU. `stage` and `unit` count from 0, `index` over all stages. */
  readonly unit: (stage: number, unit: number, index: number) => { readonly layer: ConvBn; readonly se: string };
  readonly classifier: readonly [string, string, string];
  /** `flat`: the planes are averaged to 7×7 and flattened. `convolutional`: the first two layers run over planes larger than 7×7. */
  readonly head: 'flat' | 'convolutional';
}

/** One nn.Sequential: three modules a convolution, one a pool. */
const sequential: Names['unit'] = (stage, _, index) => {
  const at = 3 * index + stage;
  return { layer: [`features.${at}`, `features.${at + 1}`], se: `features.${at + 2}.se` };
};

const timm: Names = { unit: sequential, classifier: ['pre_logits.fc1', 'pre_logits.fc2', 'head.fc'], head: 'convolutional' };
const torchvision: Names = { unit: sequential, classifier: ['classifier.0', 'classifier.3', 'classifier.6'], head: 'flat' };
const pytorchcv: Names = {
  unit: (stage, unit) => {
    const path = `features.stage${stage + 1}.unit${unit + 1}`;
    return { layer: below(path, ['conv', 'bn']), se: `${path}.se` };
  },
  classifier: ['output.fc1.fc', 'output.fc2.fc', 'output.fc3'],
  head: 'flat',
};

const vggs: Readonly<Record<string, VggConfig>> = {
  'timm/vgg16_bn': { names: timm, bias: true },
  'torchvision/vgg16_bn': { names: torchvision, bias: true },
  'pytorchcv/bn_vgg16': { names: pytorchcv, bias: false },
  'pytorchcv/bn_vgg16b': { names: pytorchcv, bias: true },
  'senet/se_vgg16_bn': { names: torchvision, bias: true, reduction: 16 },
};

export const vggModels: readonly Model[] = Object.entries(vggs).map(([id, config]) =>
  network(id, { family: 'vgg', reduction: config.reduction }, (image, settings) => vgg(image, config, settings)),
);

function vgg(image: Value, { names, bias }: VggConfig, { classes, reduction }: Settings): Value {
  let x = image;
  let index = 0;
  stages.forEach((widths, stage) => {
    widths.forEach((out, unit) => {
      const { layer, se } = names.unit(stage, unit, index++);
      x = relu(convBn(x, layer, { out, kernel: 3, bias }));
      if (reduction !== undefined) x = squeezeExcite(x, se, { squeezed: squeezedChannels(x, reduction), gate: 'gate' });
    });
    x = maxPool2d(x, { kernel: 2, stride: 2, padding: 0, rounding: 'floor' });
  });
  return heads[names.head](x, names.classifier, classes);
}

type Head = (x: Value, names: Names['classifier'], classes: number) => Value;

const heads: Readonly<Record<Names['head'], Head>> = { flat, convolutional };

function flat(x: Value, [fc1, fc2, fc3]: Names['classifier'], classes: number): Value {
  const hidden = relu(linear(averaged(x, 7, 7), fc1, 4096));
  return linear(relu(linear(hidden, fc2, 4096)), fc3, classes);
}

function convolutional(x: Value, [fc1, fc2, fc3]: Names['classifier'], classes: number): Value {
  const [, , H, W] = x.shape as readonly [number, number, number, number];
  const hidden = relu(conv(averaged(x, Math.max(H, 7), Math.max(W, 7)), fc1, { out: 4096, kernel: 7, padding: 0, bias: true }));
  return linear(globalAvgPool(relu(conv(hidden, fc2, { out: 4096, kernel: 1, bias: true }))), fc3, classes);
}

/** The planes averaged to height × width, which is no step at all at the published size. */
function averaged(x: Value, height: number, width: number): Value {
  return x.shape[2] === height && x.shape[3] === width ? x : adaptiveAvgPool2d(x, [height, width]);
}
