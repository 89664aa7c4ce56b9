import { type Shape, sizeOf } from '../../tensor.js';
import { NodeCall } from '../arguments.js';
import { as, transposed } from '../fold.js';
import type { Maker } from '../maker.js';
import { cannot, isFixed, type Known, type Live, rearranged, settled } from '../values.js';
import { arithmetic } from './arithmetic.js';
import { shapeOf } from './elementwise.js';
import { layers } from './layers.js';
import { times } from './pointwise.js';
import { reducedOver } from './reducedOver.js';
import { reductions } from './reductions.js';
import type { Rule, Rules } from './rule.js';
import { liveOf } from './views.js';

/*
 * Sums of products, as their axes are lettered: 'nchw,nc->nchw' scales planes by a gate. Each is said in operators that are known, so that a layer is a layer and an
 * excitation is found.
 */

/** An operand, and a letter for each of its axes. */
interface Term {
  readonly known: Known;
  readonly axes: string;
}

const letters = (text: string): readonly string[] => [...text];

/** The axes in another order, with extents of 1 for letters that it does not have. */
function arranged({ known, axes }: Term, order: string): Known {
  const from = shapeOf(known);
  const own = letters(order).filter((letter) => axes.includes(letter));
  const perm = own.map((letter) => axes.indexOf(letter));
  const shape = letters(order).map((letter) => (axes.includes(letter) ? (from[axes.indexOf(letter)] as number) : 1));
  const moves = perm.some((axis, i) => axis !== i);
  return viewed(moves ? moved(known, perm) : known, shape);
}

function moved(known: Known, perm: readonly number[]): Known {
  if (isFixed(known)) return { name: `${known.name}.${perm.join('')}`, constant: transposed(known.constant, perm) };
  const shape = perm.map((axis) => known.shape[axis] as number);
  return rearranged(known, { order: perm }, shape);
}

const viewed = (known: Known, shape: Shape): Known =>
  isFixed(known) ? { name: known.name, constant: as(known.constant, shape) } : { ...settled(known), shape };

/** Several neighbouring axes as one. */
function merged(term: Term, ...groups: readonly string[]): Known {
  const extents = groups.map((group) => sizeOf(letters(group).map((letter) => extentOf(letter, term))));
  return viewed(arranged(term, groups.join('')), extents);
}

function extentOf(letter: string, ...terms: readonly Term[]): number {
  const extents = terms.flatMap(({ known, axes }) => (axes.includes(letter) ? [shapeOf(known)[axes.indexOf(letter)] as number] : []));
  return extents.find((extent) => extent !== 1) ?? extents[0] ?? 1;
}

/** An operator of ONNX in the place of the node. */
function applied(call: NodeCall, make: Maker, op: 'Mul' | 'MatMul', inputs: readonly Known[]): Live {
  const rule = (op === 'Mul' ? arithmetic.Mul : layers.MatMul) as Rule;
  const [first, ...others] = inputs as readonly [Known, ...Known[]];
  const operands = inputs.every(isFixed) ? [liveOf(make, first), ...others] : inputs;
  return rule(new NodeCall({ ...call.node, op, attributes: new Map() }, call.opset, operands), make) as Live;
}

/** Without the axes that no other operand and not the result has: summed. */
function summed(call: NodeCall, make: Maker, { known, axes }: Term, kept: string): Term {
  const gone = letters(axes).flatMap((letter, axis) => (kept.includes(letter) ? [] : [axis]));
  if (gone.length === 0) return { known, axes };
  const sum = reducedOver(reductions.ReduceSum, call, make, liveOf(make, known), gone);
  return {
    known: sum,
    axes: letters(axes)
      .filter((letter) => kept.includes(letter))
      .join(''),
  };
}

function product(call: NodeCall, make: Maker, a: Term, b: Term, kept: string): Term {
  const [x, y] = [summed(call, make, a, kept + b.axes), summed(call, make, b, kept + a.axes)];
  const both = letters(x.axes).filter((letter) => y.axes.includes(letter));
  const over = both.filter((letter) => !kept.includes(letter)).join('');
  const batch = both.filter((letter) => kept.includes(letter)).join('');
  const alone = (term: Term, other: Term): string =>
    letters(term.axes)
      .filter((letter) => !other.axes.includes(letter))
      .join('');
  const [rows, columns] = [alone(x, y), alone(y, x)];
  if (over === '') {
    const axes = letters(kept)
      .filter((letter) => (x.axes + y.axes).includes(letter))
      .join('');
    return { known: applied(call, make, 'Mul', [arranged(x, axes), arranged(y, axes)]), axes };
  }
  const axes = batch + rows + columns;
  const shape = letters(axes).map((letter) => extentOf(letter, x, y));
  const first = batch === '' ? [] : [batch];
  const sums = applied(call, make, 'MatMul', [merged(x, ...first, rows, over), merged(y, ...first, over, columns)]);
  return { known: viewed(sums, shape), axes };
}

const einsum: Rule = (call, make) => {
  const equation = call.text('equation', '').replaceAll(/\s/g, '');
  const [from = '', stated] = equation.split('->');
  const operands = from.split(',');
  if (!/^[A-Za-z,]*(->[A-Za-z]*)?$/.test(equation) || operands.length !== call.inputs.length)
    cannot(`the equation ${equation.slice(0, 40)} is not known, only letters for each axis of ${call.inputs.length} operands`);
  const terms = operands.map((axes, i): Term => {
    const known = call.inputs[i] ?? cannot(`input ${i} is missing`);
    if (shapeOf(known).length !== axes.length) cannot(`${axes.slice(0, 20)} are not the ${shapeOf(known).length} axes of input ${i}`);
    return { known, axes };
  });
  if ([...operands, stated ?? ''].some((axes) => new Set(axes).size !== axes.length)) cannot('a letter stands twice in one operand');
  const all = letters(operands.join(''));
  // unless it is said the result has the letters that occur once, in their order
  const result =
    stated ??
    [...new Set(all)]
      .filter((letter) => all.indexOf(letter) === all.lastIndexOf(letter))
      .sort()
      .join('');
  if (!letters(result).every((letter) => all.includes(letter))) cannot(`the result has letters that no operand has`);
  for (const letter of new Set(all)) {
    const extents = terms.flatMap(({ known, axes }) => (axes.includes(letter) ? [shapeOf(known)[axes.indexOf(letter)]] : []));
    if (new Set(extents).size > 1) cannot(`axes called ${letter} are of ${extents.slice(0, 4).join(' and ')}`);
  }
  const [first, ...others] = terms as [Term, ...Term[]];
  const last = others.reduce(
    (sum, term, i) =>
      product(
        call,
        make,
        sum,
        term,
        result +
          others
            .slice(i + 1)
            .map(({ axes }) => axes)
            .join(''),
      ),
    first,
  );
  const { known, axes } = summed(call, make, last, result);
  return liveOf(make, arranged({ known, axes }, result));
};

/** A matrix product by α, of matrices that are transposed first. */
const fusedMatMul: Rule = (call, make) => {
  if (call.int('transBatchA', 0) !== 0 || call.int('transBatchB', 0) !== 0) cannot('batches that are moved are not known');
  const operands = ['transA', 'transB'].map((name, i) => {
    const known = call.inputs[i] ?? cannot(`input ${i} is missing`);
    const rank = shapeOf(known).length;
    const isMoved = call.int(name, 0) !== 0 && rank > 1;
    return isMoved ? moved(known, [...Array(rank - 2).keys(), rank - 1, rank - 2]) : known;
  });
  const y = applied(call, make, 'MatMul', operands);
  const alpha = call.number('alpha', 1);
  return alpha === 1 ? y : times(make, y, alpha);
};

export const sums = { Einsum: einsum, 'com.microsoft.FusedMatMul': fusedMatMul } satisfies Rules;
