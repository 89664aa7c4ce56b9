import { applied, combined } from './elementwise.js';
import { afterReduction, axesToReduce, type LiveFunction, reduced, reduction, same } from './reductions.js';
import { liveInput, type Rule, type Rules } from './rule.js';

const square: LiveFunction = (make, x) => applied(make, x, 'power', 2);
const root: LiveFunction = (make, x) => applied(make, x, 'sqrt');
const logarithm: LiveFunction = (make, x) => applied(make, x, 'log');

/** ln Σ e^x = m + ln Σ e^(x − m), m the largest: no power overflows. */
const logSumExp: Rule = (call, make) => {
  const x = liveInput(call);
  const axes = axesToReduce(call, x.shape.length);
  if (axes.length === 0) return x;
  const largest = reduced(make, x, 'max', axes);
  const powers = applied(make, combined(make, 'subtract', x, largest), 'exp');
  const y = combined(make, 'add', logarithm(make, reduced(make, powers, 'sum', axes)), largest);
  return { ...y, shape: afterReduction(call, x.shape, axes) };
};

export const rarerReductions = {
  ReduceL1: reduction('sum', (make, x) => applied(make, x, 'abs')),
  ReduceL2: reduction('sum', square, root),
  ReduceSumSquare: reduction('sum', square),
  ReduceLogSum: reduction('sum', same, logarithm),
  ReduceLogSumExp: logSumExp,
} satisfies Rules;
