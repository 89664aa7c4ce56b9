import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Scored, scoresOf } from '../../src/classifier/scores.js';
import { topIndices } from '../../src/classifier/top.js';
import { preprocess } from '../../src/io/preprocess.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { readImage } from '../../src/node/images/image.js';
import { presets } from '../../src/pretrained/preset.js';
import type { Evaluation } from '../../src/report/evaluation.js';
import { compile } from '../../src/wasm/session.js';
import { some } from '../support/length.js';
import { main, type Outcome, senet } from './senet.js';
import { senetHere } from './senetHere.js';

const fixtures = new URL('../fixtures/preprocess/files/', import.meta.url);
const network = 'timm/regnety_002'; // of few weights
const classes = 7;
const size = 64;

let folder: string;
let data: string;
let weights: string;
/** The cache. */
let usual: string;
let scored: readonly (Scored & { readonly file: string })[];
beforeAll(async () => {
  enableRelaxed();
  folder = await mkdtemp(join(tmpdir(), 'senet-evaluate-'));
  data = join(folder, 'data');
  weights = join(folder, 'seven.safetensors');
  usual = join(folder, 'cache');
  vi.stubEnv('SENET_CACHE', usual);
  const graph = createModel(network, { classes, size });
  const values = syntheticWeights(graph, { seed: 8 });
  await writeFile(weights, saveSafetensors(values));

  const images = some((await readdir(fixtures)).filter((name) => !name.startsWith('unread.')).sort(), 3);
  for (let label = 0; label < classes; label++) await mkdir(join(data, `class ${label}`), { recursive: true });
  for (const [i, name] of images.entries()) await copyFile(new URL(name, fixtures), join(data, `class ${i % classes}`, name));

  using session = await compile(graph, values);
  const { mean, std, filter, cropRatio } = presets.bicubic;
  const options = { resize: Math.floor(size / cropRatio), crop: size, mean, std, filter };
  const all: (Scored & { readonly file: string })[] = [];
  for (const [i, name] of images.entries()) {
    const outputs = session.run(preprocess(await readImage(fileURLToPath(new URL(name, fixtures))), options));
    all.push({ file: name, label: i % classes, top: topIndices(outputs.get('logits')?.data as Float32Array, 5) });
  }
  scored = all;
});
afterAll(() => rm(folder, { recursive: true }));

const flags = (path = data): string[] => ['evaluate', path, '--weights', weights, '--size', String(size)];
const parse = ({ stdout }: Outcome): Evaluation => JSON.parse(stdout) as Evaluation;

describe('evaluate', () => {
  test('--json has errors with their intervals, classes and confusions, as counted from the library’s own answers', async () => {
    const outcome = await senet(...flags(), '--json');
    expect(outcome.code).toBe(0);
    const { top1, top5, classes: rows, confusions, ...rest } = parse(outcome);
    const expected = scoresOf(scored);
    expect([top1, top5]).toEqual([expected.top1, expected.top5]);
    expect(rows).toEqual(expected.classes.map((row) => ({ ...row, name: `class ${row.index}` })));
    expect(confusions).toEqual(expected.confusions.map((pair) => expect.objectContaining(pair)));
    expect(rest).toMatchObject({ data, model: network, images: scored.length, failed: [], published: null, weights: { file: weights } });
    expect(await readdir(join(usual, 'evaluations'))).toEqual([]);
  });

  test('a list gives the same, and the report and the text say so, with their text escaped', async () => {
    const list = join(folder, 'list.txt');
    await writeFile(list, scored.map(({ file, label }) => `data/class ${label}/${file} ${label}\n`).join(''));
    const names = join(folder, 'names.txt');
    await writeFile(names, [...'abcdefg'].map((letter) => `<${letter}>\n`).join(''));
    const report = join(folder, 'report.html');
    const { code, stdout } = await senetHere(...flags(list), '--labels', names, '--report', report);
    const { top1 } = scoresOf(scored);
    const percent = `${(100 * top1.error).toFixed(2)} %`;
    expect([code, stdout]).toEqual([0, expect.stringContaining(`top-1  ${percent}`)]);
    const html = await readFile(report, 'utf8');
    expect(html).toContain(percent);
    expect(html).toContain('&lt;a>');
    expect(html).not.toContain('<a>');
  });

  test('what is published is named by the images that it was measured on', async () => {
    const list = join(folder, 'shipped.txt');
    await writeFile(list, scored.map(({ file, label }) => `data/class ${label}/${file} ${label}\n`).join(''));
    const report = join(folder, 'shipped.html');
    const args = ['evaluate', list, '--report', report];
    const { code, stdout } = await senetHere(...args);
    expect([code, stdout]).toEqual([0, expect.stringContaining('published for CIFAR-10')]);
    const html = await readFile(report, 'utf8');
    expect(html).toContain('published for CIFAR-10');
    expect(`${stdout}${html}`).not.toContain('ImageNet');
    expect(parse(await senetHere(...args, '--json')).published).toMatchObject({ on: 'CIFAR-10' });
    expect((await senetHere(...flags(list))).stdout).not.toContain('published for');
  });

  test('images that cannot be read are left out and listed, and the exit code is 2', async () => {
    const bad = join(data, 'class 3', 'bad.png');
    await writeFile(bad, 'no image');
    const outcome = await senet(...flags(), '--json');
    await rm(bad);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr.split(`senet: ${bad}: expected a JPEG`)).toHaveLength(2); // once
    expect(parse(outcome)).toMatchObject({ images: scored.length, failed: [{ file: 'class 3/bad.png' }], top1: scoresOf(scored).top1 });
  });

  test('where none can be read there is no error rate: exit code 2, and a line that says so', async () => {
    const list = join(folder, 'unread.txt');
    await writeFile(list, 'data/nowhere.png 0\ndata/nowhere-else.png 1\n');
    const { code, stdout, stderr } = await senetHere(...flags(list));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`senet: ${list}: none of its 2 images could be read`);
    expect(stderr).toContain('nowhere-else.png: cannot be read (ENOENT)');
  });

  test('what is passed over is counted and named, on stderr and in JSON', async () => {
    for (const name of ['a.bmp', 'b.TIF', 'c.tif', 'd']) await writeFile(join(data, 'class 2', name), '');
    await mkdir(join(data, '.ipynb_checkpoints'));
    const outcome = await senetHere(...flags(), '--json');
    for (const name of ['a.bmp', 'b.TIF', 'c.tif', 'd']) await rm(join(data, 'class 2', name));
    await rm(join(data, '.ipynb_checkpoints'), { recursive: true });
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain(`${data}: passed over 2 .tif, 1 .bmp, 1 file without extension, .ipynb_checkpoints (hidden)`);
    expect(parse(outcome)).toMatchObject({
      classesBy: 'order',
      passedOver: {
        files: [
          { extension: '.tif', count: 2 },
          { extension: '.bmp', count: 1 },
          { extension: 'none', count: 1 },
        ],
        others: [{ path: '.ipynb_checkpoints', why: 'hidden' }],
      },
    });
  });

  test('a cache that cannot be written to: it goes on without a journal, and says so', async () => {
    const cache = join(weights, 'cache'); // below a file
    vi.stubEnv('SENET_CACHE', cache);
    const outcome = await senetHere(...flags(), '--json').finally(() => vi.stubEnv('SENET_CACHE', usual));
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toMatch(/cannot be used as a journal.*going on without.*--journal FILE names another place/);
    expect(parse(outcome).top1).toEqual(scoresOf(scored).top1);
    const { code, stderr } = await senetHere(...flags(), '--journal', join(cache, 'j.jsonl'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be used as a journal')]);
  });

  test('a truncated image counts with --tolerant, and the journal of an evaluation without does not do for one with', async () => {
    const cut = join(data, 'class 3', 'cut.jpg');
    await writeFile(cut, (await readFile(new URL('444.jpg', fixtures))).subarray(0, -60));
    const journal = ['--journal', join(folder, 'tolerant.jsonl')];
    const strict = await senetHere(...flags(), '--json', ...journal);
    expect(strict.stderr).toContain(`senet: ${cut}: the JPEG is truncated`);
    const other = await senetHere(...flags(), '--json', '--tolerant', ...journal);
    expect(other.stderr).toContain('is not the journal of this evaluation');
    const tolerant = await senetHere(...flags(), '--json', '--tolerant');
    await rm(cut);
    expect(tolerant.code).toBe(0);
    expect(parse(tolerant)).toMatchObject({ images: scored.length + 1, failed: [] });
  });

  test('classes that the network does not have: exit code 2', async () => {
    await mkdir(join(data, 'class 7'));
    const { code, stderr } = await senetHere(...flags());
    await rm(join(data, 'class 7'), { recursive: true });
    expect([code, stderr]).toEqual([2, expect.stringContaining("its 8 folders are neither the network's 7 classes")]);
  });
});

describe('interrupted', () => {
  /** Resolves when the journal has some images. */
  async function underWay(journal: string): Promise<void> {
    for (;;) {
      const lines = (await readFile(journal, 'utf8').catch(() => '')).split('\n').length - 1;
      if (lines > 3) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  // so many images that the signal comes before the end
  let list: string;
  let long: readonly (Scored & { readonly file: string })[];
  beforeAll(async () => {
    list = join(folder, 'long.txt');
    const times = Math.ceil(160 / scored.length);
    long = scored.flatMap((image) => Array.from({ length: times }, () => image));
    await writeFile(list, long.map(({ file, label }) => `data/class ${label}/${file} ${label}\n`).join(''));
  });

  const start = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [main, ...flags(list), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });

  test.each(['SIGINT', 'SIGKILL'] as const)('by %s, the same command goes on where it stopped', { timeout: 240_000 }, async (signal) => {
    const journal = join(folder, `${signal}.jsonl`);
    const child = start('--journal', journal);
    let stderr = '';
    child.stderr?.on('data', (text: Buffer) => {
      stderr += text.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await underWay(journal);
    child.kill(signal);
    expect(await ended).toBe(signal === 'SIGINT' ? 130 : null);
    if (signal === 'SIGINT') expect(stderr).toContain(`images: the same command goes on from here (${journal})`);
    const before = (await readFile(journal, 'utf8')).split('\n').length - 2;
    expect(before).toBeLessThan(long.length);

    const outcome = await senetHere(...flags(list), '--journal', journal, '--json');
    expect(outcome.stderr).toContain(`resuming after ${before} of ${long.length} images`);
    const { top1, top5 } = scoresOf(long);
    expect(parse(outcome)).toMatchObject({ images: long.length, top1, top5 });
  });

  test('a damaged journal: one line and exit code 2', async () => {
    const journal = join(folder, 'damaged.jsonl');
    const [head, ...rest] = (await readFile(join(folder, 'SIGINT.jsonl'), 'utf8')).split('\n');
    await writeFile(journal, [head, '{"index": 1e300}', ...rest].join('\n'));
    const { code, stderr } = await senetHere(...flags(list), '--journal', journal);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/senet: .*damaged\.jsonl: line 2: index must be .*, not 1e\+300\n$/)]);
  });

  test('another evaluation does not go on with its journal', async () => {
    const journal = join(folder, 'SIGINT.jsonl');
    const { code, stderr } = await senetHere(...flags(list), '--journal', journal, '--crop', '0.5');
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${basename(journal)}: is not the journal of this evaluation`)]);
  });
});
