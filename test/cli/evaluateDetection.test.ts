import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { CocoAnnotation, CocoCategory, CocoDetection, CocoImage } from '../../src/detect/ap/coco.js';
import { averagePrecision } from '../../src/detect/ap/createAp.js';
import { createDetector } from '../../src/detector/create.js';
import { parameters } from '../../src/graph/count.js';
import type { Pixels } from '../../src/io/resize.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import { findDetector } from '../../src/models/detection/index.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { readImage, writePng } from '../../src/node/images/image.js';
import type { DetectionEvaluation } from '../../src/report/detectionEvaluation.js';
import type { Shape, Tensor } from '../../src/tensor.js';
import { photographs } from '../io/fixtures.js';
import { some } from '../support/length.js';
import { main, type Outcome, senet } from './senet.js';
import { senetHere } from './senetHere.js';

const network = 'torchvision/fasterrcnn_mobilenet_v3_large_320_fpn';
const limits = { minSize: 48, maxSize: 80 } as const;

/** Generated weights, of which the class predictor is sure of itself. */
function weightsOf(classes: number, sure = 10): Uint8Array {
  const graph = findDetector(network).create({ size: [64, 64], regions: 1, classes });
  const made = (name: string, shape: Shape): Tensor => {
    if (name.includes('predictor')) return syntheticTensor(name, shape, 3, name.endsWith('cls_score.weight') ? sure : 1);
    const tensor = others.get(name) ?? syntheticTensor(name, shape, 3);
    others.set(name, tensor);
    return tensor;
  };
  return saveSafetensors(new Map(parameters(graph).map(({ name, shape }) => [name, made(name, shape)])));
}
/** What does not depend on the classes. */
const others = new Map<string, Tensor>();

function cropped({ width, data }: Pixels, left: number, top: number, w: number, h: number): Pixels {
  const rows = Array.from({ length: h }, (_, y) => data.subarray(3 * ((top + y) * width + left), 3 * ((top + y) * width + left + w)));
  return { width: w, height: h, data: Uint8Array.from(rows.flatMap((row) => [...row])) };
}

/** Class i of the detector is the i-th by ascending id. */
const categories: readonly CocoCategory[] = [
  { id: 7, name: 'camel' },
  { id: 3, name: '<bear>' },
  { id: 20, name: 'apple' },
];
const categoryOf = [undefined, 3, 7, 20] as const;

interface Truth {
  readonly images: readonly CocoImage[];
  readonly annotations: readonly CocoAnnotation[];
  readonly categories: readonly CocoCategory[];
}

let folder: string;
let truth: Truth;
/** What the library finds, with as many digits as are kept. */
let expected: readonly CocoDetection[];
const path = (name: string): string => join(folder, name);
const eight = (value: number): number => Number(value.toPrecision(8));

beforeAll(async () => {
  enableRelaxed();
  folder = await mkdtemp(join(tmpdir(), 'senet-evaluate-detection-'));
  vi.stubEnv('SENET_CACHE', path('cache'));
  await mkdir(path('images/more'), { recursive: true });
  const weights = weightsOf(4);
  await writeFile(path('few.safetensors'), weights);
  const images: CocoImage[] = [];
  for (const [i, name] of some(['chelsea.png', 'coffee.png', 'rocket.jpg'], 2).entries()) {
    const photo = await readImage(fileURLToPath(new URL(name, photographs)));
    const parts = [cropped(photo, 0, 0, 200, 200), cropped(photo, 60, 40, 240, 150), cropped(photo, 100, 90, 240, 150)];
    for (const [j, part] of parts.entries()) {
      const file = `${j === 2 ? 'more/' : ''}${i}${j}.png`;
      await writePng(path(`images/${file}`), part);
      images.push({ id: 90 - 10 * i + j, file_name: file, width: part.width, height: part.height });
    }
  }
  await copyFile(new URL('../fixtures/preprocess/files/exif6.jpg', import.meta.url), path('images/turned.jpg'));
  images.push({ id: 5, file_name: 'turned.jpg' });

  using detector = await createDetector({ weights, model: network, ...limits, score: 0.05, orient: false });
  const byImage = new Map<number, readonly CocoDetection[]>();
  for (const { id, file_name } of images.toSorted((a, b) => (a.height ?? 0) - (b.height ?? 0))) {
    const { detections } = await detector.detect(await readFile(path(`images/${file_name}`)));
    const found = detections.map(({ index, score, box }): CocoDetection => {
      const bbox = [box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1].map(eight) as unknown as CocoDetection['bbox'];
      return { image_id: id, category_id: categoryOf[index] as number, bbox, score: eight(score) };
    });
    byImage.set(id, found);
  }
  expected = images.flatMap(({ id }) => byImage.get(id) as readonly CocoDetection[]);
  // some of what is found, a little beside where it is found
  const annotations = expected.flatMap(({ image_id, category_id, bbox: [x, y, w, h] }, i): CocoAnnotation[] =>
    i % 3 === 0 ? [] : [{ id: i + 1, image_id, category_id, bbox: [x + (i % 5), y, w, h], area: w * h, iscrowd: i % 17 === 0 ? 1 : 0 }],
  );
  truth = { images, annotations, categories };
  await writeFile(path('truth.json'), JSON.stringify(truth));
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

const flags = (annotations = 'truth.json', weights = 'few.safetensors'): string[] => [
  ...['evaluate', '--detection', path(annotations), '--images', path('images'), '--weights', path(weights), '--model', network],
  ...['--min-size', String(limits.minSize), '--max-size', String(limits.maxSize)],
];
const evaluate = (...args: readonly string[]): Promise<Outcome> => senetHere(...flags(), ...args);
const parse = ({ stdout }: Outcome): DetectionEvaluation => JSON.parse(stdout) as DetectionEvaluation;

/** The evaluation of other annotations. */
async function evaluateOf(changed: Partial<Truth> | string, ...args: readonly string[]): Promise<Outcome> {
  await writeFile(path('changed.json'), typeof changed === 'string' ? changed : JSON.stringify({ ...truth, ...changed }));
  return await senetHere(...flags('changed.json'), ...args);
}

let whole: DetectionEvaluation;
beforeAll(async () => {
  const outcome = await senet(...flags(), '--json', '--detections', path('found.json'), '--journal', path('whole.jsonl'));
  expect([outcome.code, outcome.stderr]).toEqual([
    0,
    expect.stringMatching(new RegExp(`^${truth.images.length} images in .* a second\n$`)),
  ]);
  whole = parse(outcome);
}, 60_000);

describe('evaluate --detection', () => {
  test('--json has the numbers of senet ap on what --detections writes, which is what the library finds', async () => {
    const { summary, perClass, ...rest } = whole;
    expect(JSON.parse(await readFile(path('found.json'), 'utf8'))).toEqual(expected);
    expect({ summary, perClass }).toEqual(JSON.parse((await senetHere('ap', path('truth.json'), path('found.json'), '--json')).stdout));
    expect({ summary, perClass }).toEqual(averagePrecision(truth, expected));
    const [AP, AP50] = summary as [number, number];
    expect([AP > 0.1, AP < AP50, AP50 < 1]).toEqual([true, true, true]);
    expect(Object.keys(perClass)).toEqual(['<bear>', 'camel', 'apple']);
    expect(rest).toEqual({
      data: path('truth.json'),
      folder: path('images'),
      model: network,
      weights: { file: path('few.safetensors'), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      settings: { ...limits, score: 0.05, detections: 100 },
      images: truth.images.length,
      annotations: truth.annotations.length,
      detections: expected.length,
      leftOut: [],
      dropped: 0,
      failed: [],
    });
  });

  test('images of one padded size come after one another, those of unknown size last', async () => {
    const [, ...lines] = (await readFile(path('whole.jsonl'), 'utf8')).trimEnd().split('\n');
    const order = lines.map((line) => (JSON.parse(line) as { readonly image: number }).image);
    const bySize = (height: number): number[] => truth.images.filter((image) => image.height === height).map(({ id }) => id);
    expect(order).toEqual([...bySize(200), ...bySize(150), 5]);
  });

  test('for people: the tables of senet ap, and a page with them and bars', async () => {
    const report = path('report.html');
    const { code, stdout } = await evaluate('--report', report, '--journal', path('whole.jsonl'));
    expect(code).toBe(0);
    const counts = [truth.images.length, truth.annotations.length, expected.length].map((one) => one.toLocaleString('en'));
    expect(stdout).toContain(`${network}: ${counts[0]} images, ${counts[1]} annotations, ${counts[2]} detections`);
    const AP = (whole.summary[0] as number).toFixed(4);
    expect(stdout).toMatch(new RegExp(`AP +average precision +0.50 to 0.95 +all +100 +${AP}`));
    const html = await readFile(report, 'utf8');
    for (const text of [AP, '&lt;bear>', `shorter side ${limits.minSize}`, whole.weights.sha256, '<svg']) expect(html).toContain(text);
    expect(html).not.toContain('<bear>');
    expect(html).not.toContain('Not read');
  });

  test('images that cannot be read are named and do not count, nor do their annotations: exit code 2', async () => {
    const images = truth.images.toReversed().map((image) => {
      if (image.id === 80) return { ...image, file_name: 'absent.png' };
      if (image.id === 90) return { ...image, width: 199 };
      return image.id === 5 ? { ...image, width: 1, height: 1 } : image;
    });
    const outcome = await evaluateOf({ images }, '--json', '--report', path('failed.html'));
    expect(outcome.code).toBe(2);
    const errors = [
      `${path('images/00.png')}: expected 199x200 pixels, as its annotations have it, found 200x200`,
      `${path('images/absent.png')}: cannot be read (ENOENT)`,
      `${path('images/turned.jpg')}: expected 1x1 pixels, as its annotations have it, found `,
    ];
    for (const error of errors) expect(outcome.stderr).toContain(`senet: ${error}`);
    const { failed, summary, perClass, ...counts } = parse(outcome);
    expect(failed.toReversed()).toEqual(
      ['00.png', 'absent.png', 'turned.jpg'].map((file, i) => ({ file, error: expect.stringContaining(errors[i] as string) })),
    );
    const left = (id: number): boolean => ![80, 90, 5].includes(id);
    const annotations = truth.annotations.filter(({ image_id }) => left(image_id));
    const found = expected.filter(({ image_id }) => left(image_id));
    expect({ summary, perClass }).toEqual(averagePrecision({ ...truth, annotations }, found));
    expect(counts).toMatchObject({ images: images.length - 3, annotations: annotations.length, detections: found.length });
    expect(await readFile(path('failed.html'), 'utf8')).toContain('absent.png: cannot be read');
  });

  test('where none can be read there is no average precision', async () => {
    const images = [{ id: 1, file_name: 'absent.png' }];
    const { code, stdout, stderr } = await evaluateOf({ images, annotations: [] });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`senet: ${path('images/absent.png')}: cannot be read (ENOENT)`);
    expect(stderr).toContain(`senet: ${path('changed.json')}: none of its 1 images could be read`);
  });

  test('pixels are taken as they lie: the size of a photograph that is turned upright is said to be the wrong one', async () => {
    const journals = (): Promise<readonly string[]> => readdir(path('cache/evaluations')).catch(() => []);
    const before = await journals();
    const { width, height } = await readImage(path('images/turned.jpg'));
    const one = { id: 5, file_name: 'turned.jpg' };
    const annotations = truth.annotations.filter(({ image_id }) => image_id === 5);
    expect((await evaluateOf({ images: [{ ...one, width, height }], annotations })).code).toBe(0);
    expect(await journals()).toEqual(before); // that of an evaluation without faults is gone
    const { code, stderr } = await evaluateOf({ images: [{ ...one, width: height, height: width }], annotations });
    expect([code, stderr]).toEqual([2, expect.stringContaining(`found ${width}x${height}, since EXIF orientation is not applied`)]);
  });
});

describe('classes and categories', () => {
  test('of 91 classes the index is the id; what has no category, or no class, is left out and said once', async () => {
    await writeFile(path('coco.safetensors'), weightsOf(91, 40));
    const images = truth.images.slice(0, 2);
    const ids = [[300, 'unicorn'], ...Array.from({ length: 90 }, (_, i) => [i + 1, `class ${i + 1}`])] as const;
    const changed = { images, annotations: [], categories: ids.map(([id, name]) => ({ id, name })) as CocoCategory[] };
    const run = async (categories: readonly CocoCategory[]): Promise<Outcome> => {
      await writeFile(path('coco.json'), JSON.stringify({ ...changed, categories }));
      return await senetHere(...flags('coco.json', 'coco.safetensors'), '--json', '--detections', path('coco-found.json'));
    };
    const all = await run(changed.categories);
    expect([all.code, parse(all).leftOut]).toEqual([0, []]);
    expect(all.stderr).toContain(`${path('coco.json')}: the detector has no class for unicorn (300): all objects of these count as missed`);
    const found = JSON.parse(await readFile(path('coco-found.json'), 'utf8')) as readonly CocoDetection[];
    const common = found[0]?.category_id as number;
    expect(common).toBeGreaterThan(0);
    const count = found.filter(({ category_id }) => category_id === common).length;

    const fewer = await run(changed.categories.filter(({ id }) => id !== common && id !== 300));
    const { leftOut, detections } = parse(fewer);
    expect([leftOut, detections]).toEqual([[{ index: common, label: expect.any(String), detections: count }], found.length - count]);
    expect(fewer.stderr.split('detections of classes without a category are left out').length).toBe(2);
    const none = await run([{ id: 300, name: 'unicorn' }]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('categories: none has an id from 1 to 90')]);
  });

  test.each([
    [{ categories: categories.slice(1), annotations: [] }, 'expected 3 categories, one for each class of the detector, found 2'],
    [{ images: [{ id: 1 }], annotations: [] }, 'images[0].file_name is missing'],
    [
      { images: [3, 4].map((id) => ({ id, file_name: '00.png' })), annotations: [] },
      'images[1].file_name: "00.png" is also the file_name of images[0]',
    ],
    [{ images: [], annotations: [] }, 'images: there is none'],
    ['[]', 'is a list, as detections are, but must be ground truth'],
    [{ categories: [{ id: 1, name: 'a' }] }, /annotations\[0\]\.category_id: no category of the ground truth has the id \d+/],
  ])('%j: one message', async (changed, message) => {
    const { code, stdout, stderr } = await evaluateOf(changed as Partial<Truth> | string);
    expect([code, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
    expect(stderr).toContain(`senet: ${path('changed.json')}: `);
    expect(stderr).toMatch(message);
  });
});

describe('interrupted', () => {
  test.each(some(['SIGKILL', 'SIGINT'] as const, 2))('by %s, the same command goes on and says the same', async (signal) => {
    const journal = path(`${signal}.jsonl`);
    const lines = async (): Promise<number> => (await readFile(journal, 'utf8').catch(() => '')).split('\n').length - 1;
    const child = spawn(process.execPath, [main, ...flags(), '--journal', journal], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    while ((await lines()) < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill(signal);
    expect(await ended).toBe(signal === 'SIGINT' ? 130 : null);
    const before = (await lines()) - 1;
    expect(before).toBeLessThan(truth.images.length);
    const outcome = await evaluate('--journal', journal, '--json');
    expect(outcome.stderr).toContain(`resuming after ${before} of ${truth.images.length} images`);
    expect(parse(outcome)).toEqual(whole);
  });

  test('a journal that is cut off anywhere, or damaged, or of other settings', async () => {
    const journal = path('cut.jsonl');
    const bytes = await readFile(path('whole.jsonl'));
    await writeFile(journal, bytes.subarray(0, bytes.length - 40));
    const outcome = await evaluate('--journal', journal, '--json');
    expect(outcome.stderr).toContain(`resuming after ${truth.images.length - 1} of ${truth.images.length} images`);
    expect(parse(outcome)).toEqual(whole);

    const other = await evaluate('--journal', journal, '--max-size', '161');
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('is not the journal of this evaluation')]);
    const [head] = bytes.toString().split('\n');
    const lines = [
      ['{"image":6,"found":[]}', 'line 2: image must be the id of one of the images, not 6'],
      ['{"image":5,"found":[4,0.5,1,1,2,2]}', 'line 2: found must be six numbers for each detection'],
      ['{"image":5}', 'line 2: found must be six numbers for each detection'],
    ] as const;
    for (const [line, message] of some<(typeof lines)[number]>(lines, 2)) {
      await writeFile(journal, `${head}\n${line}\n`);
      const damaged = await evaluate('--journal', journal);
      expect([damaged.code, damaged.stderr]).toEqual([2, `senet: ${journal}: ${message}${damaged.stderr.split(message)[1]}`]);
    }
  });
});

describe('flags', () => {
  test.each([
    [['--crops', '10'], 'expected no --crops with --detection'],
    [['--scales', '64'], 'expected no --scales with --detection'],
    [['--labels', 'labels.txt'], 'expected no --labels with --detection'],
    [['--no-packed-cache'], 'expected no --no-packed-cache with --detection'],
    [['folder'], 'expected no folder beside --detection'],
    [['--weights', 'other.pth'], 'expected one --weights with --detection, found 2'],
    [['--images', 'absent'], 'absent: is no folder'],
  ])('%j does not go together with --detection', async (args, message) => {
    const { code, stdout, stderr } = await evaluate(...args);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(`senet: ${message}`)]);
  });

  test.each([
    [['data', '--images', 'images'], '--images needs --detection'],
    [['data', '--min-size', '96'], '--min-size needs --detection'],
    [[], 'expected a folder or a list of labelled images, or --detection'],
    [['--detection', 'truth.json'], '--detection needs --images FOLDER'],
  ])('evaluate %j says what is missing', async (args, message) => {
    const { code, stdout, stderr } = await senetHere('evaluate', ...args);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(`senet: ${message}`)]);
  });

  test('nothing that is read is written over', async () => {
    const { code, stderr } = await senet(...flags(), '--detections', path('truth.json'));
    expect([code, stderr]).toEqual([2, `senet: --detections ${path('truth.json')}: is a file that is read: name another\n`]);
    expect(JSON.parse(await readFile(path('truth.json'), 'utf8'))).toEqual(truth);
  });
});
