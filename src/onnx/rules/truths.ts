import { type Shape, sizeOf } from '../../tensor.js';
import type { NodeCall } from '../arguments.js';
import { broadcast } from '../axes.js';
import { expanded } from '../fold.js';
import type { Maker } from '../maker.js';
import type { Constant } from '../tensor.js';
import { cannot, isFixed, type Known, type Live, live, rearranged, shaped, spendCells } from '../values.js';
import { asFloats, combined, scalar } from './elementwise.js';
import { liveInput, type Rule, type Rules } from './rule.js';
import { expandedTo, liveOf } from './views.js';

/** Truths are values of 1 and 0. */

type Question = (make: Maker, a: Known, b: Known) => Live;

const question =
  (ask: Question): Rule =>
  ({ inputs: [a, b] }, make) =>
    a === undefined || b === undefined ? cannot('it takes two operands') : ask(make, asFloats(a), asFloats(b));

const greater: Question = (make, a, b) => combined(make, 'greater', a, b);
const equal: Question = (make, a, b) => combined(make, 'equal', a, b);
const or: Question = (make, a, b) => combined(make, 'maximum', a, b);
const atLeast: Question = (make, a, b) => or(make, greater(make, a, b), equal(make, a, b));
/** The first where the second is true, else 0. */
const and: Question = (make, a, b) => combined(make, 'where', a, b);

const not = (make: Maker, a: Known): Live => equal(make, a, scalar(0));

/** A choice by a value takes each operand where it is chosen, and adds both: one of them is 0. */
const where: Rule = (call, make) => {
  const [condition, a, b] = call.inputs;
  if (condition === undefined || a === undefined || b === undefined) return cannot('an operand is missing');
  if (isFixed(condition)) return chosen(make, condition.constant, liveOf(make, a), liveOf(make, b));
  return combined(make, 'add', and(make, asFloats(a), condition), and(make, asFloats(b), not(make, condition)));
};

/** A choice that is known beforehand: cells of both, one behind the other. */
function chosen(make: Maker, condition: Constant, x: Live, y: Live): Live {
  const shape: Shape = broadcast(broadcast(condition.shape, x.shape), y.shape);
  const size = sizeOf(shape);
  const row = (given: Live) => shaped(expandedTo(given, shape), [1, size]);
  spendCells(x, size);
  const both = live(make.emit('concat', [row(x), row(y)], {}));
  const cells = Array.from(expanded(condition, shape).data, (value, i) => (value === 0 ? size + i : i));
  return rearranged(both, { cells: [null, cells] }, shape);
}

export const truths = {
  Greater: question(greater),
  Less: question((make, a, b) => greater(make, b, a)),
  Equal: question(equal),
  GreaterOrEqual: question(atLeast),
  LessOrEqual: question((make, a, b) => atLeast(make, b, a)),
  And: question(and),
  Or: question(or),
  Not: (call: NodeCall, make) => not(make, liveInput(call)),
  Where: where,
} satisfies Rules;
