import type { PointwiseOp } from '../../ops/op.js';
import { axisOf } from '../axes.js';
import { cannot, live, plain, vector } from '../values.js';
import { softmaxAxis } from '../versions.js';
import { liveInput, type Rule, type Rules } from './rule.js';

const pointwise =
  (op: PointwiseOp): Rule =>
  (call, make) => {
    const x = liveInput(call);
    return live(make.emit(op, [plainOrRows(x)], {}), x.shape);
  };

/** Of each value it does not matter how the shape is written. */
const plainOrRows: typeof plain = (x) => (x.border === undefined ? x.value : plain(x));

/** Whether a float32 or a float64 is a number's nearest. */
export const isNearest = (found: number, number: number): boolean => found === number || found === Math.fround(number);

/** max(0, min(1, α · x + β)): ours has α = 1/6 and β = 1/2. Of others it is ours of 6α · x + 6β − 3. */
const hardSigmoid: Rule = (call, make) => {
  const x = liveInput(call);
  const [alpha, beta] = [call.number('alpha', Math.fround(0.2)), call.number('beta', 0.5)];
  const value = plainOrRows(x);
  const inner = isNearest(alpha, 1 / 6)
    ? beta === 0.5
      ? value
      : make.affine(value, call.node.outputs[0] as string, { shift: [6 * beta - 3] })
    : make.affine(value, call.node.outputs[0] as string, { gain: [6 * alpha], shift: [6 * beta - 3] });
  return live(make.emit('hardSigmoid', [inner], {}), x.shape);
};

const clip: Rule = (call, make) => {
  const x = liveInput(call);
  const [min, max] = [call.number('min', -Infinity), call.number('max', Infinity)];
  const largest = 3.4028234663852886e38; // operator sets before 11 have these for no bound
  const op = min === 0 && max === 6 ? 'relu6' : min === 0 && max >= largest ? 'relu' : undefined;
  if (min <= -largest && max >= largest) return x;
  return op === undefined
    ? cannot(`bounds ${min} and ${max} are not known, only 0 and 6, or 0 alone`)
    : live(make.emit(op, [plainOrRows(x)], {}), x.shape);
};

const softmax: Rule = (call, make) => {
  const x = liveInput(call);
  const axis = axisOf(call.int('axis', softmaxAxis(call.opset)), x.shape.length);
  const isRow = axis === 1 && (x.shape.length === 2 || x.shape.slice(2).every((extent) => extent === 1));
  if (!isRow) cannot(`axis ${axis} of ${x.shape.length} is not known, only the channels of [N, C]`);
  return live(make.emit('softmax', [vector(x)], {}), x.shape);
};

export const pointwiseRules: Rules = {
  Relu: pointwise('relu'),
  Sigmoid: pointwise('sigmoid'),
  Tanh: pointwise('tanh'),
  HardSwish: pointwise('hardSwish'),
  HardSigmoid: hardSigmoid,
  Clip: clip,
  Softmax: softmax,
};
