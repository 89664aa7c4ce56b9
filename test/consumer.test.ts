import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { some } from './support/length.js';

/** A program in TypeScript, against the built package's types, every one of which is checked. */
const project = fileURLToPath(new URL('..', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-consumer-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(project, join(folder, 'node_modules/senet'), 'dir');
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
});
afterAll(() => rm(folder, { recursive: true }));

const program = (session: string): string => `
  import { build, compile, conv, createModel, featureInfo, recognise, openCheckpoint, squeezeExcite, syntheticWeights, tensor, type Session } from 'senet';
  import { decodeImage } from 'senet/image';
  import { heWeights } from 'senet/train';

  export async function logitsOf(file: Uint8Array): Promise<ReadonlyMap<string, unknown>> {
    const { graph, weights } = await recognise(await openCheckpoint(file));
    ${session} = await compile(graph, weights);
    return session.run(tensor([1, 3, 224, 224], new Float32Array(3 * 224 * 224)));
  }
  export const end = (session: Session): void => session.dispose();
  export const own = build([1, 3, 8, 8], (image) => squeezeExcite(conv(image, 'conv', { out: 8, kernel: 3 }), 'se', { squeezed: 2 }));
  export const told = featureInfo(createModel('seresnet50')).map(({ name }) => name.toUpperCase());
  export const weights = [syntheticWeights(own, { seed: 1 }), heWeights(own, 1), decodeImage] as const;
`;

/** Compiles the program; what TypeScript has to say of it. */
async function said(
  options: { readonly module: string; readonly moduleResolution: string; readonly lib: readonly string[] },
  text: string,
): Promise<string> {
  const compilerOptions = { ...options, target: 'es2022', strict: true, noEmit: true, skipLibCheck: false, types: [] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  await writeFile(join(folder, 'program.ts'), text);
  const tsc = join(project, 'node_modules/typescript/bin/tsc');
  return promisify(execFile)(process.execPath, [tsc, '-p', folder]).then(
    ({ stdout }) => stdout,
    ({ stdout }: { readonly stdout: string }) => stdout,
  );
}

const node16 = { module: 'node16', moduleResolution: 'node16' } as const;
const bundler = { module: 'esnext', moduleResolution: 'bundler' } as const;
const session = 'const session: Session';

/** After the first they are compiled in the long form: the tests below compile for node16 without it, and for a bundler with the DOM. */
const rows = [
  ['node16, using', node16, ['es2022', 'esnext.disposable'], 'using session: Session'],
  ['node16, es2022', node16, ['es2022'], session],
  ['bundler, es2022', bundler, ['es2022'], session],
  ['bundler, es2022 and the DOM', bundler, ['es2022', 'dom'], session],
] as const;
test.each(some(rows, 4))('%s: the types work', async (_, resolution, lib, declared) => {
  expect(await said({ ...resolution, lib }, program(declared))).toBe('');
});

test('what a page shows is a picture to the types, and other elements are none', async () => {
  const shown = 'ImageBitmap | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | VideoFrame | HTMLVideoElement | ImageData | File';
  const takes = (name: string, type: string): string => `export const ${name} = (picture: ${type}): Picture => picture;`;
  const text = `import type { Picture } from 'senet';\n${takes('taken', shown)}\n${takes('none', 'HTMLDivElement')}`;
  const found = (await said({ ...bundler, lib: ['es2022', 'dom'] }, text)).split('\n').filter((line) => /^\S/.test(line));
  expect(found).toEqual([
    expect.stringMatching(/^\S*program\.ts\(3,\d+\): error .*Type 'HTMLDivElement' is not assignable to type 'Picture'/),
  ]);
});

test('without esnext.disposable there is no using, which is the only error', async () => {
  const found = await said({ ...node16, lib: ['es2022'] }, program('using session: Session'));
  expect(found.trim().split('\n')).toEqual([expect.stringContaining("Cannot find global type 'Disposable'")]);
});
