import type { Value } from '../ops/op.js';
import { type BlockConfig, invertedResidual, type MobileForm } from './invertedResidual.js';
import { channels, feature, globalAvgPool, linear, named, type Paths, sigmoid, silu } from './layers.js';
import type { Model } from './model.js';
import { around, type ConvBn, convBn, globalPool, normAct, whole } from './naming.js';
import { network, type Settings } from './network.js';
import { squeezedChannels } from './squeezeExcite.js';

/** Tan 2019 (arXiv:1905.11946), table 1: EfficientNet-B0, a stage a row. */
const stages: readonly (readonly [expansion: number, kernel: number, stride: number, out: number, depth: number])[] = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
];

const efficientnets: Readonly<Record<string, MobileForm>> = {
  'timm/efficientnet_b0': { names: 'timm', eps: 1e-5 },
  'timm/tf_efficientnet_b0': { names: 'timm', eps: 1e-3, padding: 'same' },
  'torchvision/efficientnet_b0': { names: 'torchvision', eps: 1e-5 },
};

export const efficientnetModels: readonly Model[] = Object.entries(efficientnets).map(([id, form]) =>
  network(id, { family: 'efficientnet', reduction: 4 }, (image, settings) => efficientnet(image, form, settings)),
);

interface Names {
  readonly stem: ConvBn;
  /** The module of a stage, and its blocks; all count from 0. */
  readonly stage: (stage: number) => string;
  readonly block: (stage: number, unit: number) => string;
  /** The module of all stages. torchvision's ends with the tail. */
  readonly trunk: Paths;
  readonly tail: ConvBn;
  readonly average: Paths;
  readonly classifier: string;
  /** What returns the logits beside the classifier. */
  readonly logits: Paths;
}

const namings: Readonly<Record<MobileForm['names'], Names>> = {
  timm: {
    stem: normAct('conv_stem', 'bn1'),
    stage: (stage) => `blocks.${stage}`,
    block: (stage, unit) => `blocks.${stage}.${unit}`,
    trunk: 'blocks',
    tail: normAct('conv_head', 'bn2'),
    average: globalPool,
    classifier: 'classifier',
    logits: [],
  },
  torchvision: {
    stem: whole('features.0', { conv: '0', bn: '1', out: '2' }),
    stage: (stage) => `features.${stage + 1}`,
    block: (stage, unit) => `features.${stage + 1}.${unit}`,
    trunk: [],
    tail: around('features', whole('features.8', { conv: '0', bn: '1', out: '2' })),
    average: ['avgpool', 'classifier.0'],
    classifier: 'classifier.1',
    logits: 'classifier',
  },
};

/** Its gates are squeezed to a share of the block's input channels, not of the expanded ones that they scale. */
function efficientnet(image: Value, form: MobileForm, { classes, reduction }: Settings): Value {
  const { names: source, eps, ...padding } = form;
  const names = namings[source];
  let x = convBn(image, names.stem, { out: 32, kernel: 3, stride: 2, activation: silu, eps, ...padding });
  stages.forEach(([expansion, kernel, stride, out, depth], stage) => {
    for (let unit = 0; unit < depth; unit++) {
      const block: BlockConfig = {
        kernel,
        stride: unit === 0 ? stride : 1,
        expanded: expansion * channels(x),
        out,
        activation: silu,
        gated: true,
        squeezed: reduction === undefined ? undefined : squeezedChannels(x, reduction),
        inner: silu,
        gate: sigmoid,
      };
      x = invertedResidual(x, names.block(stage, unit), block, form);
    }
    named(x, names.stage(stage));
    if ((stages[stage + 1]?.[2] ?? 2) > 1) feature(x, names.stage(stage));
  });
  x = convBn(named(x, names.trunk), names.tail, { out: 1280, kernel: 1, activation: silu, eps });
  return named(linear(named(globalAvgPool(x), names.average), names.classifier, classes), names.logits);
}
