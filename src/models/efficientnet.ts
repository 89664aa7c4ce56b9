import type { Value } from '../ops/op.js';
import { type BlockConfig, invertedResidual, type MobileForm } from './invertedResidual.js';
import { channels, globalAvgPool, linear, sigmoid, silu, squeezedChannels } from './layers.js';
import type { Model } from './model.js';
import { type ConvBn, convBn } from './naming.js';
import { network, type Settings } from './network.js';

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
  /** `stage` and `unit` count from 0. */
  readonly block: (stage: number, unit: number) => string;
  readonly tail: ConvBn;
  readonly classifier: string;
}

const namings: Readonly<Record<MobileForm['names'], Names>> = {
  timm: {
    stem: ['conv_stem', 'bn1'],
    block: (stage, unit) => `blocks.${stage}.${unit}`,
    tail: ['conv_head', 'bn2'],
    classifier: 'classifier',
  },
  torchvision: {
    stem: ['features.0.0', 'features.0.1'],
    block: (stage, unit) => `features.${stage + 1}.${unit}`,
    tail: ['features.8.0', 'features.8.1'],
    classifier: 'classifier.1',
  },
};

/** Its gates are squeezed to a share of the block's input channels, not of the expanded ones that they scale. */
function efficientnet(image: Value, form: MobileForm, { classes, reduction }: Settings): Value {
  const { names: source, eps, ...padding } = form;
  const names = namings[source];
  let x = silu(convBn(image, names.stem, { out: 32, kernel: 3, stride: 2, ...padding }, eps));
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
  });
  x = silu(convBn(x, names.tail, { out: 1280, kernel: 1 }, eps));
  return linear(globalAvgPool(x), names.classifier, classes);
}
