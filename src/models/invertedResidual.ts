import type { Value } from '../ops/op.js';
import { type Activation, add, channels, squeezeExcite } from './layers.js';
import { below, type ConvBn, convBn } from './naming.js';

/** Where a network comes from, as far as its layers show it. TensorFlow's weights (timm's `tf_` names) need its padding and its ε. */
export interface MobileForm {
  readonly names: 'timm' | 'torchvision';
  /** Of batch norm. */
  readonly eps: number;
  /** Of the stem and the depthwise convolutions. @defaultValue symmetric */
  readonly padding?: 'same';
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
export function invertedResidual(x: Value, name: string, block: BlockConfig, { names: source, eps, ...padding }: MobileForm): Value {
  const { kernel, stride, expanded, out, activation, squeezed, inner, gate } = block;
  const expands = expanded !== channels(x);
  const names = namings[source](name, expands, block.gated);
  let u = expands ? activation(convBn(x, names.expand, { out: expanded, kernel: 1 }, eps)) : x;
  u = activation(convBn(u, names.depthwise, { out: expanded, kernel, stride, groups: expanded, ...padding }, eps));
  if (squeezed !== undefined) u = squeezeExcite(u, names.se, { squeezed, inner, activation: gate, layers: names.layers, gate: names.gate });
  u = convBn(u, names.project, { out, kernel: 1 }, eps);
  return stride === 1 && out === channels(x) ? add(u, x) : u;
}

interface Names {
  readonly expand: ConvBn;
  readonly depthwise: ConvBn;
  readonly project: ConvBn;
  readonly se: string;
  /** The gate's layers and its sigmoid, below `se`. */
  readonly layers: readonly [reduce: string, expand: string];
  readonly gate: string;
}

const namings: Readonly<Record<MobileForm['names'], (block: string, expands: boolean, gated: boolean) => Names>> = { timm, torchvision };

/** By role; a block that does not expand is another module, whose `conv_pw` is the projection. */
function timm(block: string, expands: boolean): Names {
  return {
    expand: below(block, ['conv_pw', 'bn1']),
    depthwise: below(block, ['conv_dw', expands ? 'bn2' : 'bn1']),
    project: below(block, expands ? ['conv_pwl', 'bn3'] : ['conv_pw', 'bn2']),
    se: `${block}.se`,
    layers: ['conv_reduce', 'conv_expand'],
    gate: 'gate',
  };
}

/** By position among the layers that the block has. */
function torchvision(block: string, expands: boolean, gated: boolean): Names {
  const layer = (position: number): ConvBn => below(`${block}.block.${position}`, ['0', '1']);
  const depthwise = expands ? 1 : 0;
  return {
    expand: layer(0),
    depthwise: layer(depthwise),
    project: layer(depthwise + (gated ? 2 : 1)),
    se: `${block}.block.${depthwise + 1}`,
    layers: ['fc1', 'fc2'],
    gate: 'scale_activation',
  };
}
