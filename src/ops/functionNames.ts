/** The order of each list is the kernels' numbering: a name is known to them by its place. `@useDeclaredType` has the site show the names. */

export const functionNames = [
  'leakyRelu',
  'clip',
  'elu',
  'gelu',
  'geluTanh',
  'erf',
  'exp',
  'log',
  'sqrt',
  'abs',
  'power',
  'softplus',
  'mish',
  'floor',
  'ceil',
  'round',
  'sign',
] as const;
/** Functions of one value with at most two numbers of their own (`src/ops/apply.ts`). @useDeclaredType */
export type FunctionName = (typeof functionNames)[number];

export const combinationNames = [
  'add',
  'subtract',
  'multiply',
  'divide',
  'minimum',
  'maximum',
  'power',
  'prelu',
  'greater',
  'equal',
  'where',
] as const;
/** Functions of two values (`src/ops/combine.ts`). @useDeclaredType */
export type CombinationName = (typeof combinationNames)[number];

export const reductionNames = ['sum', 'mean', 'max', 'min'] as const;
/** What becomes of several values (`src/ops/reduce.ts`). @useDeclaredType */
export type ReductionName = (typeof reductionNames)[number];
