import { showShape } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import type { Inputs } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import type { OpAttrs, OpName, Value } from '../../src/ops/op.js';
import { type Shape, sizeOf, type Tensor } from '../../src/tensor.js';
import { fill, type Magnitude, type Operand, type Values } from './values.js';

export type Op = Exclude<OpName, 'input' | 'param'>;

/** One op on operands of given shapes: plain data, so that it is printed, shrunk and stored. All numbers come from the seed. */
export interface Case<K extends Op = Op> {
  readonly op: K;
  /** Of the operands that are inputs, which come first. */
  readonly inputs: readonly Shape[];
  /** Of those that are parameters. */
  readonly params: readonly Shape[];
  readonly attrs: OpAttrs[K];
  readonly values: Values;
  readonly seed: number;
}

const paramNames: Partial<Record<Op, readonly string[]>> = {
  conv2d: ['conv.weight', 'conv.bias'],
  linear: ['fc.weight', 'fc.bias'],
  batchNorm: ['bn.weight', 'bn.bias', 'bn.running_mean', 'bn.running_var'],
};

/** Powers of e need arguments from where they vanish to where they saturate. */
const exponential: readonly Op[] = ['sigmoid', 'silu', 'tanh', 'softmax'];
/** Clamps need some on either side. */
const clamping: readonly Op[] = ['relu6', 'hardSigmoid', 'hardSwish'];
const multiplying: readonly Op[] = ['conv2d', 'linear', 'batchNorm', 'scale', 'multiply', 'hardSwish', 'silu'];
const magnitudeOf = ({ op, params }: Case): Magnitude => ({
  ordinary: exponential.includes(op) ? 104 : clamping.includes(op) ? 8 : 1,
  multiplies: multiplying.includes(op),
  terms: op === 'conv2d' || op === 'linear' ? sizeOf((params[0] as Shape).slice(1)) : 1,
});

export const param = (x: Value, name: string, shape: Shape): Value => x.graph.emit('param', [], { name, shape, trainable: true });
export const inputLike = (x: Value, name: string, shape: Shape): Value => x.graph.emit('input', [], { name, shape });

/** In the order in which the op takes them. */
function operandsOf({ op, inputs, params }: Case): readonly Operand[] {
  return [
    ...inputs.map((shape, i) => ({
      name: i === 0 ? 'input' : `input${i}`,
      shape,
      role: op === 'scale' && i === 1 ? ('factor' as const) : ('activation' as const),
    })),
    ...params.map((shape, i) => ({ name: paramNames[op]?.[i] as string, shape, role: 'factor' as const })),
  ];
}

/** The graph of the op alone. */
export function graphOf(drawn: Case): Graph {
  const [first, ...others] = operandsOf(drawn);
  return build((first as Operand).shape, (x) => {
    const operands = others.map(({ name, shape }, i) => (i + 1 < drawn.inputs.length ? inputLike(x, name, shape) : param(x, name, shape)));
    return x.graph.emit(drawn.op, [x, ...operands], drawn.attrs);
  });
}

/** The numbers of its operands. */
export function numbersOf(drawn: Case): { readonly weights: ReadonlyMap<string, Tensor>; readonly inputs: Inputs } {
  const named = operandsOf(drawn).map(
    (operand, i) => [operand.name, fill(operand, drawn.values, drawn.seed + i, magnitudeOf(drawn))] as const,
  );
  return {
    inputs: Object.fromEntries(named.slice(0, drawn.inputs.length)),
    weights: new Map(named.slice(drawn.inputs.length)),
  };
}

/** `conv2d of input [1, 1, 1, 1], conv.weight [1, 1, 1, 1], stride [1, 1], …; ordinary values, seed 7` */
export function caseText(drawn: Case): string {
  const operands = operandsOf(drawn).map(({ name, shape }) => `${name} ${showShape(shape)}`);
  const attrs = Object.entries(drawn.attrs).map(([name, value]) => `${name} ${Array.isArray(value) ? showShape(value) : value}`);
  return `${drawn.op} of ${[...operands, ...attrs].join(', ')}; ${drawn.values} values, seed ${drawn.seed}`;
}
