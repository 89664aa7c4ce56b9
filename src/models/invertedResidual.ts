import type { Value } from '../ops/op.js';
import { type Activation, add, channels, named, type Paths } from './layers.js';
import { around, below, type ConvBn, convBn, normAct, whole } from './naming.js';
import { type GateConfig, squeezeExcite } from './squeezeExcite.js';

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
  let u = expands ? convBn(x, names.expand, { out: expanded, kernel: 1, activation, eps }) : x;
  u = convBn(u, names.depthwise, { out: expanded, kernel, stride, groups: expanded, activation, eps, ...padding });
  if (squeezed !== undefined) u = squeezeExcite(u, names.se, { squeezed, inner, activation: gate, ...names.gate });
  u = convBn(u, names.project, { out, kernel: 1, eps });
  return named(stride === 1 && out === channels(x) ? add(named(u, names.branch), x) : u, name);
}

interface Names {
  readonly expand: ConvBn;
  readonly depthwise: ConvBn;
  readonly project: ConvBn;
  readonly se: string;
  /** The gate's parts, below `se`. */
  readonly gate: Pick<GateConfig, 'average' | 'layers' | 'hidden' | 'gate'>;
  /** What returns the branch's value, to be added to the input. */
  readonly branch: Paths;
}

const namings: Readonly<Record<MobileForm['names'], (block: string, expands: boolean, gated: boolean) => Names>> = { timm, torchvision };

/** By role; a block that does not expand is another module, whose `conv_pw` is the projection. */
function timm(block: string, expands: boolean, gated: boolean): Names {
  const notGated = gated ? [] : ['se']; // does nothing
  return {
    expand: below(block, normAct('conv_pw', 'bn1')),
    depthwise: below(block, normAct('conv_dw', expands ? 'bn2' : 'bn1', 'aa', ...notGated)),
    project: below(block, expands ? normAct('conv_pwl', 'bn3') : normAct('conv_pw', 'bn2')),
    se: `${block}.se`,
    gate: { layers: ['conv_reduce', 'conv_expand'], hidden: 'act1', gate: 'gate' },
    branch: `${block}.drop_path`,
  };
}

/** By position among the layers that the block has. */
function torchvision(block: string, expands: boolean, gated: boolean): Names {
  const layer = (position: number, activation: Paths = []): ConvBn =>
    whole(`${block}.block.${position}`, { conv: '0', bn: '1', out: activation });
  const depthwise = expands ? 1 : 0;
  return {
    expand: layer(0, '2'),
    depthwise: layer(depthwise, '2'),
    project: around(`${block}.block`, layer(depthwise + (gated ? 2 : 1))),
    se: `${block}.block.${depthwise + 1}`,
    gate: { average: 'avgpool', hidden: 'activation', gate: 'scale_activation' },
    branch: `${block}.stochastic_depth`,
  };
}
