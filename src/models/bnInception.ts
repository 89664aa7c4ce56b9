import type { Value } from '../ops/op.js';
import {
  avgPool2d,
  type ConvConfig,
  concat,
  globalAvgPool,
  linear,
  maxPool2d,
  type PoolConfig,
  relu,
  squeezedChannels,
  squeezeExcite,
} from './layers.js';
import type { Model } from './model.js';
import { below, type ConvBn, convBn } from './naming.js';
import { network, type Settings } from './network.js';

/** An inception module (zoo.md, §6), its branches in the order of concatenation. Where `single` is absent, the 3×3 branches and the pool stride by 2. */
interface Module {
  readonly name: string;
  /** pytorchcv's. */
  readonly unit: string;
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
  { name: '3b', unit: 'stage1.unit2', single: 64, triple: [64, 96], double: [64, 96], pool: 'avg', projected: 64 },
  { name: '3c', unit: 'stage2.unit1', triple: [128, 160], double: [64, 96], pool: 'max' },
  { name: '4a', unit: 'stage2.unit2', single: 224, triple: [64, 96], double: [96, 128], pool: 'avg', projected: 128 },
  { name: '4b', unit: 'stage2.unit3', single: 192, triple: [96, 128], double: [96, 128], pool: 'avg', projected: 128 },
  { name: '4c', unit: 'stage2.unit4', single: 160, triple: [128, 160], double: [128, 160], pool: 'avg', projected: 128 },
  { name: '4d', unit: 'stage2.unit5', single: 96, triple: [128, 192], double: [160, 192], pool: 'avg', projected: 128 },
  { name: '4e', unit: 'stage3.unit1', triple: [128, 192], double: [192, 256], pool: 'max' },
  { name: '5a', unit: 'stage3.unit2', single: 352, triple: [192, 320], double: [160, 224], pool: 'avg', projected: 128 },
  { name: '5b', unit: 'stage3.unit3', single: 352, triple: [192, 320], double: [192, 224], pool: 'max', projected: 128 },
];

interface Branches {
  readonly single: string;
  readonly triple: readonly [string, string];
  readonly double: readonly [string, string, string];
  readonly projected: string;
}

interface Names {
  readonly stem: readonly [string, string, string];
  readonly branches: (module: Module) => Branches;
  readonly layer: (name: string) => ConvBn;
  readonly classifier: string;
}

const cadene: Names = {
  stem: ['conv1_7x7_s2', 'conv2_3x3_reduce', 'conv2_3x3'],
  branches: ({ name }) => ({
    single: `inception_${name}_1x1`,
    triple: [`inception_${name}_3x3_reduce`, `inception_${name}_3x3`],
    double: [`inception_${name}_double_3x3_reduce`, `inception_${name}_double_3x3_1`, `inception_${name}_double_3x3_2`],
    projected: `inception_${name}_pool_proj`,
  }),
  layer: (name) => [name, `${name}_bn`],
  classifier: 'last_linear',
};

const pytorchcv: Names = {
  stem: ['features.init_block.conv1', 'features.init_block.conv2.conv1', 'features.init_block.conv2.conv2'],
  branches: ({ unit, single }) => {
    const branch = (position: number): string => `features.${unit}.branches.branch${single === undefined ? position - 1 : position}`;
    return {
      single: branch(1),
      triple: [`${branch(2)}.conv1`, `${branch(2)}.conv2`],
      double: [`${branch(3)}.conv1`, `${branch(3)}.conv2`, `${branch(3)}.conv3`],
      projected: `${branch(4)}.conv`,
    };
  },
  layer: (name) => below(name, ['conv', 'bn']),
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
  const unit = (x: Value, name: string, config: ConvConfig): Value => relu(convBn(x, names.layer(name), { ...config, bias }));

  let x = maxPool2d(unit(image, names.stem[0], { out: 64, kernel: 7, stride: 2 }), halve);
  x = unit(unit(x, names.stem[1], { out: 64, kernel: 1 }), names.stem[2], { out: 192, kernel: 3 });
  x = maxPool2d(x, halve);
  for (const module of modules) {
    x = concat(inception(x, module, names.branches(module), unit));
    if (reduction !== undefined)
      x = squeezeExcite(x, `inception_${module.name}.se`, { squeezed: squeezedChannels(x, reduction), gate: 'gate' });
  }
  return linear(globalAvgPool(x), names.classifier, classes);
}

/** The branches' outputs. 5b alone has a maximum at stride 1. */
function inception(x: Value, module: Module, names: Branches, unit: (x: Value, name: string, config: ConvConfig) => Value): Value[] {
  const { single, triple, double, pool, projected } = module;
  const stride = single === undefined ? 2 : 1;
  const outputs: Value[] = [];
  if (single !== undefined) outputs.push(unit(x, names.single, { out: single, kernel: 1 }));

  const reduced = unit(x, names.triple[0], { out: triple[0], kernel: 1 });
  outputs.push(unit(reduced, names.triple[1], { out: triple[1], kernel: 3, stride }));

  const doubled = unit(unit(x, names.double[0], { out: double[0], kernel: 1 }), names.double[1], { out: double[1], kernel: 3 });
  outputs.push(unit(doubled, names.double[2], { out: double[1], kernel: 3, stride }));

  const pooled = pool === 'avg' ? avgPool2d(x, { ...keep, divisor: 'window' }) : maxPool2d(x, stride === 2 ? halve : keep);
  outputs.push(projected === undefined ? pooled : unit(pooled, names.projected, { out: projected, kernel: 1 }));
  return outputs;
}
