import { map, operands, type Tensor } from '../tensor.js';
import { noMacs, type OpDef, type PointwiseOp, type Value, type Vjp } from './op.js';

/** The op y = f(x) on each value; f′ is in training/pointwiseGrad.ts. */
export const pointwise = <K extends PointwiseOp>(op: K): OpDef<K> => ({ infer: (inputs) => operands(op, inputs, 1)[0], macs: noMacs });

/** f(x) of each value. */
export const each = (op: PointwiseOp, inputs: readonly Tensor[], f: (x: number) => number): Tensor => map(operands(op, inputs, 1)[0], f);

/** Where these are flat in x, their results tell: a run has to keep those anyway, and need not keep x. */
const flatWhereResultIs: readonly PointwiseOp[] = ['relu', 'relu6'];

export const pointwiseVjp =
  <K extends PointwiseOp>(op: K): Vjp<K> =>
  ({ inputs: [x], y, dy }) => [dy.graph.emit('pointwiseGrad', [flatWhereResultIs.includes(op) ? y : (x as Value), dy], { of: op })];
