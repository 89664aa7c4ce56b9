import type { Value } from '../ops/op.js';
import { bn, type ConvConfig, conv, type GateConfig } from './layers.js';

/** The paths of a convolution and of its batch norm. */
export type ConvBn = readonly [conv: string, bn: string];

/** What a source calls the parts of a residual network (checkpoints.md, §2). Stages, units and layers count from 1. */
export interface Naming {
  /** Layer n of a stem of `of`. */
  readonly stem: (n: number, of: number) => ConvBn;
  readonly unit: (stage: number, unit: number) => string;
  /** Layer n of a unit, below the unit. */
  readonly layer: (n: number) => ConvBn;
  /** A projected shortcut: its module below the unit, and its layers below that. */
  readonly shortcut: { readonly path: string; readonly layer: ConvBn };
  /** A gate: its module below the unit, and how its layers are called and stored. */
  readonly gate: { readonly path: string; readonly config: Omit<GateConfig, 'squeezed'> };
  readonly classifier: string;
}

/** Also torchvision's, which has neither gates nor deep stems. */
const timm: Naming = {
  stem: (n, of) => (of === 1 ? ['conv1', 'bn1'] : [`conv1.${3 * n - 3}`, n === of ? 'bn1' : `conv1.${3 * n - 2}`]),
  unit: (stage, unit) => `layer${stage}.${unit - 1}`,
  layer: (n) => [`conv${n}`, `bn${n}`],
  shortcut: { path: 'downsample', layer: ['0', '1'] },
  gate: { path: 'se', config: { gate: 'gate' } },
  classifier: 'fc',
};

const pytorchcv: Naming = {
  stem: (n, of) => convBlock(of === 1 ? 'features.init_block.conv' : `features.init_block.conv${n}`),
  unit: (stage, unit) => `features.stage${stage}.unit${unit}`,
  layer: (n) => convBlock(`body.conv${n}`),
  shortcut: { path: 'identity_conv', layer: ['conv', 'bn'] },
  gate: { path: 'se', config: { layers: ['conv1', 'conv2'], gate: 'sigmoid' } },
  classifier: 'output',
};

function convBlock(path: string): ConvBn {
  return [`${path}.conv`, `${path}.bn`];
}

export const namings = {
  timm,
  /** The "d" networks, whose shortcuts have a pool in front, with a place in the module even where it is none. */
  timmPooled: { ...timm, shortcut: { path: 'downsample', layer: ['1', '2'] } },
  /** timm's `legacy_*`, which keep the names of Cadene's ports; also ours for the authors' Caffe files. */
  legacy: {
    ...timm,
    stem: (n) => [`layer0.conv${n}`, `layer0.bn${n}`],
    gate: { path: 'se_module', config: { gate: 'sigmoid' } },
    classifier: 'last_linear',
  },
  moskomule: { ...timm, gate: { path: 'se', config: { layers: ['fc.0', 'fc.2'], weight: 'matrix', bias: false, gate: 'fc.3' } } },
  pytorchcv,
  pytorchcvSenet: { ...pytorchcv, classifier: 'output.fc' },
  pytorchcvCifar: { ...pytorchcv, stem: () => convBlock('features.init_block') },
} as const satisfies Record<string, Naming>;

export const convBn = (x: Value, [convPath, bnPath]: ConvBn, config: ConvConfig, eps?: number): Value =>
  bn(conv(x, convPath, config), bnPath, eps);

/** The same paths below a module. */
export const below = (module: string, [convPath, bnPath]: ConvBn): ConvBn => [`${module}.${convPath}`, `${module}.${bnPath}`];
