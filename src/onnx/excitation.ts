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

/** What s = σ(W₂ δ(W₁ z + b₁) + b₂) is of u, z being the mean of each plane of u; undefined if it is not that. */
export function gateOf(make: Maker, u: Value, s: Value): Gate | undefined {
  const gate = make.made(s);
  if (gate?.op !== 'sigmoid' && gate?.op !== 'hardSigmoid') return undefined;
  let below = gate.inputs[0] as Value;
  let slope = 1 / 6;
  const scaled = make.made(below);
  if (scaled?.op === 'scaleBy') {
    slope *= scaled.attrs.factor as number;
    below = scaled.inputs[0] as Value;
  }
  const hidden = operandOf(make, below, 'linear');
  const inner = hidden && make.made(hidden);
  if (inner === undefined || !activations.has(inner.op)) return undefined;
  const reduced = inner.inputs[0] as Value;
  const squeezed = operandOf(make, make.made(reduced)?.op === 'batchNorm' ? (make.made(reduced)?.inputs[0] as Value) : reduced, 'linear');
  const pooled = squeezed && operandOf(make, squeezed, 'globalAvgPool');
  return pooled?.id === u.id ? { activation: gate.op, slope, inner: inner.op as OpName } : undefined;
}

/** The first operand of a value that an op made. */
function operandOf(make: Maker, value: Value, op: OpName): Value | undefined {
  const made = make.made(value);
  return made?.op === op ? made.inputs[0] : undefined;
}
