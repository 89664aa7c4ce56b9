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
  'kernels of quantised graphs',
  'planner of further ops, reader of packed weights',
  'threads',
];

/** Bytes, gzipped, of a network of one's own and of a family of them; 60 kB is the aim for both. */
const most = [58_400, 62_700] as const;

/** Bytes, gzipped, of what reads ONNX files and makes graphs of them: in a classifier, and with all that `senet/onnx` exports. */
const mostOfImporter = [25_000, 25_200] as const;

test('a network, or a family of them, and the kernels take no more than they did, without what is loaded when it is needed; nor does what reads ONNX files', {
  timeout: 60_000,
}, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [command, '--json']);
  const { programs } = JSON.parse(stdout) as { readonly programs: readonly Measured[] };
  const [own, family, whole, classifier, onnx] = programs as [Measured, Measured, Measured, Measured, Measured];
  const parts = ['code', 'kernels', ...onDemand];
  for (const [i, { sizes, withKernels }] of [own, family].entries()) {
    expect(sizes.map(({ part }) => part)).toEqual(parts);
    expect(withKernels.gzipped).toBeLessThan(most[i] as number);
  }
  expect(whole.withKernels.gzipped).toBeGreaterThan(family.withKernels.gzipped);
  expect(classifier.sizes.map(({ part }) => part)).toEqual([
    'code',
    'kernels',
    'kernels of training',
    'kernels of imported networks',
    'kernels of quantised graphs',
    'planner of further ops, reader of packed weights',
    'threads',
    'decoder of JPEG',
    'decoder of JPEG in CMYK or 4:4:0',
    'decoder of WebP',
    'inflate of PNG',
    'importer of ONNX, rarer operators',
    'importer of ONNX, values in other files',
    'importer of ONNX',
    'weights that ship',
    'names of ImageNet classes',
  ]);
  const importer = ({ sizes }: Measured): number | undefined => sizes.find(({ part }) => part === 'importer of ONNX')?.gzipped;
  expect(onnx.sizes.map(({ part }) => part)).toEqual([
    ...parts,
    'writer of ONNX',
    'importer of ONNX, rarer operators',
    'importer of ONNX, values in other files',
    'importer of ONNX',
  ]);
  for (const [i, program] of [classifier, onnx].entries()) expect(importer(program)).toBeLessThan(mostOfImporter[i] as number);
});
