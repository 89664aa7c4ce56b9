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

/** What every session may need later. */
const onDemand = [
  'kernels of training',
  'kernels of imported networks',
  'reader of packed weights',
  'planner of training',
  'planner of imported networks',
];

/** Bytes, gzipped: 60 kB was the aim of classifiers alone; what imported graphs and those of integers mean is known to every one, and takes some 4 more. */
const most = 64_000;

/** Bytes, gzipped, of what reads ONNX files and makes graphs of them. */
const mostOfImporter = 25_000;

test('a network, or a family of them, and the kernels take 64 kB, without what is loaded when it is needed; what reads ONNX files takes 25', {
  timeout: 60_000,
}, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [command, '--json']);
  const { programs } = JSON.parse(stdout) as { readonly programs: readonly Measured[] };
  const [own, family, whole, classifier, onnx] = programs as [Measured, Measured, Measured, Measured, Measured];
  const parts = ['code', 'kernels', ...onDemand];
  for (const { sizes, withKernels } of [own, family]) {
    expect(sizes.map(({ part }) => part)).toEqual(parts);
    expect(withKernels.gzipped).toBeLessThan(most);
  }
  expect(whole.withKernels.gzipped).toBeGreaterThan(family.withKernels.gzipped);
  expect(classifier.sizes.map(({ part }) => part)).toEqual([
    'code',
    'kernels',
    'kernels of training',
    'kernels of imported networks',
    'reader of packed weights',
    'decoder of JPEG',
    'decoder of JPEG in CMYK',
    'decoder of WebP',
    'inflate of PNG',
    'weights that ship',
    'names of ImageNet classes',
  ]);
  // what a network of one's own needs, and the importer apart from it
  const importer = onnx.sizes.find(({ part }) => part === 'importer of ONNX');
  expect(onnx.sizes.map(({ part }) => part)).toEqual([...parts, 'importer of ONNX']);
  expect(importer?.gzipped).toBeLessThan(mostOfImporter);
});
