import { describe, expect, test } from 'vitest';
import { shippedVectors, verify } from '../src/node/verify/file.js';
import { supports } from '../src/wasm/features.js';
import { senet } from './cli/senet.js';
import { long } from './support/length.js';

const ways = (['strict', 'relaxed'] as const)
  .filter(supports)
  .flatMap((kernels) => (['direct', 'fast'] as const).map((algorithms) => [kernels, algorithms] as const));

/** The shipped vectors end to end; the limits are those of assets/conformance, not ours to choose. */
describe.each(shippedVectors.map((file, i) => [file, i] as const))('%s', (file, i) => {
  // in a plain run each vector by some of the ways, and each way with one of the vectors
  test.each(ways.filter((_, way) => long || way % shippedVectors.length === i))(
    'on %s kernels by %s algorithms',
    async (kernels, algorithms) => {
      const { verdict } = await verify(file, { engine: 'wasm', kernels, algorithms });
      expect(verdict).toMatchObject({ pass: true });
    },
  );

  // by the built command: a test runner's module wrappers make the reference three times slower; so many products take it minutes
  if (long)
    test('by the reference', { timeout: 300_000 }, async () => {
      const { code, stdout } = await senet('verify', file, '--engine', 'reference', '--json');
      expect([code, JSON.parse(stdout)]).toMatchObject([0, [{ engine: 'reference', pass: true }]]);
    });
});
