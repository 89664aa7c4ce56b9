import fc from 'fast-check';
import type { Bounded } from '../../src/bound/bound.js';
import { sizeOf, type Tensor, widen } from '../../src/tensor.js';
import { type Case, graphOf } from '../properties/case.js';
import { type PropertyName, properties } from '../properties/properties.js';
import type { Checked } from './checked.js';
import { prepare } from './examine.js';
import { judge } from './judge.js';
import { originOf } from './place.js';
import type { Origin } from './result.js';

/** What an engine computed for some small cases, to be compared with where there is no such engine. Inputs are made anew from the cases' seeds. */
export interface Fixture {
  readonly provenance: Origin;
  readonly date: string;
  readonly seed: number;
  readonly cases: readonly Recorded[];
}

export interface Recorded {
  readonly case: Case;
  /** float32, little-endian, row-major NCHW, in base64. */
  readonly output: string;
}

const perOp = 12;
/** Values of an output, so that a file stays below 100 KiB. */
const largest = 96;
/** Draws among which an op's small cases are looked for. */
const draws = 400;

/**
 * Runs the engine on a dozen small cases an op. A case outside its bound is not recorded, since it is a finding for the report, nor one that
 * overflows or that the engine does not support.
 */
export async function record(checked: Checked, ops: readonly PropertyName[], seed: number, date: string): Promise<Fixture> {
  const { engine, filtering } = checked;
  const cases: Recorded[] = [];
  for (const op of ops) {
    const small = fc.sample(properties[op](), { seed, numRuns: draws }).filter((drawn) => sizeOf(outputOf(drawn)) <= largest);
    for (const drawn of small.slice(-perOp)) {
      const { graph, numbers, truth } = prepare(drawn);
      try {
        const output = (await engine.run(graph, numbers.weights, numbers.inputs)).get('logits') as Tensor;
        const within = judge(drawn, output, truth(filtering), filtering).kind === 'within';
        if (within && !overflowed(output, truth(filtering))) cases.push({ case: drawn, output: encode(output) });
      } catch {
        // the report has it as a finding
      }
    }
  }
  return { provenance: originOf(engine), date, seed, cases };
}

/** Allowed where terms add up to 2^128, but nothing to compare with. */
const overflowed = (output: Tensor, { value }: Bounded): boolean =>
  output.data.some((x, i) => !Number.isFinite(x) && Number.isFinite(value.data[i]));

const outputOf = (drawn: Case): readonly number[] => graphOf(drawn).nodes.at(-1)?.shape ?? [];

/** A line a case. */
export function fixtureText({ cases, ...head }: Fixture): string {
  const fields = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`);
  return `{\n${fields.join('\n')}\n  "cases": [${cases.map((one) => `\n    ${JSON.stringify(one)}`).join(',')}\n  ]\n}\n`;
}

const encode = ({ data }: Tensor): string => Buffer.from(Float32Array.from(data).buffer).toString('base64');

/** What was recorded for the case. */
export function recordedOutput({ case: drawn, output }: Recorded): Tensor {
  return { shape: outputOf(drawn), data: new Float32Array(Uint8Array.from(Buffer.from(output, 'base64')).buffer) };
}

/**
 * The bound between two results of one case, around the one that is given: each is off the truth by at most its own bound, and γ_m + γ_n ≤ γ_{m+n}.
 * The two roundings u·|y| count as two more, unless nothing is rounded.
 */
export function between(around: Tensor, a: Bounded, b: Bounded): Bounded {
  const roundings = a.roundings + b.roundings;
  const scale = a.scale.data.map((s: number, i: number) => Math.max(s, b.scale.data[i] as number));
  return { value: widen(around), scale: { shape: around.shape, data: scale }, roundings: roundings > 0 ? roundings + 2 : 0 };
}
