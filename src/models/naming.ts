import type { Value } from '../ops/op.js';
import { type Activation, bn, type ConvConfig, conv, inside, named, type Paths } from './layers.js';
import type { GateConfig } from './squeezeExcite.js';

/** A convolution, its batch norm and its activation: the paths of the two layers, and of the modules that return the same value as a step. */
export interface ConvBn {
  readonly conv: string;
  readonly bn: string;
  /** What returns the convolution's value beside the layer itself. */
  readonly convolved?: Paths;
  /** What returns the batch norm's value. @defaultValue the layer itself */
  readonly normed?: Paths;
  /** What returns the value of all three: the activation, a module around them. */
  readonly out?: Paths;
}

/** What a source calls the parts of a residual network (docs/spec/checkpoints.md §2.1). Stages, units and layers count from 1. */
export interface Naming {
  /** Layer n of a stem of `of`. */
  readonly stem: (n: number, of: number) => ConvBn;
  /** The max pool behind the stem, where there is one. */
  readonly pool: Paths;
  readonly stage: (stage: number) => string;
  readonly unit: (stage: number, unit: number) => string;
  /** Layer n of a unit of `of`, below the unit; the last one's ReLU is the unit's. */
  readonly layer: (n: number, of: number) => ConvBn;
  /** A projected shortcut: its module below the unit, and below that its pool and its layers. */
  readonly shortcut: { readonly path: string; readonly pool?: string; readonly layer: ConvBn };
  /** A gate: its module below the unit, and how its parts are called and stored. */
  readonly gate: { readonly path: string; readonly config: Omit<GateConfig, 'squeezed'> };
  /** The ReLU of a unit of `of` layers, below the unit. */
  readonly relu: (of: number) => string;
  /** The global average. */
  readonly average: Paths;
  readonly classifier: string;
  /** What returns the logits beside the classifier. */
  readonly logits?: Paths;
}

/** timm's global average, and those of its modules that do nothing at inference. */
export const globalPool = ['global_pool.pool', 'global_pool.flatten', 'global_pool'] as const;

const timm: Naming = {
  stem: (n, of) => {
    if (of === 1) return { conv: 'conv1', bn: 'bn1', out: 'act1' };
    const [conv, bn, act] = [`conv1.${3 * n - 3}`, `conv1.${3 * n - 2}`, `conv1.${3 * n - 1}`];
    return n < of ? { conv, bn, out: act } : { conv, convolved: 'conv1', bn: 'bn1', out: 'act1' };
  },
  pool: 'maxpool',
  stage: (stage) => `layer${stage}`,
  unit: (stage, unit) => `layer${stage}.${unit - 1}`,
  layer: (n, of) => {
    const [conv, bn, act] = [`conv${n}`, `bn${n}`, `act${n}`];
    if (n === of) return { conv, bn };
    return n === of - 1 ? { conv, bn, normed: [bn, 'drop_block'], out: [act, 'aa'] } : { conv, bn, out: act };
  },
  shortcut: { path: 'downsample', layer: { conv: '0', bn: '1' } },
  gate: { path: 'se', config: { reduced: 'bn', hidden: 'act', gate: 'gate' } },
  relu: (of) => `act${of}`,
  average: globalPool,
  classifier: 'fc',
};

/** One ReLU for all places of a unit. */
const torchvision: Naming = {
  ...timm,
  stem: () => ({ conv: 'conv1', bn: 'bn1', out: 'relu' }),
  layer: (n, of) => ({ conv: `conv${n}`, bn: `bn${n}`, out: n < of ? 'relu' : [] }),
  relu: () => 'relu',
  average: 'avgpool',
};

const inLayer0 = (n: number): ConvBn => ({ conv: `layer0.conv${n}`, bn: `layer0.bn${n}`, out: `layer0.relu${n}` });

/** timm's `legacy_*`, which keep the names of Cadene's ports but for the first pool's; also ours for the authors' Caffe files. */
const legacy: Naming = {
  ...torchvision,
  stem: (n, of) => (n < of ? inLayer0(n) : around('layer0', inLayer0(n))),
  pool: 'pool0',
  gate: { path: 'se_module', config: { hidden: 'relu', gate: 'sigmoid' } },
  average: globalPool,
  classifier: 'last_linear',
};

const pytorchcv: Naming = {
  stem: (n, of) => convBlock(of === 1 ? 'features.init_block.conv' : `features.init_block.conv${n}`, 'activ'),
  pool: ['features.init_block.pool', 'features.init_block'],
  stage: (stage) => `features.stage${stage}`,
  unit: (stage, unit) => `features.stage${stage}.unit${unit}`,
  layer: (n, of) => (n < of ? convBlock(`body.conv${n}`, 'activ') : around('body', convBlock(`body.conv${n}`))),
  shortcut: { path: 'identity_conv', layer: { conv: 'conv', bn: 'bn' } },
  gate: { path: 'se', config: { average: 'pool', layers: ['conv1', 'conv2'], hidden: ['activ', 'relu'], gate: 'sigmoid' } },
  relu: () => 'activ',
  average: ['features.final_pool', 'features'],
  classifier: 'output',
};

/** pytorchcv's convolution, batch norm and activation, should it have one. */
export const convBlock = (path: string, activation?: 'activ'): ConvBn =>
  whole(path, { conv: 'conv', bn: 'bn', ...(activation && { out: activation }) });

export const namings = {
  timm,
  /** The "d" networks, whose shortcuts have a pool in front, with a place in the module even where it is none. */
  timmPooled: { ...timm, shortcut: { path: 'downsample', pool: '0', layer: { conv: '1', bn: '2' } } },
  torchvision,
  legacy,
  cadene: {
    ...legacy,
    stem: inLayer0,
    pool: ['layer0.pool', 'layer0'],
    gate: { path: 'se_module', config: { average: 'avg_pool', hidden: 'relu', gate: 'sigmoid' } },
    average: ['avg_pool', 'dropout'],
  },
  moskomule: {
    ...torchvision,
    gate: {
      path: 'se',
      config: { average: 'avg_pool', layers: ['fc.0', 'fc.2'], weight: 'matrix', bias: false, hidden: 'fc.1', gate: ['fc.3', 'fc'] },
    },
  },
  pytorchcv,
  pytorchcvSenet: {
    ...pytorchcv,
    average: ['features.final_pool', 'features', 'output.dropout'],
    classifier: 'output.fc',
    logits: 'output',
  },
  pytorchcvCifar: { ...pytorchcv, stem: () => convBlock('features.init_block', 'activ') },
} as const satisfies Record<string, Naming>;

export interface ConvBnConfig extends ConvConfig {
  /** Behind the batch norm. @defaultValue none */
  readonly activation?: Activation;
  /** Of the batch norm. @defaultValue 1e-5 */
  readonly eps?: number;
}

/** Convolution, batch norm, activation. */
export function convBn(x: Value, paths: ConvBn, { activation, eps, ...config }: ConvBnConfig): Value {
  const { convolved = [], normed = paths.bn, out = [] } = paths;
  const u = bn(named(conv(x, paths.conv, config), convolved), paths.bn, eps, normed);
  return named(activation ? activation(u) : u, out);
}

/** timm's batch norm that holds its activation: `bn` returns the activated value, the normed one is that of `bn.drop`. */
export const normAct = (conv: string, bn: string, ...out: readonly string[]): ConvBn => ({
  conv,
  bn,
  normed: `${bn}.drop`,
  out: [`${bn}.act`, bn, ...out],
});

/** The same paths below a module. */
export function below(module: string, { conv, bn, convolved = [], normed = bn, out = [] }: ConvBn): ConvBn {
  return {
    conv: `${module}.${conv}`,
    bn: `${module}.${bn}`,
    convolved: inside(module, convolved),
    normed: inside(module, normed),
    out: inside(module, out),
  };
}

/** With a module that returns what the three do. */
export const around = (module: string, paths: ConvBn): ConvBn => ({ ...paths, out: [paths.out ?? [], module].flat() });

/** The same paths below a module that is nothing but the three. */
export const whole = (module: string, paths: ConvBn): ConvBn => around(module, below(module, paths));
