import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { findDetector } from '../../src/models/detection/index.js';
import { publishedDetectors } from '../../src/pretrained/detectors.js';
import type { PublishedWeights } from '../../src/pretrained/pretrained.js';
import { photographs } from '../io/fixtures.js';
import { breakOff, sendFile, serve } from '../node/download/server.js';
import { type Outcome, senet } from './senet.js';
import { senetHere } from './senetHere.js';

/** Detectors by the names of their published weights: downloaded once, checked, resumed and kept as those of classifiers are. */

const name = 'fasterrcnn_mobilenet_v3_large_320_fpn';
const network = `torchvision/${name}`;
const [host, published] = ['https://download.pytorch.org/models/', '907ea3f9'];
const chelsea = fileURLToPath(new URL('chelsea.png', photographs));
const preload = new URL('../support/publishedHere.mjs', import.meta.url).href;
/** At a small size, and with a score that weights of chance reach. */
const small = ['--kernels', 'strict', '--min-size', '32', '--score', '0.01', '--json'] as const;

let folder: string;
let weights: Uint8Array;
let sha256: string;
/** What the same file gives that was fetched by hand. */
let byHand: Outcome;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-by-name-'));
  const graph = findDetector(network).create({ size: [64, 64], regions: 1 });
  weights = saveSafetensors(syntheticWeights(graph, { seed: 5 }));
  sha256 = createHash('sha256').update(weights).digest('hex');
  await writeFile(join(folder, 'mine.pth'), weights);
  byHand = await senetHere('detect', chelsea, '--weights', join(folder, 'mine.pth'), '--model', name, ...small);
  expect(JSON.parse(byHand.stdout)[0].detections.length).toBeGreaterThan(1);
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

let caches = 0;

/**
 * A publisher of the weights, whom all that is run until the test ends asks for them: processes by what is put in place of texts of the package, and
 * this one by its own row of the list.
 *
 * @param digits the start of the SHA-256 that it publishes
 */
async function publisher(digits: string, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const path = `/${name}-${digits}.pth`;
  const { origin, requests } = await serve((request, response) =>
    request.url === path ? answer(request, response) : response.writeHead(404).end(),
  );
  const cache = join(folder, `cache-${caches++}`);
  const url = `${origin}${path}`;
  vi.stubEnv('SENET_CACHE', cache);
  vi.stubEnv('SENET_TEST_PUBLISHED', JSON.stringify({ [host]: `${origin}/`, [published]: digits }));
  vi.stubEnv('NODE_OPTIONS', `--import=${preload}`);
  vi.stubEnv('HF_TOKEN', 'hf_secret');
  const rows = publishedDetectors as PublishedWeights[];
  const own = rows.findIndex((row) => row.network === network);
  const before = rows[own] as PublishedWeights;
  rows[own] = { ...before, origin: { kind: 'url', url, sha256: digits } };
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rows[own] = before;
  });
  return { cache, requests, url };
}

const whole = (request: IncomingMessage, response: ServerResponse): void => sendFile(request, response, weights);
const digits = (): string => sha256.slice(0, 8);

describe('senet detect', () => {
  test('downloads once, finds what the file finds, and the cache’s commands know it', { timeout: 240_000 }, async () => {
    const { cache, requests } = await publisher(digits(), whole);
    const argsOf = (model: string): readonly string[] => ['detect', chelsea, '--model', model, ...small];
    const detect = (model: string, ...flags: readonly string[]) => senetHere(...argsOf(model), ...flags);
    const offline = await detect(name, '--offline');
    expect([offline.code, offline.stderr]).toEqual([2, expect.stringContaining('is not in the cache')]);
    expect(requests).toEqual([]);

    const first = await senet(...argsOf(name));
    expect([first.code, first.stdout]).toEqual([0, byHand.stdout]);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([undefined]); // the token is the hub's
    expect((await detect(`${network}.COCO_V1`, '--offline')).stdout).toBe(first.stdout);
    expect(requests).toHaveLength(1);

    const file = join(cache, network.split('/')[0] as string, `${name}.COCO_V1`, `${name}-${digits()}.pth`);
    expect(await readFile(`${file}.sha256`, 'utf8')).toBe(`${sha256}  ${name}-${digits()}.pth\n`);
    expect((await senetHere('cache', 'path', name)).stdout).toBe(`${file}\n`);
    // a process lists what was published when it began
    expect(JSON.parse((await senet('cache', 'ls', '--json')).stdout)).toEqual([
      { name: `${network}.COCO_V1`, file, bytes: weights.length, complete: true },
    ]);
    expect(JSON.parse((await senetHere('weights', '320_fpn', '--json')).stdout)).toEqual([
      expect.objectContaining({ name: `${network}.COCO_V1`, network, minSize: 320, maxSize: 640, cached: true }),
    ]);
    expect((await senetHere('weights', '320_fpn')).stdout).toMatch(/320 to 640 +cached +http/);

    await writeFile(file, Buffer.concat([weights.subarray(0, -1), Buffer.of((weights.at(-1) as number) ^ 1)]));
    const damaged = await detect(name);
    expect([damaged.code, damaged.stderr]).toEqual([2, expect.stringContaining(`${file}: expected a file whose SHA-256 is ${digits()}`)]);
    expect((await senet('cache', 'rm', `${network}.COCO_V1`)).stdout).toBe(`removed ${network}.COCO_V1\n`);
    expect(await readdir(cache)).toEqual([]);
  });

  test('resumes a download that broke off', async () => {
    const sent = 5_000_000;
    const { requests } = await publisher(digits(), (request, response) =>
      requests.length === 1 ? breakOff(request, response, weights, sent) : whole(request, response),
    );
    expect((await senetHere('detect', chelsea, '--model', name, ...small)).stdout).toBe(byHand.stdout);
    expect(requests.map(({ headers }) => headers.range)).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)]);
  });

  test('refuses another file than the one that is published, and keeps nothing of it', async () => {
    const { cache, url } = await publisher(published, whole);
    const { code, stdout, stderr } = await senetHere('detect', chelsea, '--model', name, ...small);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`senet: ${url}: expected a file whose SHA-256 begins with ${published}, found ${sha256}`);
    expect(await readdir(join(cache, 'torchvision', `${name}.COCO_V1`))).toEqual([]);
  });

  test.each([
    ['--max-bytes', '1000', 'expected at most 1000 bytes'],
    ['--timeout', '0.3', 'nothing came for 0.3 s'],
  ])('%s %s: %s', async (flag, value, message) => {
    await publisher(digits(), flag === '--timeout' ? () => {} : whole);
    const { code, stderr } = await senetHere('detect', chelsea, '--model', name, flag, value);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

test('senet evaluate --detection downloads them, too', async () => {
  const { requests } = await publisher(digits(), whole);
  const truth = join(folder, 'truth.json');
  const images = join(folder, 'images');
  await mkdir(images);
  await writeFile(join(images, 'chelsea.png'), await readFile(chelsea));
  await writeFile(
    truth,
    JSON.stringify({ images: [{ id: 1, file_name: 'chelsea.png' }], annotations: [], categories: [{ id: 17, name: 'cat' }] }),
  );
  const evaluate = (...flags: readonly string[]) =>
    senetHere('evaluate', '--detection', truth, '--images', images, '--model', name, '--min-size', '32', '--json', ...flags);
  const offline = await evaluate('--offline');
  expect([offline.code, offline.stderr, requests.length]).toEqual([2, expect.stringContaining('is not in the cache'), 0]);
  const { code, stdout } = await evaluate();
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    expect.objectContaining({ model: network, weights: expect.objectContaining({ sha256 }), images: 1 }),
  ]);
  const refused = await evaluate('--revision', 'v2');
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('expected no --revision with --detection')]);
});

describe('createDetector', () => {
  // twice, with what each time heard of the download
  const program = `
    import { readFile } from 'node:fs/promises';
    import { createDetector } from 'senet';
    try {
      const answers = [];
      for (let time = 0; time < 2; time++) {
        const progress = [];
        const detector = await createDetector({ model: '${name}', kernels: 'strict', minSize: 32, score: 0.01, onProgress: (heard) => progress.push(heard) });
        const { detections } = await detector.detect(await readFile(process.argv[1]));
        const { id, notes, labels } = detector.network;
        answers.push({ detections, id, notes, seventeenth: labels[17], last: progress.at(-1) ?? null });
        detector.dispose();
      }
      console.log(JSON.stringify(answers));
    } catch ({ name, fault, url, message }) {
      console.log(JSON.stringify({ name, fault, url, message }));
    }`;
  const run = async () =>
    JSON.parse((await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program, chelsea])).stdout);

  test('takes the name of published weights, tells how far they are, and then reads them from the cache', async () => {
    const { requests } = await publisher(digits(), whole);
    const [first, second] = await run();
    const [{ detections }] = JSON.parse(byHand.stdout);
    expect(first.detections).toHaveLength(detections.length);
    expect(first.detections.map(({ score }: { readonly score: number }) => score)).toEqual(
      detections.map(({ score }: { readonly score: number }) => score),
    );
    expect(first).toMatchObject({ id: network, notes: [], seventeenth: 'cat', last: { received: weights.length, total: weights.length } });
    expect(second).toEqual({ ...first, last: null });
    expect(requests).toHaveLength(1);
  });

  test('refuses another file as a DownloadError that names the address and both hashes', async () => {
    const { url } = await publisher(published, whole);
    expect(await run()).toMatchObject({
      name: 'DownloadError',
      fault: 'hash',
      url,
      message: expect.stringContaining(`begins with ${published}, found ${sha256}`),
    });
  });
});
