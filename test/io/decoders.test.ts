import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectations, readJson } from './fixtures.js';

/** The built package as its users have it, in a process of its own: imported as it ships, or bundled into one file with nothing beside it. */

const pictures = ['444.jpg', 'cmyk.jpg', 'lossy.webp', 'rgb8.png'];
const image = fileURLToPath(new URL('../../dist/src/io/image.js', import.meta.url));

/** Prints width, height and SHA-256 of the pictures that it is given, one a line. */
const program = `
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { decodeImage } from ${JSON.stringify(image)};
for (const file of process.argv.slice(2)) {
  const { width, height, data } = await decodeImage(await readFile(file));
  console.log(width, height, createHash('sha256').update(data).digest('hex'));
}`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-decoders-'));
  await writeFile(join(folder, 'program.mjs'), program);
});
afterAll(() => rm(folder, { recursive: true }));

async function expectPixels(script: string): Promise<void> {
  const { files } = await readJson<{ files: readonly { file: string; width: number; height: number; sha256: string }[] }>('files.json');
  const paths = pictures.map((name) => fileURLToPath(new URL(`files/${name}`, expectations)));
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...paths], { cwd: folder });
  const expected = pictures.map((name) => {
    const row = files.find(({ file }) => file === name);
    return `${row?.width} ${row?.height} ${row?.sha256}`;
  });
  expect(stdout.trimEnd().split('\n')).toEqual(expected);
}

test('pictures of each kind are decoded in Node, without being handed anything', () => expectPixels(join(folder, 'program.mjs')));

test.each([true, false])('bundled for Node, code splitting %s, it finds its decoders', async (codeSplitting) => {
  const outDir = join(folder, `bundle-${codeSplitting}`);
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: join(folder, 'program.mjs'),
      outDir,
      rolldownOptions: { output: { entryFileNames: 'main.mjs', chunkFileNames: '[name].mjs', codeSplitting } },
    },
  });
  await expectPixels(join(outDir, 'main.mjs'));
});

test('the WebAssembly that is built in is that of the packages whose programs run it', async () => {
  for (const [name, file] of [
    ['mozjpeg', '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm'],
    ['webp', '@jsquash/webp/codec/dec/webp_dec.wasm'],
  ] as const) {
    const { default: embedded } = (await import(`../../src/io/binary/${name}.ts`)) as { default: string };
    expect(Buffer.from(embedded, 'base64').equals(await readFile(new URL(`../../node_modules/${file}`, import.meta.url)))).toBe(true);
  }
});
