import type { OpName, Value } from '../ops/op.js';
import type { Gate } from './made.js';
import type { Maker } from './maker.js';

const activations: ReadonlySet<string> = new Set([
  'relu',
  'relu6',
  'silu',
  'hardSwish',
  'sigmoid',
  'hardSigmoid',
  'tanh',
] satisfies OpName[]);

/** What s = σ(W₂ δ(W₁ z + b₁) + b₂) is of u, z being the mean of each plane of u, quantised in between or not; undefined if it is not that. */
export function gateOf(make: Maker, u: Value, s: Value): Gate | undefined {
  const gate = madeOf(make, s);
  if (gate?.op !== 'sigmoid' && gate?.op !== 'hardSigmoid') return undefined;
  let below = make.unquantised(gate.inputs[0] as Value);
  let slope = 1 / 6;
  const scaled = make.made(below);
  if (scaled?.op === 'scaleBy') {
    slope *= scaled.attrs.factor as number;
    below = make.unquantised(scaled.inputs[0] as Value);
  }
  const hidden = operandOf(make, below, 'linear');
  const inner = hidden && madeOf(make, hidden);
  if (inner === undefined || !activations.has(inner.op)) return undefined;
  const reduced = make.unquantised(inner.inputs[0] as Value);
  const squeezed = operandOf(make, make.made(reduced)?.op === 'batchNorm' ? (make.made(reduced)?.inputs[0] as Value) : reduced, 'linear');
  const pooled = squeezed && operandOf(make, squeezed, 'globalAvgPool');
  return pooled?.id === u.id ? { activation: gate.op, slope, inner: inner.op as OpName } : undefined;
}

/** How a value was made, or what was quantised to it. */
const madeOf = (make: Maker, value: Value): ReturnType<Maker['made']> => make.made(make.unquantised(value));

/** The first operand of a value that an op made. */
function operandOf(make: Maker, value: Value, op: OpName): Value | undefined {
  const made = madeOf(make, value);
  return made?.op === op ? made.inputs[0] : undefined;
}
