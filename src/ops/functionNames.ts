/** Functions of one value with at most two numbers of their own (`src/ops/apply.ts`). The kernels know each by its place here. */
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
export type FunctionName = (typeof functionNames)[number];

/** Functions of two values (`src/ops/combine.ts`). Their order, too, is the kernels' numbering. */
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
export type CombinationName = (typeof combinationNames)[number];

/** What becomes of several values (`src/ops/reduce.ts`), in the kernels' numbering. */
export const reductionNames = ['sum', 'mean', 'max', 'min'] as const;
export type ReductionName = (typeof reductionNames)[number];
