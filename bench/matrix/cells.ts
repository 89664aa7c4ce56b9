import type { Answer, Bits, Each } from './answer.js';
import { type Group, isIn } from './groups.js';
import type { Measured } from './measure.js';

/** A column of docs/runtimes.md. */
interface Column {
  readonly head: string;
  cell(answer: Answer, first: Answer, groups: readonly Group[]): string;
}

export const columns: readonly Column[] = [
  { head: 'SharedArrayBuffer', cell: ({ sharedMemory }) => (sharedMemory ? 'yes' : 'no') },
  { head: 'relaxed SIMD', cell: ({ relaxed }) => ({ none: 'no', fused: 'yes', 'not fused': 'yes, not fused' })[relaxed] },
  { head: 'vectors', cell: ({ vectors }) => worstText(vectors) },
  {
    head: 'classifier',
    cell({ pictures }, first) {
      const same = (key: 'label' | 'bits'): string => equalText(pictures, first.pictures, (picture) => picture[key]);
      return `${same('label')} labels, ${same('bits')} to the bit`;
    },
  },
  { head: 'strict bits', cell: ({ bits }, first) => equalText(bits, first.bits, ({ strict }) => strict) },
  { head: 'relaxed bits', cell: (answer, _, groups) => groups.find((group) => isIn(answer, group))?.name ?? '–' },
  { head: 'threads', cell: threadsText },
];

export const cells = ({ answer }: Measured, first: Answer, groups: readonly Group[]): readonly string[] =>
  columns.map(({ cell }) => (typeof answer === 'string' ? 'failed' : cell(answer, first, groups)));

/** The results that are some. */
const given = <T>(each: Each<T>): readonly (readonly [string, T])[] =>
  Object.entries(each).flatMap(([name, told]) => (typeof told === 'string' ? [] : [[name, told as T] as const]));

/** `4 of 4`. */
function equalText<T>(each: Each<T>, first: Each<T>, part: (result: T) => string): string {
  const expected = new Map(given(first));
  const equal = given(each).filter(([name, result]) => {
    const other = expected.get(name);
    return other !== undefined && part(result) === part(other);
  });
  return `${equal.length} of ${Object.keys(each).length}`;
}

/** An error that is missing or above the limit counts as Infinity. */
export function worstOf(vectors: Answer['vectors']): number {
  const errors = given(vectors).map(([, { error, pass }]) => (pass && error !== null ? error : Number.POSITIVE_INFINITY));
  return errors.length < Object.keys(vectors).length ? Number.POSITIVE_INFINITY : Math.max(...errors);
}

function worstText(vectors: Answer['vectors']): string {
  if (Object.keys(vectors).length === 0) return '–';
  const worst = worstOf(vectors);
  return Number.isFinite(worst) ? worst.toExponential(1) : 'failed';
}

/** `4 of 4`, or why there is one thread. */
function threadsText(answer: Answer): string {
  const why = whyOneThread(answer);
  if (why !== undefined) return `one: ${why}`;
  const pairs = onTwoAndOne(answer);
  return `${pairs.filter(([two, one]) => two === one).length} of ${pairs.length}`;
}

/** Undefined where there were two. */
export function whyOneThread({ threads }: Answer): string | undefined {
  const [, bits] = given<Bits>(threads).find(([, { note }]) => note !== undefined) ?? [];
  return bits?.note?.split(';', 1)[0];
}

/** The bits on two threads, and those on one. */
export function onTwoAndOne({ bits, threads }: Answer): readonly (readonly [string, string | undefined])[] {
  const alone = new Map(given(bits));
  return given(threads).flatMap(([id, two]) =>
    (['strict', 'relaxed'] as const).flatMap((build) => {
      const found = two[build];
      return found === undefined ? [] : [[found, alone.get(id)?.[build]] as const];
    }),
  );
}
