import { describe, expect, test } from 'vitest';
import { shippedVectors, verify } from '../src/node/verify/file.js';
import { supports } from '../src/wasm/features.js';
import { senet } from './cli/senet.js';
import { long } from './support/length.js';

/** The shipped vectors end to end; the limits are those of assets/conformance, not ours to choose. */
describe.each(shippedVectors)('%s', (file) => {
  describe.each((['strict', 'relaxed'] as const).filter(supports))('on %s kernels', (kernels) => {
    test.each(['direct', 'fast'] as const)('by %s algorithms', async (algorithms) => {
      const { verdict } = await verify(file, { engine: 'wasm', kernels, algorithms });
      expect(verdict).toMatchObject({ pass: true });
    });
  });

  // by the built command: a test runner's module wrappers make the reference three times slower; so many products take it minutes
  if (long)
    test('by the reference', { timeout: 300_000 }, async () => {
      const { code, stdout } = await senet('verify', file, '--engine', 'reference', '--json');
      expect([code, JSON.parse(stdout)]).toMatchObject([0, [{ engine: 'reference', pass: true }]]);
    });
});
