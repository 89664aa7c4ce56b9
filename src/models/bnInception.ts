import type { Value } from '../ops/op.js';
import {
  avgPool2d,
  type ConvConfig,
  concat,
  feature,
  globalAvgPool,
  inside,
  linear,
  maxPool2d,
  named,
  type Paths,
  type PoolConfig,
  relu,
} from './layers.js';
import type { Model } from './model.js';
import { around, type ConvBn, convBlock, convBn } from './naming.js';
import { network, type Settings } from './network.js';
import { squeezedChannels, squeezeExcite } from './squeezeExcite.js';

/** An inception module (docs/spec/zoo.md §4.2), its branches in the order of concatenation. Where `single` is absent, the 3×3 branches and the pool stride by 2. */
interface Module {
  readonly name: string;
  /** pytorchcv's. */
  readonly unit: string;
  /** And the stage that it ends. */
  readonly ends?: string;
  /** Output channels of the 1×1 branch. */
  readonly single?: number;
  /** Of the 3×3 branch, [reduced, out]. */
  readonly triple: readonly [number, number];
  /** Of the double 3×3 branch, [reduced, out of both]. */
  readonly double: readonly [number, number];
  readonly pool: 'avg' | 'max';
  /** Output channels of the projection behind the pool. */
  readonly projected?: number;
}

/** Ioffe 2015 (arXiv:1502.03167), fig. 5, as the published weights have it. */
const modules: readonly Module[] = [
  { name: '3a', unit: 'stage1.unit1', single: 64, triple: [64, 64], double: [64, 96], pool: 'avg', projected: 32 },
  { name: '3b', unit: 'stage1.unit2', ends: 'stage1', single: 64, triple: [64, 96], double: [64, 96], pool: 'avg', projected: 64 },
  { name: '3c', unit: 'stage2.unit1', triple: [128, 160], double: [64, 96], pool: 'max' },
  { name: '4a', unit: 'stage2.unit2', single: 224, triple: [64, 96], double: [96, 128], pool: 'avg', projected: 128 },
  { name: '4b', unit: 'stage2.unit3', single: 192, triple: [96, 128], double: [96, 128], pool: 'avg', projected: 128 },
  { name: '4c', unit: 'stage2.unit4', single: 160, triple: [128, 160], double: [128, 160], pool: 'avg', projected: 128 },
  { name: '4d', unit: 'stage2.unit5', ends: 'stage2', single: 96, triple: [128, 192], double: [160, 192], pool: 'avg', projected: 128 },
  { name: '4e', unit: 'stage3.unit1', triple: [128, 192], double: [192, 256], pool: 'max' },
  { name: '5a', unit: 'stage3.unit2', single: 352, triple: [192, 320], double: [160, 224], pool: 'avg', projected: 128 },
  { name: '5b', unit: 'stage3.unit3', ends: 'stage3', single: 352, triple: [192, 320], double: [192, 224], pool: 'max', projected: 128 },
];

/** The units of each branch, and its pool. */
interface Branches {
  readonly single: ConvBn;
  readonly triple: readonly [ConvBn, ConvBn];
  readonly double: readonly [ConvBn, ConvBn, ConvBn];
  readonly pool: Paths;
  readonly projected: ConvBn;
}

interface Names {
  readonly stem: readonly [ConvBn, ConvBn, ConvBn];
  /** The max pools behind the stem's first and last layer. */
  readonly pools: readonly [Paths, Paths];
  readonly branches: (module: Module) => Branches;
  /** What returns a module's value, ungated. */
  readonly module: (module: Module) => Paths;
  readonly average: Paths;
  readonly classifier: string;
}

const cadene: Names = {
  stem: [cadeneUnit('conv1', '7x7_s2', '7x7'), cadeneUnit('conv2', '3x3_reduce'), cadeneUnit('conv2', '3x3')],
  pools: ['pool1_3x3_s2', 'pool2_3x3_s2'],
  branches: ({ name }) => {
    const unit = (layer: string): ConvBn => cadeneUnit(`inception_${name}`, layer);
    return {
      single: unit('1x1'),
      triple: [unit('3x3_reduce'), unit('3x3')],
      double: [unit('double_3x3_reduce'), unit('double_3x3_1'), unit('double_3x3_2')],
      pool: `inception_${name}_pool`,
      projected: unit('pool_proj'),
    };
  },
  module: () => [],
  average: 'global_pool',
  classifier: 'last_linear',
};

/** Caffe's names with `_` for `/`; the ReLU's is the layer's with `relu` in front. */
function cadeneUnit(module: string, layer: string, relu = layer): ConvBn {
  return { conv: `${module}_${layer}`, bn: `${module}_${layer}_bn`, out: `${module}_relu_${relu}` };
}

const pytorchcv: Names = {
  stem: [
    convBlock('features.init_block.conv1', 'activ'),
    convBlock('features.init_block.conv2.conv1', 'activ'),
    around('features.init_block.conv2', convBlock('features.init_block.conv2.conv2', 'activ')),
  ],
  pools: ['features.init_block.pool1', ['features.init_block.pool2', 'features.init_block']],
  branches: ({ unit, single, projected }) => {
    const branch = (position: number): string => `features.${unit}.branches.branch${single === undefined ? position - 1 : position}`;
    const block = (position: number, layer: string): ConvBn => convBlock(`${branch(position)}.${layer}`, 'activ');
    return {
      single: convBlock(branch(1), 'activ'),
      triple: [block(2, 'conv1'), around(branch(2), block(2, 'conv2'))],
      double: [block(3, 'conv1'), block(3, 'conv2'), around(branch(3), block(3, 'conv3'))],
      pool: projected === undefined ? branch(4) : `${branch(4)}.pool`,
      projected: around(branch(4), block(4, 'conv')),
    };
  },
  module: ({ unit, ends = [] }) => inside('features', [`${unit}.branches`, unit, ends].flat()),
  average: ['features.final_pool', 'features'],
  classifier: 'output',
};

interface BnInceptionConfig {
  readonly names: Names;
  /** Whether the convolutions have biases. */
  readonly bias: boolean;
  /** Of gates on the modules' outputs, all ten; absent where there are none. */
  readonly reduction?: number;
}

/**
 * The authors' Caffe file is `caffe/SE-BN-Inception`; its tensors are named as Cadene names the host's, with gates at `inception_3a.se.fc1` and `.fc2`.
 * The project's own host and gated twin share those names.
 */
const bnInceptions: Readonly<Record<string, BnInceptionConfig>> = {
  'pytorchcv/bninception': { names: pytorchcv, bias: true },
  'cadene/bninception': { names: cadene, bias: true },
  'caffe/SE-BN-Inception': { names: cadene, bias: false, reduction: 16 },
  'senet/bninception': { names: cadene, bias: false },
  'senet/se_bninception': { names: cadene, bias: false, reduction: 16 },
};

export const bnInceptionModels: readonly Model[] = Object.entries(bnInceptions).map(([id, config]) =>
  network(id, { family: 'bninception', reduction: config.reduction }, (image, settings) => bnInception(image, config, settings)),
);

const halve: PoolConfig = { kernel: 3, stride: 2, padding: 0, rounding: 'ceil' };
const keep: PoolConfig = { kernel: 3, stride: 1, padding: 1, rounding: 'ceil' };

function bnInception(image: Value, { names, bias }: BnInceptionConfig, { classes, reduction }: Settings): Value {
  const unit: Unit = (x, paths, config) => convBn(x, paths, { ...config, bias, activation: relu });

  let x = unit(image, names.stem[0], { out: 64, kernel: 7, stride: 2 });
  feature(x, names.stem[0].out ?? []);
  x = named(maxPool2d(x, halve), names.pools[0]);
  x = unit(unit(x, names.stem[1], { out: 64, kernel: 1 }), names.stem[2], { out: 192, kernel: 3 });
  feature(x, names.stem[2].out ?? []);
  x = named(maxPool2d(x, halve), names.pools[1]);
  for (const module of modules) {
    x = named(concat(inception(x, module, names.branches(module), unit)), names.module(module));
    const gated = `inception_${module.name}`;
    if (reduction !== undefined)
      x = named(squeezeExcite(x, `${gated}.se`, { squeezed: squeezedChannels(x, reduction), gate: 'gate' }), gated);
    if (module.ends !== undefined) feature(x, [gated, ...[names.module(module)].flat()]);
  }
  return linear(named(globalAvgPool(x), names.average), names.classifier, classes);
}

type Unit = (x: Value, paths: ConvBn, config: ConvConfig) => Value;

/** The branches' outputs. 5b alone has a maximum at stride 1. */
function inception(x: Value, module: Module, names: Branches, unit: Unit): Value[] {
  const { single, triple, double, pool, projected } = module;
  const stride = single === undefined ? 2 : 1;
  const outputs: Value[] = [];
  if (single !== undefined) outputs.push(unit(x, names.single, { out: single, kernel: 1 }));

  const reduced = unit(x, names.triple[0], { out: triple[0], kernel: 1 });
  outputs.push(unit(reduced, names.triple[1], { out: triple[1], kernel: 3, stride }));

  const doubled = unit(unit(x, names.double[0], { out: double[0], kernel: 1 }), names.double[1], { out: double[1], kernel: 3 });
  outputs.push(unit(doubled, names.double[2], { out: double[1], kernel: 3, stride }));

  const pooled = named(
    pool === 'avg' ? avgPool2d(x, { ...keep, divisor: 'window' }) : maxPool2d(x, stride === 2 ? halve : keep),
    names.pool,
  );
  outputs.push(projected === undefined ? pooled : unit(pooled, names.projected, { out: projected, kernel: 1 }));
  return outputs;
}
