import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { fmix32 } from '../io/synthetic.js';

/** A stream of chance. */
export interface Random {
  /** Uniform in [from, to). */
  between(from: number, to: number): number;
  /** A whole number from `least` to `most`, both among them. */
  whole(least: number, most: number): number;
}

/** One word of state each: digits of π, so that no key meets a state of zeros by design. */
const salts = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const;

/**
 * The stream of a key of whole numbers, such as seed, epoch and position: xoroshiro128+ from the key's hash. The key alone gives the stream, so
 * that nothing need be stored or drawn in order; streams of neighbouring keys have nothing in common.
 */
export function randomOf(...key: readonly number[]): Random {
  const halves = key.flatMap((part) => [part | 0, Math.floor(part / 2 ** 32) | 0]);
  const state = salts.map((salt) => halves.reduce((hash, half) => fmix32(Math.imul(hash, 0x9e3779b1) ^ half), salt));
  const generator = xoroshiro128plusFromState(state);
  return {
    between: (from, to) => from + (to - from) * uniformFloat64(generator),
    whole: (least, most) => uniformInt(generator, least, most),
  };
}

/** The values in an order in which each is as likely as any other (Fisher & Yates). */
export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const out = [...values];
  for (let last = out.length - 1; last > 0; last--) {
    const chosen = random.whole(0, last);
    [out[last], out[chosen]] = [out[chosen] as T, out[last] as T];
  }
  return out;
}
