import fc from 'fast-check';
import { type Case, caseText, numbersOf } from '../properties/case.js';
import { type PropertyName, properties } from '../properties/properties.js';
import type { Checked } from './checked.js';
import { examine, type Outcome, type Prepared, prepare } from './examine.js';
import { labelOf } from './place.js';
import { type Fault, type Finding, faults, type Row } from './result.js';
import { webnnLimit } from './ulp.js';

export interface Draws {
  readonly seed: number;
  readonly cases: number;
  /** The milliseconds that a GPU's engine has for one op. Beyond them it is given no more than `leastOnGpu` cases. */
  readonly gpuMs: number;
}

/** Of each op, however slow the adapter. */
export const leastOnGpu = 50;

/** A shrink ends here with the smallest case so far: a software GPU takes up to a second a run. */
const shrinkMs = 30_000;

/** What an engine's cases came to, while they run. */
interface Tally {
  readonly checked: Checked;
  spentMs: number;
  cases: number;
  unsupported: number;
  refusal?: string;
  composed: number;
  ratio: number;
  ulps: number;
  beyondWebnn: number;
  /** By fault: how many, and which draw to shrink from; one of ordinary numbers where there is one. */
  readonly found: Map<Fault, { count: number; draw: number; ordinary: boolean }>;
}

/** One op: the same drawn cases on every engine, and a smallest case for each fault of each. */
export async function measure(
  op: PropertyName,
  engines: readonly Checked[],
  { seed, cases, gpuMs }: Draws,
  progress: (text: string) => void,
): Promise<{ readonly rows: readonly Row[]; readonly findings: readonly Finding[] }> {
  const tallies = engines.map(newTally);
  const draws = fc.sample(properties[op](), { seed, numRuns: cases });
  for (const [draw, drawn] of draws.entries()) {
    if (draw > 0 && draw % 100 === 0) progress(`${op}: ${draw} of ${cases} cases`);
    const prepared = prepare(drawn);
    for (const tally of tallies) {
      const { adapter } = tally.checked.engine;
      if (adapter !== undefined && tally.spentMs > gpuMs && draw >= leastOnGpu) continue;
      const start = performance.now();
      const outcome = await examine(prepared, tally.checked);
      tally.spentMs += performance.now() - start;
      count(tally, prepared, draw, outcome);
    }
  }
  const findings: Finding[] = [];
  for (const { checked, found } of tallies)
    for (const [fault, { count, draw }] of found) {
      progress(`${op}: ${labelOf(checked.engine)} has ${count} cases ${fault}; looking for the smallest`);
      findings.push(await shrink(op, checked, fault, count, seed, draw));
    }
  return { rows: tallies.map((tally) => rowOf(op, tally)), findings };
}

const newTally = (checked: Checked): Tally => ({
  checked,
  spentMs: 0,
  cases: 0,
  unsupported: 0,
  composed: 0,
  ratio: 0,
  ulps: 0,
  beyondWebnn: 0,
  found: new Map(),
});

function count(tally: Tally, { drawn }: Prepared, draw: number, outcome: Outcome): void {
  if (outcome.kind === 'unsupported') {
    tally.unsupported++;
    tally.refusal ??= outcome.message;
    return;
  }
  tally.cases++;
  if (tally.checked.composes(drawn)) tally.composed++;
  if (outcome.kind === 'within' || outcome.kind === 'above') {
    tally.ratio = Math.max(tally.ratio, outcome.ratio);
    tally.ulps = Math.max(tally.ulps, outcome.ulps);
    if (outcome.ulps > (webnnLimit(drawn) ?? Infinity)) tally.beyondWebnn++;
  }
  if (outcome.kind === 'within') return;
  const found = tally.found.get(outcome.kind);
  const ordinary = drawn.values === 'ordinary';
  if (found === undefined) tally.found.set(outcome.kind, { count: 1, draw, ordinary });
  else {
    found.count++;
    if (ordinary && !found.ordinary) Object.assign(found, { draw, ordinary });
  }
}

const rowOf = (op: PropertyName, { checked, found, cases, unsupported, refusal, composed, ratio, ulps, beyondWebnn }: Tally): Row => ({
  op,
  engine: labelOf(checked.engine),
  cases,
  unsupported,
  ...(refusal !== undefined && { refusal }),
  composed,
  ratio,
  ulps,
  beyondWebnn,
  faults: Object.fromEntries(faults.map((fault) => [fault, found.get(fault)?.count ?? 0])) as Row['faults'],
});

/** The smallest case with the same fault that the draw shrinks to. */
async function shrink(op: PropertyName, checked: Checked, fault: Fault, cases: number, seed: number, draw: number): Promise<Finding> {
  const sound = fc.asyncProperty(properties[op](), async (drawn) => (await examine(prepare(drawn), checked)).kind !== fault);
  const { counterexample, counterexamplePath } = await fc.check(sound, {
    seed,
    path: String(draw),
    numRuns: 1,
    interruptAfterTimeLimit: shrinkMs,
  });
  // an engine that errs at random may not do so again: then the draw itself is the smallest
  const path = counterexamplePath ?? String(draw);
  const smallest = counterexample?.[0] ?? (fc.sample(properties[op](), { seed, path, numRuns: 1 })[0] as Case);
  const what = outcomeText(smallest, await examine(prepare(smallest), checked));
  return { op, engine: labelOf(checked.engine), ours: checked.ours, fault, cases, smallest, path, what };
}

/** The case and what came of it, on one line; with its inputs where they are few. */
export function outcomeText(drawn: Case, outcome: Outcome): string {
  const values = Object.values(numbersOf(drawn).inputs).flatMap(({ data }) => [...data]);
  const inputs = values.length <= 4 ? ` (input ${values.join(', ')})` : '';
  return `${caseText(drawn)}${inputs}: ${wordsOf(outcome)}`;
}

function wordsOf(outcome: Outcome): string {
  if ('message' in outcome) return `${outcome.kind}: ${outcome.message}`;
  const { kind, ratio, index, actual, exact } = outcome;
  const bounds = kind === 'nonfinite' ? '' : `, ${boundsText(ratio)} bounds off`;
  return `value ${index} is ${actual}, exactly ${exact}${bounds}`;
}

/** Three digits; an error where there may be none is infinitely many bounds. */
export function boundsText(ratio: number): string {
  if (ratio === Number.MAX_VALUE) return '∞';
  return ratio < 1000 ? ratio.toFixed(2) : ratio.toExponential(1);
}
