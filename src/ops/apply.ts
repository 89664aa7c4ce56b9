import { halfToEven, map, operands } from '../tensor.js';
import { erf } from './erf.js';
import type { FunctionName } from './functionNames.js';
import { type Forward, noMacs, type OpAttrs, type OpDef } from './op.js';

type Constants = Pick<OpAttrs['apply'], 'a' | 'b'>;

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Each by its formula; a NaN stays one. */
export const functions: Readonly<Record<FunctionName, (x: number, constants: Constants) => number>> = {
  /** Maas 2013, §2: a · x below 0. */
  leakyRelu: (x, { a }) => (x < 0 ? a * x : x),
  /** From a to b; b where a is larger. */
  clip: (x, { a, b }) => Math.min(Math.max(x, a), b),
  /** Clevert 2016 (arXiv:1511.07289, eq. 15): a · (e^x − 1) below 0. */
  elu: (x, { a }) => (x < 0 ? a * Math.expm1(x) : x),
  /** Hendrycks 2016 (arXiv:1606.08415, §2): x · Φ(x). */
  gelu: (x) => (x / 2) * (1 + erf(x * Math.SQRT1_2)),
  /** The same, as there approximated. */
  geluTanh: (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  erf,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  abs: Math.abs,
  power: (x, { a }) => x ** a,
  softplus,
  /** Misra 2019 (arXiv:1908.08681, eq. 1). */
  mish: (x) => x * Math.tanh(softplus(x)),
  floor: Math.floor,
  ceil: Math.ceil,
  /** Halves to the even neighbour (IEEE 754, roundTiesToEven). */
  round: halfToEven,
  sign: Math.sign,
};

export const apply: OpDef<'apply'> = {
  infer: (inputs) => operands('apply', inputs, 1)[0],
  macs: noMacs,
};

/** y = f(x) on each value, f one of `functions` with its numbers a and b. */
export const forward: Forward<'apply'> = (inputs, attrs) =>
  map(operands('apply', inputs, 1)[0], (x) => functions[attrs.function](x, attrs));
