import { describe, expect, test } from 'vitest';
import { shippedVectors, verify } from '../src/cli/verify.js';
import { supports } from '../src/wasm/features.js';

/** The shipped vectors end to end; the limits are those of assets/conformance, not ours to choose. */
describe.each(shippedVectors)('%s', (file) => {
  test.each((['strict', 'relaxed'] as const).filter(supports))('on %s kernels', async (kernels) => {
    const { verdict } = await verify(file, { engine: 'wasm', kernels });
    expect(verdict).toMatchObject({ pass: true });
  });

  test('by the reference', { timeout: 300_000 }, async () => {
    const { verdict } = await verify(file, { engine: 'reference' });
    expect(verdict).toMatchObject({ pass: true });
  });
});
