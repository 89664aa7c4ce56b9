import { InputError } from '../errors.js';
import type { AvgPoolAttrs, Box, Pair, PoolAttrs, Value } from '../ops/op.js';
import { type Shape, sizeOf } from '../tensor.js';

/** What a network is built from: functions from Value to Value that name their parameters as the checkpoint does. */

const pair = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);
const around = ([vertical, horizontal]: Pair): Box => [vertical, horizontal, vertical, horizontal];
export const channels = (x: Value): number => x.shape[1] as number;

/** Paths of modules of the published definition, one or several. */
export type Paths = string | readonly string[];

/** x, as what the modules at these paths return. Says nothing to the network; who compares it with another program's asks (docs/compare.md). */
export function named(x: Value, ...paths: readonly Paths[]): Value {
  for (const path of paths.flat()) x.graph.module(path, x);
  return x;
}

/** x, as the output of a stage: `featureInfo` tells of it, and callers may ask for it. Of several paths the last one counts, the outermost. */
export function feature(x: Value, paths: Paths): Value {
  x.graph.feature([paths].flat().at(-1) as string, x);
  return x;
}

/** The same paths below a module. */
export const inside = (module: string, paths: Paths): readonly string[] => [paths].flat().map((path) => `${module}.${path}`);

function param(x: Value, name: string, shape: Shape, trainable = true): Value {
  return x.graph.emit('param', [], { name, shape, trainable });
}

export interface ConvConfig {
  readonly out: number;
  readonly kernel: number | Pair;
  readonly stride?: number;
  /**
   * Zero cells on each side, or TensorFlow's `same`: as many as leave ⌈extent / stride⌉, an odd one at the bottom and right.
   * @defaultValue (kernel − 1) / 2, what keeps the plane's size at stride 1
   */
  readonly padding?: number | Pair | 'same';
  readonly groups?: number;
  /** Whether the layer adds `name.bias`. @defaultValue false */
  readonly bias?: boolean;
}

/** Convolution, weights at `name.weight`. */
export function conv(x: Value, name: string, { out, kernel, stride = 1, padding, groups = 1, bias = false }: ConvConfig): Value {
  const [P, Q] = pair(kernel);
  const weight = param(x, `${name}.weight`, [out, channels(x) / groups, P, Q]);
  const operands = bias ? [x, weight, param(x, `${name}.bias`, [out])] : [x, weight];
  const box = padding === 'same' ? same(x, [P, Q], stride) : around(pair(padding ?? [(P - 1) / 2, (Q - 1) / 2]));
  return named(x.graph.emit('conv2d', operands, { stride: [stride, stride], padding: box, dilation: [1, 1], groups }), name);
}

function same(x: Value, kernel: Pair, stride: number): Box {
  const total = (axis: 0 | 1): number => {
    const extent = x.shape[2 + axis] as number;
    return Math.max((Math.ceil(extent / stride) - 1) * stride + kernel[axis] - extent, 0);
  };
  const [vertical, horizontal] = [total(0), total(1)];
  return [Math.floor(vertical / 2), Math.ceil(horizontal / 2), Math.ceil(vertical / 2), Math.floor(horizontal / 2)];
}

/** Inference-mode batch norm over `name.weight`, `.bias`, `.running_mean`, `.running_var`; `normed` are the modules that return its value. */
export function bn(x: Value, name: string, eps = 1e-5, normed: Paths = name): Value {
  const C = [channels(x)];
  const gamma = param(x, `${name}.weight`, C);
  const beta = param(x, `${name}.bias`, C);
  const mean = param(x, `${name}.running_mean`, C, false);
  const variance = param(x, `${name}.running_var`, C, false);
  return named(x.graph.emit('batchNorm', [x, gamma, beta, mean, variance], { eps }), normed);
}

export const relu = (x: Value): Value => x.graph.emit('relu', [x], {});
export const relu6 = (x: Value): Value => x.graph.emit('relu6', [x], {});
export const sigmoid = (x: Value): Value => x.graph.emit('sigmoid', [x], {});
export const hardSigmoid = (x: Value): Value => x.graph.emit('hardSigmoid', [x], {});
export const hardSwish = (x: Value): Value => x.graph.emit('hardSwish', [x], {});
export const silu = (x: Value): Value => x.graph.emit('silu', [x], {});
export const tanh = (x: Value): Value => x.graph.emit('tanh', [x], {});
export const add = (a: Value, b: Value): Value => a.graph.emit('add', [a, b], {});
export const multiply = (a: Value, b: Value): Value => a.graph.emit('multiply', [a, b], {});
export const scale = (u: Value, s: Value): Value => u.graph.emit('scale', [u, s], {});
export const scaleBy = (x: Value, factor: number): Value => x.graph.emit('scaleBy', [x], { factor });
export const concat = (values: readonly Value[]): Value => (values[0] as Value).graph.emit('concat', values, {});
export const channelShuffle = (x: Value, groups: number): Value => x.graph.emit('channelShuffle', [x], { groups });
export const globalAvgPool = (x: Value): Value => x.graph.emit('globalAvgPool', [x], {});
export const globalMaxPool = (x: Value): Value => x.graph.emit('globalMaxPool', [x], {});
export const adaptiveAvgPool2d = (x: Value, output: Pair): Value => x.graph.emit('adaptiveAvgPool2d', [x], { output });

export interface PoolConfig {
  readonly kernel: number | Pair;
  readonly stride: number;
  readonly padding: number | Pair;
  readonly rounding: PoolAttrs['rounding'];
}

const poolAttrs = ({ kernel, stride, padding, rounding }: PoolConfig): PoolAttrs => ({
  kernel: pair(kernel),
  stride: pair(stride),
  padding: around(pair(padding)),
  rounding,
});

export const maxPool2d = (x: Value, config: PoolConfig): Value => x.graph.emit('maxPool2d', [x], poolAttrs(config));

export const avgPool2d = (x: Value, config: PoolConfig & { readonly divisor: AvgPoolAttrs['divisor'] }): Value =>
  x.graph.emit('avgPool2d', [x], { ...poolAttrs(config), divisor: config.divisor });

export interface LinearConfig {
  /** How the checkpoint stores the weights: [O, C·H·W], or as a 1×1 convolution [O, C, 1, 1]. @defaultValue `matrix` */
  readonly weight?: 'matrix' | 'conv1x1';
  /** @defaultValue true */
  readonly bias?: boolean;
}

/** Fully connected layer over all of an image's values: of a vector [N, C], or of planes [N, C, H, W]. */
export function linear(x: Value, name: string, out: number, { weight = 'matrix', bias = true }: LinearConfig = {}): Value {
  const shape = weight === 'matrix' ? [out, sizeOf(x.shape.slice(1))] : [out, channels(x), 1, 1];
  const operands = [x, param(x, `${name}.weight`, shape)];
  return named(x.graph.emit('linear', bias ? [...operands, param(x, `${name}.bias`, [out])] : operands, {}), name);
}

export type Activation = (x: Value) => Value;

/** A gate as its source defines and names it. */
export interface GateConfig extends LinearConfig {
  /** Channels after the first layer: ⌊C / r⌋ in most networks. */
  readonly squeezed: number;
  /** Where the gate's own module, the sigmoid, sits below `name` in the published definition: `gate` or `sigmoid`. Of several the first counts. */
  readonly gate: Paths;
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

/** Hu 2018, eq. 2–4: u · σ(W₂ relu(W₁ z + b₁) + b₂), z = mean of u. The gate may be asked for as an output under its module path. */
export function squeezeExcite(u: Value, name: string, config: GateConfig): Value {
  const { layers = ['fc1', 'fc2'], squeeze = globalAvgPool, inner = relu, activation = sigmoid, weight = 'conv1x1', bias = true } = config;
  const { average = [], reduced = [], hidden = [] } = config;
  const below = (paths: Paths): readonly string[] => inside(name, paths);
  const layer = (x: Value, path: string, out: number): Value =>
    squeeze === 'none' ? conv(x, `${name}.${path}`, { out, kernel: 1, bias }) : linear(x, `${name}.${path}`, out, { weight, bias });

  const z = squeeze === 'none' ? u : named(squeeze(u), below(average));
  const first = named(layer(z, layers[0], config.squeezed), below(reduced));
  const s = activation(layer(named(inner(first), below(hidden)), layers[1], channels(u)));
  const [gate, ...others] = below(config.gate);
  u.graph.gate(gate as string, s);
  named(s, others);
  return named(squeeze === 'none' ? multiply(u, s) : scale(u, s), name);
}

/** ⌊C / r⌋ (Hu 2018, eq. 3). @throws InputError if that leaves none. */
export function squeezedChannels(u: Value, reduction: number): number {
  const squeezed = Math.floor(channels(u) / reduction);
  if (squeezed < 1) throw new InputError(`reduction ${reduction} leaves none of ${channels(u)} channels`);
  return squeezed;
}
