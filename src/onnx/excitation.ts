import type { OpName, Value } from '../ops/op.js';
import type { FoundGate, Gate, Made } from './made.js';
import type { Affine, Maker } from './maker.js';

/** What a published excitation has between its layers, and in the place of σ. */
const inner: ReadonlySet<string> = new Set(['relu', 'relu6', 'silu', 'hardSwish'] satisfies OpName[]);
const outer: ReadonlySet<string> = new Set(['sigmoid', 'hardSigmoid'] satisfies OpName[]);
/** Others of one value that files put there. */
const functions: ReadonlySet<string> = new Set([...inner, ...outer, 'tanh', 'apply']);

/** Slopes of published hard sigmoids: PyTorch's, and Keras's and Paddle's. */
const slopes = [1 / 6, 0.2];

/**
 * What s is of u, if it is made of the mean of each plane of u by layers and functions alone, whatever their order: an excitation (Hu 2018, eq. 3), as
 * s = σ(W₂ δ(W₁ z + b₁) + b₂). What no published network has is said. undefined if it is no gate of u.
 */
export function gateOf(make: Maker, u: Value, s: Value): FoundGate | undefined {
  const chain = chainOf(make, u, s);
  const last = chain?.at(-1);
  if (chain === undefined || last === undefined || !functions.has(last.op)) return undefined;
  const activation = last.op as OpName;
  const base = make.base(last.inputs[0] as Value);
  const isHard = activation === 'hardSigmoid';
  // several shifts are the layer's bias
  const [gain, shift] = [only(base.gain), base.shift.length > 1 ? 0 : only(base.shift)];
  const slope = isHard ? gain / 6 : 1;
  const offset = isHard ? shift / 6 + 0.5 : 0;
  const order = chain.map(({ op }) => op).filter((op) => op === 'linear' || functions.has(op));
  const [, between = null] = order.length === 4 ? order : [];
  const unusual = unusualIn(order, isHard, slope, offset);
  const gate: Gate = { activation, slope, offset, inner: between as OpName | null, ...(unusual !== undefined && { unusual }) };
  return { gate, value: isHard && base.shift.length === 1 ? folded(make, s, base, gain, shift) : s };
}

/** How s was made of the mean of each plane of u, from the first op on; undefined if it was not. */
function chainOf(make: Maker, u: Value, s: Value): readonly Made[] | undefined {
  const chain: Made[] = [];
  for (let at = make.unquantised(s); ; ) {
    const made = make.made(at);
    const from = made?.inputs[0];
    if (made === undefined || from === undefined) return undefined;
    if (made.op === 'globalAvgPool')
      return make.unquantised(from).id === make.unquantised(u).id || make.hasIntegersOf(from, u) ? chain.reverse() : undefined;
    const isLink = functions.has(made.op) || ['linear', 'batchNorm', 'scaleBy', 'shift'].includes(made.op);
    const links = isLink ? [made] : make.integerLinks(at);
    if (links === undefined || at.shape.length !== 2) return undefined;
    chain.push(...links);
    at = make.unquantised(links.at(-1)?.inputs[0] ?? from);
  }
}

/** One number for all channels; NaN if there are several. */
const only = (numbers: readonly number[]): number => (numbers.length === 1 ? (numbers[0] as number) : Number.NaN);

function unusualIn(order: readonly string[], isHard: boolean, slope: number, offset: number): string | undefined {
  const isUsual = (op: string | undefined, known: ReadonlySet<string>): boolean => op !== undefined && known.has(op);
  // VoVNet's has one layer (Lee 2020, arXiv:1911.06667)
  const isOne = order.length === 2 && order[0] === 'linear' && isUsual(order[1], outer);
  const isTwo =
    order.length === 4 && order[0] === 'linear' && isUsual(order[1], inner) && order[2] === 'linear' && isUsual(order[3], outer);
  if (!isOne && !isTwo) return `its order is ${order.join(', ')}`;
  if (!isHard) return undefined;
  const isPublished = slopes.some((known) => slope === known || Math.abs(slope - known) <= known * 2 ** -22) && offset === 0.5;
  return isPublished ? undefined : `its hard sigmoid has slope ${slope.toPrecision(6)} and offset ${offset.toPrecision(6)}`;
}

/** The hard sigmoid of a layer whose weights are scaled instead of what it gives, so that the excitation is one kernel call as ours are. */
function folded(make: Maker, s: Value, { x }: Affine, gain: number, shift: number): Value {
  const layer = make.made(x);
  if ((gain === 1 && shift === 0) || Number.isNaN(gain + shift) || layer?.op !== 'linear') return s;
  return make.emit('hardSigmoid', [make.scaledLayer(layer.inputs, gain, shift)], {});
}
