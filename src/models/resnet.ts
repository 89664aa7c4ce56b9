import { build } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../ops/op.js';
import { add, bn, conv, globalAvgPool, linear, maxPool2d, type PoolConfig, relu, squeezedChannels, squeezeExcite } from './layers.js';
import type { Model, ModelOptions, Source } from './model.js';

/**
 * He 2016 (arXiv:1512.03385), Xie 2017 (arXiv:1611.05431), Hu 2018 (arXiv:1709.01507). A network is a row.
 *
 * Two conventions, told apart by `form` (zoo.md, §1). They are not interchangeable:
 * - `torchvision`: timm's and torchvision's. Stride in the 3×3 ("v1.5"), stem pool padded by 1, floor.
 * - `caffe`: the authors' and their ports'. Stem pool unpadded, ceil; ResNets stride in the first 1×1 ("v1"), ResNeXts in the 3×3.
 */
interface ResNetConfig {
  readonly sources: readonly Source[];
  readonly form: 'torchvision' | 'caffe';
  readonly block: 'basic' | 'bottleneck';
  readonly depths: readonly [number, number, number, number];
  /** Which convolution of a bottleneck strides. @defaultValue `3x3` */
  readonly stride?: '1x1' | '3x3';
  readonly groups?: number;
  readonly baseWidth?: number;
  /** r of the SE blocks; absent where there are none. */
  readonly reduction?: number;
}

const both = { sources: ['timm', 'torchvision'], form: 'torchvision' } as const;
const timm = { sources: ['timm'], form: 'torchvision' } as const;
const legacy = { sources: ['timm'], form: 'caffe', reduction: 16 } as const;

const resnets = {
  resnet18: { ...both, block: 'basic', depths: [2, 2, 2, 2] },
  resnet34: { ...both, block: 'basic', depths: [3, 4, 6, 3] },
  resnet50: { ...both, block: 'bottleneck', depths: [3, 4, 6, 3] },
  resnet101: { ...both, block: 'bottleneck', depths: [3, 4, 23, 3] },
  resnet152: { ...both, block: 'bottleneck', depths: [3, 8, 36, 3] },
  resnext50_32x4d: { ...both, block: 'bottleneck', depths: [3, 4, 6, 3], groups: 32, baseWidth: 4 },
  resnext101_32x4d: { ...timm, block: 'bottleneck', depths: [3, 4, 23, 3], groups: 32, baseWidth: 4 },
  seresnet50: { ...timm, block: 'bottleneck', depths: [3, 4, 6, 3], reduction: 16 },
  legacy_seresnet18: { ...legacy, block: 'basic', depths: [2, 2, 2, 2] },
  legacy_seresnet34: { ...legacy, block: 'basic', depths: [3, 4, 6, 3] },
  legacy_seresnet50: { ...legacy, block: 'bottleneck', depths: [3, 4, 6, 3], stride: '1x1' },
  legacy_seresnet101: { ...legacy, block: 'bottleneck', depths: [3, 4, 23, 3], stride: '1x1' },
  legacy_seresnet152: { ...legacy, block: 'bottleneck', depths: [3, 8, 36, 3], stride: '1x1' },
  legacy_seresnext50_32x4d: { ...legacy, block: 'bottleneck', depths: [3, 4, 6, 3], groups: 32, baseWidth: 4 },
  legacy_seresnext101_32x4d: { ...legacy, block: 'bottleneck', depths: [3, 4, 23, 3], groups: 32, baseWidth: 4 },
} as const satisfies Record<string, ResNetConfig>;

export const resnetModels: readonly Model[] = Object.entries<ResNetConfig>(resnets).flatMap(([name, config]) =>
  config.sources.map((source) => ({
    id: `${source}/${name}`,
    family: config.groups === undefined ? 'resnet' : 'resnext',
    se: config.reduction !== undefined,
    size: 224,
    variant: config.block === 'basic' ? undefined : config.stride === '1x1' ? 'v1' : 'v1.5',
    takes: config.reduction === undefined ? [] : ['reduction'],
    create: (options) => resnet(config, options),
  })),
);

/** What the two forms call their parts, and how they pool after the stem. */
interface Form {
  readonly stem: string;
  readonly pool: PoolConfig;
  readonly se: string;
  readonly gate: string;
  readonly classifier: string;
}

const forms: Readonly<Record<ResNetConfig['form'], Form>> = {
  torchvision: { stem: '', pool: { kernel: 3, stride: 2, padding: 1, rounding: 'floor' }, se: 'se', gate: 'gate', classifier: 'fc' },
  caffe: {
    stem: 'layer0.',
    pool: { kernel: 3, stride: 2, padding: 0, rounding: 'ceil' },
    se: 'se_module',
    gate: 'sigmoid',
    classifier: 'last_linear',
  },
};

/** The network of a row; options as ModelOptions has them. */
function resnet(config: ResNetConfig, options: ModelOptions): Graph {
  const { classes = 1000, size = 224, batch = 1, se = true, gates = false } = options;
  const form = forms[config.form];
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  const block: BlockConfig = {
    ...config,
    reduction: se && config.reduction !== undefined ? (options.reduction ?? config.reduction) : undefined,
    form,
  };

  return build(
    [batch, 3, height, width],
    (image) => {
      let x = relu(bn(conv(image, `${form.stem}conv1`, { out: 64, kernel: 7, stride: 2 }), `${form.stem}bn1`));
      x = maxPool2d(x, form.pool);
      config.depths.forEach((depth, stage) => {
        for (let i = 0; i < depth; i++) {
          const stride = stage > 0 && i === 0 ? 2 : 1;
          x = blocks[config.block](x, `layer${stage + 1}.${i}`, 64 << stage, stride, block);
        }
      });
      return linear(globalAvgPool(x), form.classifier, classes);
    },
    gates,
  );
}

type BlockConfig = Omit<ResNetConfig, 'form' | 'reduction'> & { readonly form: Form; readonly reduction: number | undefined };
type Block = (x: Value, name: string, planes: number, stride: number, config: BlockConfig) => Value;

const blocks: Readonly<Record<ResNetConfig['block'], Block>> = { basic, bottleneck };

/** He 2016, fig. 5 left. The `caffe` form has a ReLU after its second batch norm, a quirk of timm's legacy_seresnet18 and 34 (zoo.md, §1). */
function basic(x: Value, name: string, planes: number, stride: number, config: BlockConfig): Value {
  const residual = shortcut(x, name, planes, stride);
  let u = relu(bn(conv(x, `${name}.conv1`, { out: planes, kernel: 3, stride }), `${name}.bn1`));
  u = bn(conv(u, `${name}.conv2`, { out: planes, kernel: 3 }), `${name}.bn2`);
  if (config.form === forms.caffe) u = relu(u);
  return join(u, residual, name, config);
}

/** He 2016, fig. 5 right. */
function bottleneck(x: Value, name: string, planes: number, stride: number, config: BlockConfig): Value {
  const { groups = 1, baseWidth = 64 } = config;
  const [stride1, stride2] = config.stride === '1x1' ? [stride, 1] : [1, stride];
  const width = Math.floor((planes * baseWidth) / 64) * groups;
  const residual = shortcut(x, name, planes * 4, stride);
  let u = relu(bn(conv(x, `${name}.conv1`, { out: width, kernel: 1, stride: stride1 }), `${name}.bn1`));
  u = relu(bn(conv(u, `${name}.conv2`, { out: width, kernel: 3, stride: stride2, groups }), `${name}.bn2`));
  u = bn(conv(u, `${name}.conv3`, { out: planes * 4, kernel: 1 }), `${name}.bn3`);
  return join(u, residual, name, config);
}

/** The identity, or a strided 1×1 projection where the shape changes. Computed first, so that `add` can ride on the kernel before it. */
function shortcut(x: Value, name: string, out: number, stride: number): Value {
  if (stride === 1 && x.shape[1] === out) return x;
  return bn(conv(x, `${name}.downsample.0`, { out, kernel: 1, stride }), `${name}.downsample.1`);
}

/** Hu 2018, fig. 3: the gate on the residual branch, then the sum and its ReLU. */
function join(u: Value, residual: Value, name: string, { reduction, form }: BlockConfig): Value {
  const gated =
    reduction === undefined ? u : squeezeExcite(u, `${name}.${form.se}`, { squeezed: squeezedChannels(u, reduction), gate: form.gate });
  u.graph.registerLast(`${name}.downsample`);
  return relu(add(gated, residual));
}
