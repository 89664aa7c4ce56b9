import { InputError } from '../errors.js';
import type { Keys } from '../graph/known.js';
import type { Value } from '../ops/op.js';
import { kindOf, shown } from '../tensor.js';
import {
  type Activation,
  channels,
  checkConfig,
  checkName,
  conv,
  globalAvgPool,
  inside,
  type LinearConfig,
  linear,
  linearKeys,
  multiply,
  named,
  type Paths,
  relu,
  scale,
  sigmoid,
} from './layers.js';

/** A gate as its source defines and names it. */
export interface GateConfig extends LinearConfig {
  /** Channels after the first layer: ⌊C / r⌋ in most networks. */
  readonly squeezed: number;
  /** Where the gate's own module, the sigmoid, sits below `name` in the published definition. Of several the first counts. @defaultValue 'gate' */
  readonly gate?: Paths;
  /** The two layers below `name`. @defaultValue `fc1` and `fc2`, stored as 1×1 convolutions with bias */
  readonly layers?: readonly [reduce: string, expand: string];
  /** Modules below `name` that return the average. @defaultValue none: it is no module */
  readonly average?: Paths;
  /** What returns the first layer's value beside itself. @defaultValue none */
  readonly reduced?: Paths;
  /** What returns the value between the two layers. @defaultValue none */
  readonly hidden?: Paths;
  /** To [N, C]; with `none` the gate has a value for every pixel (NoSqueeze of the paper's table 16). @defaultValue globalAvgPool */
  readonly squeeze?: Activation | 'none';
  /** Between the two layers. @defaultValue relu */
  readonly inner?: Activation;
  /** The gate's. @defaultValue sigmoid */
  readonly activation?: Activation;
}

const gateKeys: Keys<GateConfig> = {
  ...linearKeys,
  ...{ squeezed: true, gate: true, layers: true, average: true, reduced: true, hidden: true },
  ...{ squeeze: true, inner: true, activation: true },
};

/**
 * A Squeeze-and-Excitation block (Hu 2018, arXiv:1709.01507, eq. 2–4): u · σ(W₂ relu(W₁ z + b₁) + b₂), z = mean of u.
 *
 * u and the result are [N, C, H, W], the gate [N, C]; the parameters are `name.fc1.weight` [squeezed, C, 1, 1], `name.fc1.bias`, `name.fc2.weight` and
 * `name.fc2.bias`, unless the config says otherwise. The gate may be asked for as the output `name.gate`.
 *
 * @throws as the other layers: InputError for what is no value, name or config; ShapeError for a value without channels
 */
export function squeezeExcite(u: Value, name: string, config: GateConfig): Value {
  checkName(name);
  if (Object.hasOwn(Object(config), 'reduction'))
    throw new InputError(`${name}: expected squeezed, what a reduction leaves of the channels: squeezedChannels(u, reduction)`);
  checkConfig(name, config, gateKeys, ['squeezed']);
  const { layers = ['fc1', 'fc2'], squeeze = globalAvgPool, inner = relu, activation = sigmoid, weight = 'conv1x1', bias = true } = config;
  const { average = [], reduced = [], hidden = [], gate: gatePaths = 'gate' } = config;
  const strange = [squeeze === 'none' ? globalAvgPool : squeeze, inner, activation].find((layer) => typeof layer !== 'function');
  if (strange !== undefined) throw new InputError(`squeeze, inner and activation are layers, not ${kindOf(strange)}`);
  const below = (paths: Paths): readonly string[] => inside(name, paths);
  const layer = (x: Value, path: string, out: number): Value =>
    squeeze === 'none' ? conv(x, `${name}.${path}`, { out, kernel: 1, bias }) : linear(x, `${name}.${path}`, out, { weight, bias });

  const z = squeeze === 'none' ? u : named(squeeze(u), below(average));
  const first = named(layer(z, layers[0], config.squeezed), below(reduced));
  const s = activation(layer(named(inner(first), below(hidden)), layers[1], channels(u)));
  const [gate, ...others] = below(gatePaths);
  u.graph.gate(gate as string, s);
  named(s, others);
  return named(squeeze === 'none' ? multiply(u, s) : scale(u, s), name);
}

/** ⌊C / r⌋ (Hu 2018, eq. 3). @throws InputError if that leaves none. */
export function squeezedChannels(u: Value, reduction: number): number {
  if (typeof reduction !== 'number') throw new InputError(`a reduction is a number, not ${kindOf(reduction)}`);
  const squeezed = Math.floor(channels(u) / reduction);
  if (!(squeezed >= 1 && Number.isFinite(squeezed)))
    throw new InputError(`reduction ${shown(reduction)} leaves none of ${channels(u)} channels`);
  return squeezed;
}
