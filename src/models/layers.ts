import type { Box, Pair, PoolAttrs, Value } from '../ops/op.js';
import type { Shape } from '../tensor.js';

/** What a network is built from: functions from Value to Value that name their parameters as the checkpoint does. */

const square = (extent: number): Pair => [extent, extent];
const around = (pad: number): Box => [pad, pad, pad, pad];
const channels = (x: Value): number => x.shape[1] as number;

function param(x: Value, name: string, shape: Shape, trainable = true): Value {
  return x.graph.emit('param', [], { name, shape, trainable });
}

export interface ConvConfig {
  readonly out: number;
  readonly kernel: number;
  readonly stride?: number;
  /** Zero cells on each side; by default what keeps the plane's size at stride 1. */
  readonly padding?: number;
  readonly groups?: number;
}

/** Convolution without bias, weights at `name.weight`. */
export function conv(x: Value, name: string, { out, kernel, stride = 1, padding = (kernel - 1) / 2, groups = 1 }: ConvConfig): Value {
  const weight = param(x, `${name}.weight`, [out, channels(x) / groups, kernel, kernel]);
  return x.graph.emit('conv2d', [x, weight], { stride: square(stride), padding: around(padding), dilation: [1, 1], groups });
}

/** Inference-mode batch norm over `name.weight`, `.bias`, `.running_mean`, `.running_var`. */
export function bn(x: Value, name: string, eps = 1e-5): Value {
  const C = [channels(x)];
  const gamma = param(x, `${name}.weight`, C);
  const beta = param(x, `${name}.bias`, C);
  const mean = param(x, `${name}.running_mean`, C, false);
  const variance = param(x, `${name}.running_var`, C, false);
  return x.graph.emit('batchNorm', [x, gamma, beta, mean, variance], { eps });
}

export const relu = (x: Value): Value => x.graph.emit('relu', [x], {});
export const sigmoid = (x: Value): Value => x.graph.emit('sigmoid', [x], {});
export const add = (a: Value, b: Value): Value => a.graph.emit('add', [a, b], {});
export const scale = (u: Value, s: Value): Value => u.graph.emit('scale', [u, s], {});
export const globalAvgPool = (x: Value): Value => x.graph.emit('globalAvgPool', [x], {});

export interface PoolConfig {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly rounding: PoolAttrs['rounding'];
}

export function maxPool2d(x: Value, { kernel, stride, padding, rounding }: PoolConfig): Value {
  return x.graph.emit('maxPool2d', [x], { kernel: square(kernel), stride: square(stride), padding: around(padding), rounding });
}

/** Fully connected layer with bias; `weight` says how the checkpoint stores it, [O, C] or as a 1×1 convolution [O, C, 1, 1]. */
export function linear(x: Value, name: string, out: number, weight: 'matrix' | 'conv1x1' = 'matrix'): Value {
  const shape = weight === 'matrix' ? [out, channels(x)] : [out, channels(x), 1, 1];
  return x.graph.emit('linear', [x, param(x, `${name}.weight`, shape), param(x, `${name}.bias`, [out])], {});
}

export interface GateConfig {
  /** Channels after the first layer: ⌊C / r⌋. */
  readonly squeezed: number;
  /** Where the gate's own module, the sigmoid, sits below `name` in the published definition: `gate` or `sigmoid`. */
  readonly gate: string;
}

/** Hu 2018, eq. 2–4: u · σ(W₂ relu(W₁ z + b₁) + b₂), z = mean of u. The gate may be asked for as an output under its module path. */
export function squeezeExcite(u: Value, name: string, { squeezed, gate }: GateConfig): Value {
  const z = globalAvgPool(u);
  const hidden = relu(linear(z, `${name}.fc1`, squeezed, 'conv1x1'));
  const s = sigmoid(linear(hidden, `${name}.fc2`, channels(u), 'conv1x1'));
  u.graph.gate(`${name}.${gate}`, s);
  return scale(u, s);
}
