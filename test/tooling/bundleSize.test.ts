import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const command = fileURLToPath(new URL('../../tooling/bundleSize.js', import.meta.url));

interface Measured {
  readonly program: string;
  readonly sizes: readonly { readonly part: string; readonly minified: number; readonly gzipped: number }[];
  readonly withKernels: { readonly gzipped: number };
}

test('a network, or a family of them, and the kernels take 60 kB, without decoders, weights, other families or what trains', {
  timeout: 60_000,
}, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [command, '--json']);
  const { programs } = JSON.parse(stdout) as { readonly programs: readonly Measured[] };
  const [own, family, whole, classifier] = programs as [Measured, Measured, Measured, Measured];
  for (const { sizes } of [own, family])
    expect(sizes.map(({ part }) => part)).toEqual([
      'code',
      'kernels',
      'kernels of training',
      'reader of packed weights',
      'planner of training',
    ]);
  for (const { withKernels } of [own, family]) expect(withKernels.gzipped).toBeLessThan(60_000);
  expect(whole.withKernels.gzipped).toBeGreaterThan(family.withKernels.gzipped);
  expect(classifier.sizes.map(({ part }) => part)).toEqual([
    'code',
    'kernels',
    'kernels of training',
    'reader of packed weights',
    'decoder of JPEG',
    'decoder of JPEG in CMYK',
    'decoder of WebP',
    'inflate of PNG',
    'weights that ship',
    'names of ImageNet classes',
  ]);
});
