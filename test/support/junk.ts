import { SenetError } from '../../src/errors.js';
import { shown } from '../../src/tensor.js';

/** What callers hand in whose types nobody checked. */
export const junk: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  0.5,
  Number.NaN,
  3n,
  'x',
  Symbol('x'),
  () => undefined,
  [],
  [null],
  {},
  Object.create(null),
  new Map(),
  new Map([['fc.weight', null]]),
  new Int8Array(3),
  new Float32Array(3),
  { shape: [3], data: [1, 2, 3] },
  { nodes: [], outputs: [], parameters: [] },
  { nodes: [null], outputs: new Map(), parameters: [] },
  { width: 2, height: 2, data: new Uint8Array(16) },
  { tensors: {}, metadata: {} },
];

type Args = readonly unknown[];

/** Junk in each place of a call, and what the call threw. @throws Error naming place and junk, if that is no error of ours */
export async function* misuses(
  thrownBy: (args: Args) => unknown,
  args: Args,
): AsyncGenerator<{ readonly place: number; readonly value: unknown; readonly error: unknown }> {
  for (const place of args.keys())
    for (const value of junk) {
      const error = await thrownBy(args.with(place, value));
      if (error !== undefined && !(error instanceof SenetError)) throw new Error(`argument ${place}, ${shown(value)}`, { cause: error });
      yield { place, value, error };
    }
}
