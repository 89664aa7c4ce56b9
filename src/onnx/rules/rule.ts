import type { NodeCall } from '../arguments.js';
import type { IntegerForms, Maker } from '../maker.js';
import type { Constant } from '../tensor.js';
import { cannot, type Fixed, isFixed, type Known, type Live } from '../values.js';

/** What a node of ONNX becomes: its outputs, or the one; a constant where only its type is another. @throws Inexpressible with the reason */
export type Rule = (call: NodeCall, make: Maker) => Known | readonly Known[];

export type Rules = Readonly<Record<string, Rule>>;

/** What an operator makes of constants: the arithmetic of shapes, mostly, and what weights are standardised by. */
export type Fold = (call: NodeCall, inputs: readonly Constant[]) => Constant | readonly Constant[];

export type Folds = Readonly<Record<string, Fold>>;

/** Those whose rules are loaded for the files that have some (rarer.ts). */
export type RarerOperator =
  | 'PRelu'
  | 'LogSoftmax'
  | 'Elu'
  | 'Erf'
  | 'Log'
  | 'Abs'
  | 'Reciprocal'
  | 'Selu'
  | 'Celu'
  | 'Gelu'
  | 'Softplus'
  | 'Softsign'
  | 'Mish'
  | 'Floor'
  | 'Ceil'
  | 'Round'
  | 'Sign'
  | 'ReduceL1'
  | 'ReduceL2'
  | 'ReduceSumSquare'
  | 'ReduceLogSum'
  | 'ReduceLogSumExp'
  | 'ConvTranspose'
  | 'DepthToSpace'
  | 'SpaceToDepth'
  | 'LRN'
  | 'LayerNormalization'
  | 'InstanceNormalization'
  | 'GroupNormalization'
  | 'Greater'
  | 'Less'
  | 'Equal'
  | 'GreaterOrEqual'
  | 'LessOrEqual'
  | 'And'
  | 'Or'
  | 'Not'
  | 'Where'
  | 'Resize'
  | 'Upsample'
  | 'DynamicQuantizeLinear'
  | 'QuantizeLinear'
  | 'DequantizeLinear'
  | 'QLinearConv'
  | 'ConvInteger'
  | 'MatMulInteger'
  | 'QLinearMatMul'
  | 'CastLike'
  | 'Einsum'
  | 'Tile'
  | 'If'
  | 'com.microsoft.FusedMatMul';

/** What they bring along. */
export interface Rarer {
  readonly rules: Readonly<Record<RarerOperator | 'BatchNormalization', Rule>>;
  readonly folds: Folds;
  readonly integerForms: IntegerForms;
}

export function liveInput({ inputs }: NodeCall, i = 0): Live {
  const found = inputs[i];
  if (found === undefined) return cannot(`input ${i} is missing`);
  return isFixed(found) ? cannot(`input ${i} is a constant, and this operator is known of values only`) : found;
}

export function fixedInput({ inputs }: NodeCall, i: number, what: string): Fixed {
  const found = inputs[i];
  if (found === undefined) return cannot(`${what} is missing`);
  return isFixed(found) ? found : cannot(`${what} must be constant`);
}
