import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AveragePrecision } from '../../src/detect/ap/summary.js';
import { expectEqual, published } from '../detect/oracle.js';
import { senet } from './senet.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/detection/coco/${name}`, import.meta.url));
const [truth, detections] = [fixture('coco-gt.json'), fixture('coco-dt.json')];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-'));
});

async function written(name: string, content: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

test("--json has pycocotools' numbers in the form of the oracle, and nothing else", async () => {
  const { code, stdout, stderr } = await senet('ap', truth, detections, '--json');
  expect([code, stderr]).toEqual([0, '212 detections, 37 annotations, 10 images, 7 categories\n']);
  const found = JSON.parse(stdout) as AveragePrecision;
  expect(Object.keys(found)).toEqual(['summary', 'perClass']);
  expectEqual(found, published);
});

test('the tables have the twelve numbers and every class; - is where there is nothing to find', async () => {
  const { code, stdout } = await senet('ap', truth, detections);
  expect(code).toBe(0);
  const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(rows).toContainEqual(['AP', 'average precision', '0.50 to 0.95', 'all', '100', '0.2936']);
  expect(rows).toContainEqual(['AP75', 'average precision', '0.75', 'all', '100', '0.3283']);
  expect(rows).toContainEqual(['AR1', 'average recall', '0.50 to 0.95', 'all', '1', '0.3817']);
  expect(rows).toContainEqual(['bicycle', '0.4481', '0.6287', '0.6500', '0.4429', '0.9333', '-']);
  expect(rows).toContainEqual(['toothbrush', '-', '-', '-', '-', '-', '-']);
});

test('--report writes a page beside what is printed; a place that cannot be written exits 2', async () => {
  const page = join(folder, 'report.html');
  const { code, stdout } = await senet('ap', truth, detections, '--report', page);
  expect([code, stdout]).toEqual([0, expect.stringContaining('0.2936')]);
  expect(await readFile(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*coco-dt\.json[\s\S]*0\.2936[\s\S]*<svg/);
  const refused = await senet('ap', truth, detections, '--report', join(page, 'report.html'));
  expect([refused.code, refused.stdout, refused.stderr]).toEqual([2, '', expect.stringContaining('report.html: cannot be written')]);
});

test('no detections are zeros', async () => {
  const { code, stdout } = await senet('ap', truth, await written('none.json', []), '--json');
  const { summary } = JSON.parse(stdout) as AveragePrecision;
  expect([code, summary]).toEqual([0, Array(12).fill(0)]);
});

test('an annotation whose id is 0 is told of', async () => {
  const { annotations, ...rest } = published.groundTruth;
  const file = await written('zero.json', { ...rest, annotations: annotations.map((one, i) => (i === 4 ? { ...one, id: 0 } : one)) });
  const { code, stderr } = await senet('ap', file, detections);
  expect([code, stderr]).toEqual([0, expect.stringContaining('annotations[4].id is 0: as in pycocotools')]);
});

describe('what cannot be read exits 2, names the file and prints nothing', () => {
  test.each<[string, () => Promise<readonly [string, string]>, string]>([
    ['the files exchanged', async () => [detections, truth], 'coco-dt.json: is a list, as detections are, but must be ground truth'],
    ['ground truth twice', async () => [truth, truth], 'coco-gt.json: is an object, as ground truth is, but must be a list of detections'],
    ['no file', async () => [truth, join(folder, 'absent.json')], 'absent.json: cannot be read (ENOENT)'],
    ['a folder', async () => [folder, detections], 'cannot be read (EISDIR): it is a folder'],
    [
      'a truncated file',
      async () => [truth, await written('cut.json', (await readFile(detections, 'utf8')).slice(0, 5000))],
      'cut.json: detections[64]: is not JSON (the file ends within the value at byte ',
    ],
    [
      'an unknown image',
      async () => [truth, await written('image.json', [...published.detections, { ...published.detections[0], image_id: 5 }])],
      'image.json: detections[212].image_id: no image of the ground truth has the id 5',
    ],
    [
      'a box of negative width',
      async () => [truth, await written('box.json', [{ ...published.detections[0], bbox: [0, 0, -1, 5] }])],
      'box.json: detections[0].bbox has a negative width: [0,0,-1,5]',
    ],
    [
      'an unknown category',
      async () => [await written('category.json', { ...published.groundTruth, categories: [{ id: 1, name: 'person' }] }), detections],
      'category.json: annotations[0].category_id: no category of the ground truth has the id 3',
    ],
  ])('%s', async (_, files, message) => {
    const { code, stdout, stderr } = await senet('ap', ...(await files()));
    expect([code, stdout, stderr.trim().split('\n').length]).toEqual([2, '', 1]);
    expect(stderr).toContain(message);
  });
});
