import { map, operands } from '../tensor.js';
import { noMacs, type OpDef, type PointwiseOp, type Value } from './op.js';

/** Where these are flat in x, their results tell: a run has to keep those anyway, and need not keep x. */
const flatWhereResultIs: readonly PointwiseOp[] = ['relu', 'relu6'];

/** The op y = f(x) on each value; f′ is in training/pointwiseGrad.ts. */
export function pointwise<K extends PointwiseOp>(op: K, f: (x: number) => number): OpDef<K> {
  return {
    infer: (inputs) => operands(op, inputs, 1)[0],
    forward: (inputs) => map(operands(op, inputs, 1)[0], f),
    macs: noMacs,
    vjp: ({ inputs: [x], y, dy }) => [dy.graph.emit('pointwiseGrad', [flatWhereResultIs.includes(op) ? y : (x as Value), dy], { of: op })],
  };
}
