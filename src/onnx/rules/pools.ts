import type { Pair, PoolAttrs } from '../../ops/op.js';
import type { NodeCall } from '../arguments.js';
import { axesOf } from '../axes.js';
import { cannot, type Live, live, planes } from '../values.js';
import { liveInput, type Rule, type Rules } from './rule.js';
import { paddingOf, pairOf } from './windows.js';

/** Over the plane: [N, C, H, W] to our [N, C]. What is [N, C] already stays. */
function globalPool(op: 'globalAvgPool' | 'globalMaxPool', shapeOf = (x: Live) => [...x.shape.slice(0, 2), 1, 1]): Rule {
  return (call, make) => {
    const x = liveInput(call);
    const value = x.value.shape.length === 2 ? x.value : make.emit(op, [planes(x)], {});
    return live(value, shapeOf(x));
  };
}

/** A mean over all axes but the first two is the global pool, however they are written. */
function reduce(op: 'globalAvgPool' | 'globalMaxPool'): Rule {
  return (call, make) => {
    const x = liveInput(call);
    const rank = x.shape.length;
    const axes = [...axesOf(call.ints('axes') ?? x.shape.map((_, axis) => axis), rank)].sort((a, b) => a - b);
    const ours = x.value.shape;
    const isPlane = axes.length === rank - 2 && axes.length > 0 && axes[0] === 2;
    if (!isPlane || x.border !== undefined || ours[0] !== x.shape[0] || ours[1] !== x.shape[1])
      cannot(`of ${rank} axes it is known over the plane, not over ${axes.join(', ') || 'none'}`);
    const whole = { value: x.value, shape: ours };
    const shape = call.int('keepdims', 1) === 1 ? x.shape.map((extent, axis) => (axis < 2 ? extent : 1)) : x.shape.slice(0, 2);
    return live(ours.length === 2 ? x.value : make.emit(op, [planes(whole)], {}), shape);
  };
}

function attrsOf(call: NodeCall, plane: Pair): PoolAttrs {
  const kernel = pairOf(call, 'kernel_shape', [0, 0]);
  const stride = pairOf(call, 'strides', [1, 1]);
  if (pairOf(call, 'dilations', [1, 1]).some((step) => step !== 1)) cannot('dilated pools are not known');
  const padding = paddingOf(call, plane, kernel, stride);
  return { kernel, stride, padding, rounding: call.int('ceil_mode', 0) === 0 ? 'floor' : 'ceil' };
}

const maxPool: Rule = (call, make) => {
  const x = planes(liveInput(call));
  if (call.node.outputs.slice(1).some((name) => name !== '')) cannot('indices of maxima are not known');
  return live(make.emit('maxPool2d', [x], attrsOf(call, x.shape.slice(2) as unknown as Pair)));
};

const averagePool: Rule = (call, make) => {
  const given = liveInput(call);
  const plane = given.shape.slice(2) as unknown as Pair;
  const attrs = attrsOf(call, plane);
  const isWhole = attrs.kernel.every((extent, axis) => extent === plane[axis]) && attrs.padding.every((side) => side === 0);
  if (isWhole) return globalPool('globalAvgPool')(call, make);
  return live(make.emit('avgPool2d', [planes(given)], { ...attrs, divisor: call.int('count_include_pad', 0) === 0 ? 'inside' : 'window' }));
};

export const pools: Rules = {
  GlobalAveragePool: globalPool('globalAvgPool'),
  GlobalMaxPool: globalPool('globalMaxPool'),
  ReduceMean: reduce('globalAvgPool'),
  ReduceMax: reduce('globalMaxPool'),
  AveragePool: averagePool,
  MaxPool: maxPool,
};
