import { UnsupportedError } from '../errors.js';
import type { Interpreter } from '../graph/evaluate.js';
import type { InferenceOp, Node, OpName, PointwiseOp, QuantisedAttrs, QuantisedLayerAttrs } from '../ops/op.js';
import type { IntegerWeights, Quantisation } from '../ops/quantised/quantisation.js';
import { map, type Tensor } from '../tensor.js';
import type { Bounded, BoundRule } from './rule.js';

/*
 * What any engine may give for the operators that a quantised op stands for: DequantizeLinear, an operator of floats, QuantizeLinear. Their function of real
 * numbers is one; an engine may compute it in float32, or in integers and one multiplication, with zero points subtracted or multiplied out. So what lies
 * before the rounding is within float32's bound of the real number, and the integer within half a quantum of that: `spare` is the half.
 */

type Rules = Interpreter<Bounded, keyof QuantisedAttrs>;

/** @param of the bounds of ops of floats */
export function qdqBounds(of: Interpreter<Bounded, InferenceOp>, exactly: Rules): Rules {
  const float = <K extends InferenceOp>(op: K, inputs: readonly Bounded[], node: Node, attrs: unknown = {}): Bounded =>
    (of[op] as unknown as BoundRule<OpName>)(inputs, { ...node, op, attrs } as Node);
  const layer = (op: 'conv2d' | 'linear', inputs: readonly Bounded[], node: Node, attrs: QuantisedLayerAttrs): Bounded => {
    const [x, w, scales, bias] = inputs as readonly [Bounded, Bounded, Bounded, Bounded?];
    const factors = scales.value.data;
    const operands = [
      { ...dequantised(x, attrs.x, node), roundings: 2 }, // its own, and that of the weight that it meets
      weightsOf(w.value, attrs.w, factors),
      ...(bias ? [biasOf(bias.value, attrs.x, factors)] : []),
    ];
    return maybe(float(op, operands, node, attrs), attrs.y);
  };
  return {
    ...exactly,
    quantise: ([x], { attrs }) => integersOf(x as Bounded, attrs.y),
    dequantise: ([x], node) => dequantised(x as Bounded, node.attrs.x, node),
    quantisedConv2d: (inputs, node) => layer('conv2d', inputs, node, node.attrs),
    quantisedLinear: (inputs, node) => layer('linear', inputs, node, node.attrs),
    quantisedAdd([a, b], node) {
      const operands = [dequantised(a as Bounded, node.attrs.a, node), dequantised(b as Bounded, node.attrs.b, node)];
      return integersOf(float('add', operands, node), node.attrs.y);
    },
    quantisedScale([u, s, residual], node) {
      const { u: from, residual: other, y } = node.attrs;
      const scaled = float('scale', [dequantised(u as Bounded, from, node), s as Bounded], node);
      const sum = other ? float('add', [scaled, dequantised(residual as Bounded, other, node)], node) : scaled;
      return integersOf(sum, y);
    },
    quantisedPointwise([x], node) {
      const real = dequantised(x as Bounded, node.attrs.x, node);
      return integersOf(node.attrs.of === 'identity' ? real : float<PointwiseOp>(node.attrs.of, [real], node), node.attrs.y);
    },
    quantisedGlobalAvgPool: ([u], node) => float('globalAvgPool', [dequantised(u as Bounded, node.attrs.u, node)], node),
  };
}

/** @throws UnsupportedError for integers that may be the next ones */
function dequantised({ value, roundings, spare = 0 }: Bounded, { scale, zeroPoint }: Quantisation, { op, id }: Node): Bounded {
  if (roundings > 0 || spare > 0)
    throw new UnsupportedError(`${op}, node ${id}: integers that were not told have no bound there, since they may be the next ones`);
  return {
    value: map(value, (q) => (q - zeroPoint) * scale),
    scale: map(value, (q) => (Math.abs(q) + Math.abs(zeroPoint)) * scale),
    roundings: scale === 1 ? 0 : 1, // whole numbers are exact
  };
}

/** [O, ...], with a scale for each output. */
function weightsOf(w: Tensor, { zeroPoints }: IntegerWeights, factors: ArrayLike<number>): Bounded {
  const each = w.data.length / factors.length;
  const per = (term: (q: number, zeroPoint: number) => number): Tensor => ({
    shape: w.shape,
    data: Float64Array.from(w.data, (q, i) => {
      const o = Math.floor(i / each);
      return term(q, (zeroPoints.length === 1 ? zeroPoints[0] : zeroPoints[o]) as number) * (factors[o] as number);
    }),
  });
  return { value: per((q, zero) => q - zero), scale: per((q, zero) => Math.abs(q) + Math.abs(zero)), roundings: 1 };
}

/** In units of x's scale times each output's, a product that is rounded. */
function biasOf(bias: Tensor, { scale }: Quantisation, factors: ArrayLike<number>): Bounded {
  const value = { shape: bias.shape, data: Float64Array.from(bias.data, (b, o) => b * scale * (factors[o] as number)) };
  return { value, scale: map(value, Math.abs), roundings: 2 };
}

const maybe = (real: Bounded, y: Quantisation | undefined): Bounded => (y ? integersOf(real, y) : real);

/** Two roundings more, of the division or of one by the inverse; then the nearest integer. Clipping moves no two numbers further apart. */
function integersOf({ value, scale, roundings }: Bounded, y: Quantisation): Bounded {
  return {
    value: map(value, (x) => Math.min(Math.max(x / y.scale + y.zeroPoint, y.range[0]), y.range[1])),
    scale: map(scale, (terms) => terms / y.scale),
    roundings: roundings + 2,
    spare: 0.5,
  };
}
