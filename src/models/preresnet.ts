import type { Value } from '../ops/op.js';
import {
  add,
  bn,
  type ConvConfig,
  channels,
  conv,
  feature,
  inside,
  maxPool2d,
  named,
  type Paths,
  type PoolConfig,
  relu,
} from './layers.js';
import { gateOptions, type Model } from './model.js';
import { namings } from './naming.js';
import type { Settings } from './network.js';
import { classify, type ResidualConfig, type Rows, residualModels, stages, type Unit } from './residual.js';

/**
 * Residual networks whose batch norm and ReLU come before each convolution: He 2016 (arXiv:1603.05027), Zagoruyko 2016 (arXiv:1605.07146),
 * with SE: Hu 2018, §6.2. A network is a row.
 */
interface PreResNetConfig extends ResidualConfig {
  readonly names: PreNaming;
  /** @defaultValue 16 channels of 3×3, for images of 32×32 */
  readonly stem?: ConvConfig;
  readonly pool?: PoolConfig;
}

/** A shortcut is a bare convolution; stem and end have a batch norm where they have a name for it. */
type PreNaming = ResidualConfig['names'] & {
  readonly stem: { readonly conv: string; readonly norm?: Activated };
  /** The max pool behind the stem, where there is one. */
  readonly pool: Paths;
  /** Layer n of a unit, below the unit. */
  readonly layer: (n: number) => PreLayer;
  readonly shortcut: string;
  readonly end?: Activated;
};

/** A batch norm, and what returns its ReLU's value. */
interface Activated {
  readonly bn: string;
  readonly relu: Paths;
}

/** A convolution behind an activated batch norm, and what returns its value beside itself. */
interface PreLayer extends Activated {
  readonly conv: string;
  readonly out?: Paths;
}

/** A unit's `body` and the first module in it return two values each, so that they have no node. */
const pytorchcv: PreNaming = {
  ...namings.pytorchcv,
  stem: { conv: 'features.init_block' },
  layer: (n) => {
    const [conv, bn, activ] = inside(`body.conv${n}`, ['conv', 'bn', 'activ']) as [string, string, string];
    return { conv, bn, relu: activ, out: n > 1 ? `body.conv${n}` : [] };
  },
  shortcut: 'identity_conv',
  end: { bn: 'features.post_activ.bn', relu: ['features.post_activ.activ', 'features.post_activ'] },
};
const stemBn = { bn: 'features.init_block.bn', relu: 'features.init_block.activ' };
const pytorchcvImagenet: PreNaming = { ...pytorchcv, stem: { conv: 'features.init_block.conv', norm: stemBn } };
/** pytorchcv's SE networks for CIFAR are not the paper's: they norm the stem, and do not norm the end. */
const { end: _, ...withoutEnd } = pytorchcv;
const pytorchcvSe: PreNaming = {
  ...withoutEnd,
  stem: { conv: 'features.init_block.conv', norm: { ...stemBn, relu: [stemBn.relu, 'features.init_block'] } },
};
/** Ours, for networks without published weights. */
const senet: PreNaming = {
  ...namings.timm,
  stem: { conv: 'conv1' },
  layer: (n) => ({ conv: `conv${n}`, bn: `bn${n}`, relu: `act${n}` }),
  shortcut: 'downsample',
  end: { bn: 'bn', relu: 'act' },
};

const imagenet = {
  family: 'preresnet',
  names: pytorchcvImagenet,
  stem: { out: 64, kernel: 7, stride: 2 },
  pool: { kernel: 3, stride: 2, padding: 1, rounding: 'floor' },
} as const;
const cifar = { family: 'preresnet', planes: 16, classes: 10, size: 32 } as const;
const r20 = { ...cifar, block: 'basic', depths: [3, 3, 3] } as const;
const r110 = { ...cifar, block: 'basic', depths: [18, 18, 18] } as const;
const r164 = { ...cifar, block: 'bottleneck', depths: [18, 18, 18] } as const;
const wrn16 = { ...cifar, family: 'wrn', block: 'basic', depths: [2, 2, 2] } as const;
const se = { reduction: 16 } as const;

const rows: Rows<PreResNetConfig> = {
  pytorchcv: {
    sepreresnet18: { ...imagenet, ...se, block: 'basic', depths: [2, 2, 2, 2] },
    sepreresnet50b: { ...imagenet, ...se, block: 'bottleneck', depths: [3, 4, 6, 3] },
    preresnet110_cifar10: { names: pytorchcv, ...r110 },
    preresnet164bn_cifar10: { names: pytorchcv, ...r164 },
    sepreresnet20_cifar10: { names: pytorchcvSe, ...r20, ...se },
    sepreresnet110_cifar10: { names: pytorchcvSe, ...r110, ...se },
    sepreresnet164bn_cifar10: { names: pytorchcvSe, ...r164, ...se },
    wrn16_10_cifar10: { names: pytorchcv, ...wrn16, planes: 160 },
  },
  senet: {
    preresnet110_cifar10: { names: senet, ...r110 },
    preresnet164_cifar10: { names: senet, ...r164 },
    wrn16_8_cifar10: { names: senet, ...wrn16, planes: 128 },
    se_preresnet110_cifar10: { names: senet, ...r110, ...se },
    se_preresnet164_cifar10: { names: senet, ...r164, ...se },
    se_wrn16_8_cifar10: { names: senet, ...wrn16, planes: 128, ...se },
  },
};

const takes = gateOptions.filter((option) => option !== 'placement');

export const preResnetModels: readonly Model[] = residualModels(rows, takes, preResnet);

function preResnet(image: Value, config: PreResNetConfig, settings: Settings): Value {
  const { names, stem = { out: 16, kernel: 3 }, pool } = config;
  let x = conv(image, names.stem.conv, stem);
  if (names.stem.norm) x = activated(x, names.stem.norm);
  feature(x, names.stem.norm?.relu ?? names.stem.conv);
  if (pool) x = named(maxPool2d(x, pool), names.pool);
  x = stages(x, config, settings, (x, unit) => preUnit(x, unit, config)).at(-1) as Value;
  if (names.end) x = activated(x, names.end);
  return classify(x, config, settings);
}

const activated = (x: Value, paths: Activated): Value => named(relu(bn(x, paths.bn)), paths.relu);

/** He 2016, fig. 4e. Where the shape changes, the shortcut is a projection of what the first convolution reads. */
function preUnit(x: Value, { name, planes, stride, gate }: Unit, { names, block }: PreResNetConfig): Value {
  const layers: readonly ConvConfig[] =
    block === 'basic'
      ? [
          { out: planes, kernel: 3, stride },
          { out: planes, kernel: 3 },
        ]
      : [
          { out: planes, kernel: 1 },
          { out: planes, kernel: 3, stride },
          { out: planes * 4, kernel: 1 },
        ];
  const { out } = layers.at(-1) as ConvConfig;
  const path = (n: number): PreLayer => below(name, names.layer(n));
  const shortcut = `${name}.${names.shortcut}`;

  let u = activated(x, path(1));
  const residual = stride === 1 && channels(x) === out ? x : conv(u, shortcut, { out, kernel: 1, stride });
  layers.forEach((layer, i) => {
    if (i > 0) u = activated(u, path(i + 1));
    u = named(conv(u, path(i + 1).conv, layer), path(i + 1).out ?? []);
  });
  const gated = gate(u);
  x.graph.registerLast(shortcut);
  return add(gated, residual);
}

/** The same paths below a unit. */
const below = (unit: string, { conv, bn, relu, out = [] }: PreLayer): PreLayer => ({
  conv: `${unit}.${conv}`,
  bn: `${unit}.${bn}`,
  relu: inside(unit, relu),
  out: inside(unit, out),
});
