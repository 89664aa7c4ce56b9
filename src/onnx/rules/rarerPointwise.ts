import { sizeOf } from '../../tensor.js';
import { cannot, isFixed, type Known, live, settled } from '../values.js';
import { softmaxAxis } from '../versions.js';
import { applied, combined, scalar } from './elementwise.js';
import { named, rowsAlong, times } from './pointwise.js';
import { reduced } from './reductions.js';
import { liveInput, type Rule, type Rules } from './rule.js';

const gelu: Rule = (call, make) => {
  const how = call.text('approximate', 'none');
  if (how !== 'none' && how !== 'tanh') cannot(`approximation ${how.slice(0, 20)} is not known`);
  return applied(make, liveInput(call), how === 'tanh' ? 'geluTanh' : 'gelu');
};

/** Klambauer 2017 (arXiv:1706.02515, eq. 2): γ · elu. */
const selu: Rule = (call, make) => {
  const y = applied(make, liveInput(call), 'elu', call.number('alpha', 1.6732631921768188));
  return times(make, y, call.number('gamma', 1.0507010221481323));
};

/** Barron 2017 (arXiv:1704.07483): α · elu(x / α). */
const celu: Rule = (call, make) => {
  const alpha = call.number('alpha', 1);
  const x = settled(liveInput(call));
  return times(make, applied(make, times(make, x, 1 / alpha), 'elu', 1), alpha);
};

/** x / (1 + |x|) */
const softsign: Rule = (call, make) => {
  const x = settled(liveInput(call));
  return combined(make, 'divide', x, combined(make, 'add', applied(make, x, 'abs'), scalar(1)));
};

const prelu: Rule = (call, make) => {
  const x = liveInput(call);
  const slope: Known = call.inputs[1] ?? cannot('the slope is missing');
  const y = combined(make, 'prelu', x, slope);
  return sizeOf(y.shape) === sizeOf(x.shape)
    ? y
    : cannot(`slopes [${(isFixed(slope) ? slope.constant : slope).shape.join(', ')}] do not fit`);
};

/** x − m − ln Σ e^(x − m), m the row's largest. */
const logSoftmax: Rule = (call, make) => {
  const { rows, back } = rowsAlong(liveInput(call), call.int('axis', softmaxAxis(call.opset)), call.opset);
  const x = live(rows);
  const shifted = combined(make, 'subtract', x, reduced(make, x, 'max', [1]));
  const sums = reduced(make, applied(make, shifted, 'exp'), 'sum', [1]);
  return back(combined(make, 'subtract', shifted, applied(make, sums, 'log')).value);
};

export const rarerPointwise = {
  PRelu: prelu,
  LogSoftmax: logSoftmax,
  Elu: named('elu', 'alpha', 1),
  Erf: named('erf'),
  Log: named('log'),
  Abs: named('abs'),
  Reciprocal: named('power', undefined, -1),
  Selu: selu,
  Celu: celu,
  Gelu: gelu,
  Softplus: named('softplus'),
  Softsign: softsign,
  Mish: named('mish'),
  Floor: named('floor'),
  Ceil: named('ceil'),
  Round: named('round'),
  Sign: named('sign'),
} satisfies Rules;
