import type { Value } from '../ops/op.js';
import { type Activation, add, bn, channels, conv, squeezeExcite } from './layers.js';

/** A convolution and its batch norm. */
export type Pair = readonly [conv: string, bn: string];

/** Where a network comes from, as far as its layers show it. TensorFlow's weights (timm's `tf_` names) need its padding and its ε. */
export interface MobileForm {
  readonly names: 'timm' | 'torchvision';
  readonly padding: 'symmetric' | 'same';
  readonly eps: number;
}

export interface BlockConfig {
  readonly kernel: number;
  readonly stride: number;
  /** Channels between the two 1×1 convolutions; where the input has as many there is no first one. */
  readonly expanded: number;
  readonly out: number;
  readonly activation: Activation;
  /** Whether the published block has a gate. */
  readonly gated: boolean;
  /** Channels of the gate after its first layer; undefined where it is absent or left out. */
  readonly squeezed: number | undefined;
  /** Between the gate's layers. */
  readonly inner: Activation;
  /** The gate's. */
  readonly gate: Activation;
}

/** Sandler 2018 (arXiv:1801.04381), fig. 4, with the gate on the expanded channels (Howard 2019, arXiv:1905.02244, fig. 4). */
export function invertedResidual(x: Value, name: string, block: BlockConfig, form: MobileForm): Value {
  const { kernel, stride, expanded, out, activation, squeezed, inner, gate } = block;
  const expands = expanded !== channels(x);
  const names = namings[form.names](name, expands, block.gated);
  let u = expands ? convBnAct(x, names.expand, { out: expanded, kernel: 1, stride: 1, groups: 1, activation }, form) : x;
  u = convBnAct(u, names.depthwise, { out: expanded, kernel, stride, groups: expanded, activation }, form);
  if (squeezed !== undefined) u = squeezeExcite(u, names.se, { squeezed, inner, activation: gate, layers: names.layers, gate: names.gate });
  u = bn(conv(u, names.project[0], { out, kernel: 1 }), names.project[1], form.eps);
  return stride === 1 && out === channels(x) ? add(u, x) : u;
}

interface ConvBnActConfig {
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly groups: number;
  readonly activation: Activation;
}

/** Convolution, batch norm and activation in the form's padding and ε. */
export function convBnAct(x: Value, names: Pair, { activation, ...config }: ConvBnActConfig, { padding, eps }: MobileForm): Value {
  const convolved = conv(x, names[0], { ...config, padding: padding === 'same' ? 'same' : (config.kernel - 1) / 2 });
  return activation(bn(convolved, names[1], eps));
}

interface Names {
  readonly expand: Pair;
  readonly depthwise: Pair;
  readonly project: Pair;
  readonly se: string;
  /** The gate's layers and its sigmoid, below `se`. */
  readonly layers: readonly [reduce: string, expand: string];
  readonly gate: string;
}

const namings: Readonly<Record<MobileForm['names'], (block: string, expands: boolean, gated: boolean) => Names>> = { timm, torchvision };

/** By role; a block that does not expand is another module, whose `conv_pw` is the projection. */
function timm(block: string, expands: boolean): Names {
  const below = (conv: string, norm: string): Pair => [`${block}.${conv}`, `${block}.${norm}`];
  const se = { se: `${block}.se`, layers: ['conv_reduce', 'conv_expand'], gate: 'gate' } as const;
  const expand = below('conv_pw', 'bn1');
  if (!expands) return { expand, depthwise: below('conv_dw', 'bn1'), project: below('conv_pw', 'bn2'), ...se };
  return { expand, depthwise: below('conv_dw', 'bn2'), project: below('conv_pwl', 'bn3'), ...se };
}

/** By position among the layers that the block has. */
function torchvision(block: string, expands: boolean, gated: boolean): Names {
  const pair = (position: number): Pair => [`${block}.block.${position}.0`, `${block}.block.${position}.1`];
  const depthwise = expands ? 1 : 0;
  return {
    expand: pair(0),
    depthwise: pair(depthwise),
    project: pair(depthwise + (gated ? 2 : 1)),
    se: `${block}.block.${depthwise + 1}`,
    layers: ['fc1', 'fc2'],
    gate: 'scale_activation',
  };
}
