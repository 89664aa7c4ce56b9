import { syntheticTensor } from '../../src/io/synthetic.js';
import { map, type Shape, type Tensor } from '../../src/tensor.js';

/**
 * What a case's numbers are like. `zeros`: half of them exactly 0, of either sign; `mixed`: magnitudes 2^±24; `tiny`: products underflow, now
 * and then; `huge`: sums come close to 2^128 and pass it, now and then; `denormal`: activations below 2^−126; `infinite` and `nan`: some
 * activations are; `scattered`: so few are, one at least, that most sums meet none of them. The first is what failures shrink towards.
 */
export type Values = 'ordinary' | 'zeros' | 'mixed' | 'tiny' | 'huge' | 'denormal' | 'infinite' | 'nan' | 'scattered';

export interface Operand {
  /** Ordinary parameters are as uniform-v1 makes them: told by their names. */
  readonly name: string;
  readonly shape: Shape;
  readonly role: 'activation' | 'factor';
}

export interface Magnitude {
  /** The largest ordinary activation. */
  readonly ordinary: number;
  /** Whether the op multiplies operands with one another: then they are tiny and huge by half of the exponent. */
  readonly multiplies: boolean;
  /** How many activations a result sums up, padding included. */
  readonly terms: number;
}

/** Exponents of two, from and to. */
const ranges = {
  mixed: { alone: [-24, 24], multiplied: [-24, 24] },
  tiny: { alone: [-126, -100], multiplied: [-80, -55] },
  huge: { alone: [110, 127], multiplied: [50, 63] },
} as const;

const uniform = (shape: Shape, seed: number): Tensor => syntheticTensor('input', shape, seed);

/** The operand's numbers, in float32, from the seed alone. Variances are not negative. */
export function fill(operand: Operand, values: Values, seed: number, magnitude: Magnitude): Tensor {
  const drawn = draw(operand, values, seed, magnitude);
  return operand.name.endsWith('running_var') ? map(drawn, Math.abs) : drawn;
}

function draw({ name, shape, role }: Operand, values: Values, seed: number, { ordinary, multiplies, terms }: Magnitude): Tensor {
  const usual = role === 'activation' ? map(uniform(shape, seed), (r) => r * ordinary) : syntheticTensor(name, shape, seed);
  const dice = uniform(shape, seed ^ 0x55555555).data;
  const roll = (i: number): number => dice[i] as number;
  switch (values) {
    case 'ordinary':
      return usual;
    case 'zeros':
      return mapAt(usual, (x, i) => (roll(i) < -0.75 ? -0 : roll(i) < 0 ? 0 : x));
    case 'mixed':
    case 'tiny':
    case 'huge': {
      const [from, to] = ranges[values][multiplies ? 'multiplied' : 'alone'];
      const exponent = (i: number): number => Math.floor(from + ((to + 1 - from) * (roll(i) + 1)) / 2);
      return mapAt(uniform(shape, seed), (r, i) => (Math.sign(r) || 1) * (1 + Math.abs(r) / 2) * 2 ** exponent(i));
    }
    case 'denormal':
      return role === 'activation' ? map(uniform(shape, seed), (r) => r * 2 ** -126) : usual;
    case 'infinite':
      return role === 'activation' ? mapAt(usual, (x, i) => (roll(i) < -0.75 ? Infinity * (Math.sign(x) || 1) : x)) : usual;
    case 'nan':
      return role === 'activation' ? mapAt(usual, (x, i) => (roll(i) < -0.75 ? NaN : roll(i) > 0.9 ? Infinity : x)) : usual;
    case 'scattered': {
      if (role !== 'activation') return usual;
      const always = seed % usual.data.length;
      const least = 1 - 1 / (2 * terms); // one activation in 4 · terms
      return mapAt(usual, (x, i) => (i === always || roll(i) > least ? (oddities[(seed + i) % 3] as number) : x));
    }
  }
}

const oddities = [NaN, Infinity, -Infinity] as const;

function mapAt(x: Tensor, f: (value: number, i: number) => number): Tensor {
  return { shape: x.shape, data: Float32Array.from(x.data, f) };
}
