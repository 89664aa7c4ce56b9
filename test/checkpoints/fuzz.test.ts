import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspect, openCheckpoint } from '../../src/checkpoints/index.js';
import { SenetError } from '../../src/errors.js';
import { sizeOf } from '../../src/tensor.js';
import { damagedFiles, goodFiles } from './fuzzCases.js';

/**
 * Any bytes at all end in tensors whose values match their shapes, or in a SenetError: in time, and without an allocation beyond twice the file.
 * `npm run fuzz` makes a long run of it with a seed of its own.
 */
const runs = Number(process.env.FUZZ_RUNS ?? 3000);
/** Archives may inflate to this much even where the file is smaller. */
const leastAllowed = 2 ** 20;
const slowest = 5000;

/** The largest array or buffer allocated since it was last set to 0. */
let largest = 0;

const arrays = ['ArrayBuffer', 'Uint8Array', 'Uint16Array', 'Uint32Array', 'Float32Array', 'Float64Array'] as const;
const originals = arrays.map((name) => [name, globalThis[name]] as const);

beforeAll(() => {
  for (const [name, original] of originals)
    Object.assign(globalThis, {
      [name]: new Proxy(original, {
        construct(target, args: readonly unknown[], newTarget) {
          const width = 'BYTES_PER_ELEMENT' in target ? target.BYTES_PER_ELEMENT : 1;
          if (typeof args[0] === 'number') largest = Math.max(largest, args[0] * width);
          return Reflect.construct(target, args, newTarget);
        },
      }),
    });
});
afterAll(() => {
  for (const [name, original] of originals) Object.assign(globalThis, { [name]: original });
});

const outcomes = new Map<string, number>();

/** Opens a file, reads all of its tensors, and now and then compares it with every network. */
async function survives(file: Uint8Array, compare: boolean): Promise<void> {
  largest = 0;
  const started = performance.now();
  let outcome = 'read';
  try {
    const checkpoint = await openCheckpoint(file);
    for (const { shape, read } of checkpoint.tensors.values())
      try {
        expect((await read()).data.length).toBe(sizeOf(shape));
      } catch (error) {
        if (!(error instanceof SenetError)) throw error;
        outcome = 'damaged tensor';
      }
    expect(largest, 'bytes allocated at once').toBeLessThanOrEqual(Math.max(2 * file.length, leastAllowed));
    if (compare) inspect(checkpoint, checkpoint.format === 'caffe' ? undefined : 'timm/resnet18');
  } catch (error) {
    if (!(error instanceof SenetError)) throw error;
    outcome = error.message.split(/[\s:]/, 1)[0] as string;
  }
  expect(performance.now() - started, 'milliseconds').toBeLessThan(slowest);
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

describe('fuzzing', () => {
  test.each(Object.keys(goodFiles))('%s: the file that is damaged below is a good one', async (kind) => {
    const { tensors } = await openCheckpoint(goodFiles[kind] as Uint8Array);
    expect(tensors.size).toBeGreaterThan(0);
    for (const { dtype, shape, read } of tensors.values()) if (dtype !== 'I64') expect((await read()).data.length).toBe(sizeOf(shape));
  });

  test(`${runs} damaged files`, { timeout: 60_000 + 60 * runs }, async () => {
    let done = 0;
    await fc.assert(
      fc.asyncProperty(damagedFiles(), async (file) => survives(file, done++ % 100 === 0)),
      { numRuns: runs },
    );
    if (process.env.FUZZ_RUNS) console.log({ seed: fc.readConfigureGlobal().seed, runs: done, outcomes: Object.fromEntries(outcomes) });
    expect(outcomes.get('read')).toBeGreaterThan(runs / 100); // else all are refused at the door
  });
});
