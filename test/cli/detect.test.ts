import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDetector } from '../../src/detector/create.js';
import { decodeImage } from '../../src/io/image.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { findDetector } from '../../src/models/detection/index.js';
import { createModel } from '../../src/models/index.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { readImage, writePng } from '../../src/node/images/image.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { photographs } from '../io/fixtures.js';
import { bytesOf } from '../support/files/bytes.js';
import { type TorchItem, torchZip, type Wrap, whole } from '../support/files/torch.js';
import { long } from '../support/length.js';
import { main, type Outcome, senet } from './senet.js';
import { senetHere } from './senetHere.js';

interface Detected {
  readonly file: string;
  readonly model: string;
  readonly width: number;
  readonly height: number;
  readonly detections: readonly {
    readonly index: number;
    readonly label: string;
    readonly score: number;
    readonly box: readonly number[];
  }[];
  readonly dropped: number;
}

const photo = (name: string): string => fileURLToPath(new URL(name, photographs));
const chelsea = photo('chelsea.png');
const rocket = photo('rocket.jpg');
const turned = fileURLToPath(new URL('../fixtures/preprocess/files/exif6.jpg', import.meta.url));
const parse = ({ stdout }: Outcome): readonly Detected[] => JSON.parse(stdout) as readonly Detected[];

const network = 'torchvision/fasterrcnn_mobilenet_v3_large_320_fpn';
const weights = syntheticWeights(findDetector(network).create({ size: [64, 64], regions: 1, classes: 4 }), { seed: 5 });
const withBias = (value: number): ReadonlyMap<string, Tensor> =>
  new Map<string, Tensor>(weights).set('roi_heads.box_head.fc7.bias', tensor([1024], new Float32Array(1024).fill(value)));
let folder: string;
let file: string;
const path = (name: string): string => join(folder, name);
beforeAll(async () => {
  enableRelaxed();
  folder = await mkdtemp(join(tmpdir(), 'senet-detect-'));
  file = path('few.safetensors');
  await writeFile(file, saveSafetensors(weights));
  await writeFile(path('labels.txt'), 'apple\nbear\ncamel\n');
});
afterAll(() => rm(folder, { recursive: true }));

/** At a small size, and with a score that weights of chance reach. */
const small = (): readonly string[] => ['--weights', file, '--model', network, '--min-size', '32', '--score', '0.2'];
const detect = (...args: readonly string[]): Promise<Outcome> => senetHere('detect', ...small(), ...args);

/** Every run packs 15 million weights, so one does for several tests. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const plain = once(() => senet('detect', ...small(), chelsea, '--json'));
const forPeople = once(() => detect(rocket, '--labels', path('labels.txt'), '--draw', path('rocket.png')));
const drawn = once(async () => {
  await mkdir(path('drawn'));
  return await detect(chelsea, rocket, turned, '--json', '--labels', path('labels.txt'), '--draw', path('drawn/{name}.boxes.svg'));
});
/** Of a folder, with a file that two detectors fit. */
const album = once(async () => {
  await mkdir(path('album'));
  await copyFile(chelsea, path('album/a.png'));
  await writeFile(path('album/bad.jpg'), 'no image');
  await writePng(path('album/line.png'), { width: 1, height: 100_000, data: new Uint8Array(300_000) });
  await copyFile(rocket, path('album/z.jpg'));
  return await senet('detect', path('album'), path('missing.png'), '--weights', file, '--min-size', '32', '--max-size', '640', '--json');
});

describe('one photograph', () => {
  test('--json has what createDetector finds, and nothing else', async () => {
    const outcome = await plain();
    using detector = await createDetector({ weights: await readFile(file), model: network, minSize: 32, score: 0.2 });
    const { detections, width, height, dropped } = await detector.detect(await readFile(chelsea));
    expect(detections.length).toBeGreaterThan(1);
    expect(outcome.code).toBe(0);
    expect(parse(outcome)).toEqual([
      {
        file: chelsea,
        model: network,
        width,
        height,
        detections: detections.map(({ box: { x1, y1, x2, y2 }, ...rest }) => ({ ...rest, box: [x1, y1, x2, y2] })),
        dropped,
      },
    ]);
    expect([width, height, dropped]).toEqual([451, 300, 0]);
    // what takes long on a busy machine is told of before
    expect(outcome.stderr).toMatch(
      /(^|\n)1 image in [\d.]+ s \(torchvision\/fasterrcnn_mobilenet_v3_large_320_fpn, \w+.* kernels, 1 thread\)\n$/,
    );
  });

  test('for people: a line each, aligned, with the labels of --labels', async () => {
    const { stdout } = await forPeople();
    const [name, ...lines] = stdout.trimEnd().split('\n');
    expect(name).toBe(rocket);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines)
      expect(line).toMatch(/^ {2}0\.\d\d {2}(apple \(1\)|bear \(2\) |camel \(3\)) +[\d.]+ +[\d.]+ – +[\d.]+ +[\d.]+$/);
    expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
  });

  test('nothing is said to be there where no score is high enough', async () => {
    const { code, stdout } = await detect(chelsea, '--score', '1');
    expect([code, stdout]).toEqual([0, `${chelsea}\n  nothing of a score above 1\n`]);
  });

  test('a file that two detectors fit is one of the first, which is said', async () => {
    const outcome = await album();
    expect(parse(outcome)[0]?.model).toBe('torchvision/fasterrcnn_mobilenet_v3_large_fpn');
    expect(outcome.stderr).toContain(`${network} has the same tensors`);
  });

  test('what is not finite is left out, and said', async () => {
    const huge = withBias(3e38); // sums of products with it overflow, to both sides
    await writeFile(path('huge.safetensors'), saveSafetensors(huge));
    const outcome = await detect(chelsea, '--json', '--weights', path('huge.safetensors'));
    const [{ detections, dropped }] = parse(outcome) as [Detected];
    expect([outcome.code, detections, dropped > 0]).toEqual([0, [], true]);
    expect(outcome.stderr).toContain(`${chelsea}: ${dropped} boxes or scores are not finite`);

    await writeFile(path('nan.safetensors'), saveSafetensors(withBias(Number.NaN)));
    const refused = await detect(chelsea, '--weights', path('nan.safetensors'));
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain(`senet: ${path('nan.safetensors')}: tensor roi_heads.box_head.fc7.bias holds NaN`);
  });
});

describe("a trainer's file, with the names of torchvision before 0.13", () => {
  const old = (name: string): string =>
    name.replace(/^(backbone\.fpn\.\w+_blocks\.\d)\.0\./, '$1.').replace(/^rpn\.head\.conv\.0\.0\./, 'rpn.head.conv.');
  const items = [...weights].map(
    ([name, { shape, data }]): TorchItem => ({ name: old(name), type: 'Float', shape, bytes: () => bytesOf(data) }),
  );
  beforeAll(async () => {
    const saved: Wrap = (dict) => ({
      dict: [
        ['model', dict],
        ['epoch', 25],
      ],
    });
    await writeFile(path('model_25.pth'), whole(torchZip(items, saved)));
  });

  test('finds the same as the same weights by themselves, and says where they lie', async () => {
    const trained = await detect(chelsea, '--json', '--weights', path('model_25.pth'));
    expect([trained.code, trained.stdout]).toEqual([0, (await plain()).stdout]);
    expect(trained.stderr).toContain(`${path('model_25.pth')}: weights taken from model\n`);
  });

  test('is inspected', async () => {
    const { stdout } = await senetHere('inspect', path('model_25.pth'), '--model', network, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'torch',
      network,
      takenFrom: 'model',
      ignored: [{ name: 'epoch', what: '25' }],
      missing: [],
      extra: [],
      misshapen: [],
    });
  });
});

describe('many', () => {
  test('folders; one that cannot be read is named, the others go on, and the exit code is 2', async () => {
    const outcome = await album();
    expect(outcome.code).toBe(2);
    expect(parse(outcome).map(({ file, width, height }) => [file, width, height])).toEqual([
      [path('album/a.png'), 451, 300],
      [path('album/z.jpg'), 640, 427],
    ]);
    expect(outcome.stderr).toContain(`senet: ${path('album/bad.jpg')}: expected a JPEG, PNG or WebP image, found 8 bytes`);
    expect(outcome.stderr).toContain(`senet: ${path('missing.png')}: cannot be read (ENOENT)`);
    expect(outcome.stderr).toContain(`senet: ${path('album/line.png')}: an image of 1×100000 would be resized to 0×639: it is too narrow`);
    expect(outcome.stderr).toContain('2 images in ');
  });
});

/** The picture in an SVG file, and what is drawn over it. */
async function drawnIn(svg: string) {
  const { document } = parseHTML(`<html><body>${await readFile(svg, 'utf8')}</body></html>`);
  const [, type, data] = /^data:([^;]+);base64,(.*)$/.exec(
    document.querySelector('image')?.getAttribute('href') as string,
  ) as RegExpExecArray;
  return {
    type,
    bytes: new Uint8Array(Buffer.from(data as string, 'base64')),
    size: ['width', 'height'].map((side) => Number(document.querySelector('svg')?.getAttribute(side))),
    boxes: document.querySelectorAll('g[fill=none] rect').length / 2,
    labels: [...document.querySelectorAll('title')].map(({ textContent }) => textContent),
  };
}

describe('--draw', () => {
  test('as SVG: the file as it is, with a box and a label for each detection', async () => {
    const [, { detections }] = parse(await drawn()) as [Detected, Detected];
    const { type, bytes, size, boxes, labels } = await drawnIn(path('drawn/rocket.boxes.svg'));
    expect([type, size, boxes]).toEqual(['image/jpeg', [640, 427], detections.length]);
    expect(bytes).toEqual(new Uint8Array(await readFile(rocket)));
    expect(labels.toReversed()).toEqual(detections.map(({ label, score }) => `${label} ${score.toFixed(2)}`));
  });

  test('as PNG: the pixels, changed where something is drawn', async () => {
    expect((await forPeople()).code).toBe(0);
    const [{ width, height, data }, before] = [await readImage(path('rocket.png')), await readImage(rocket)];
    expect([width, height]).toEqual([640, 427]);
    const changed = data.filter((value, i) => value !== before.data[i]).length;
    expect([changed > 0, changed < data.length]).toEqual([true, true]);
  });

  test('the picture is turned as its pixels were read: upright, or with --no-orient as they lie', async () => {
    const lying = await detect(turned, '--json', '--no-orient', '--draw', path('turned.svg'));
    for (const [outcome, svg, orient] of [
      [await drawn(), 'drawn/exif6.boxes.svg', true],
      [lying, 'turned.svg', false],
    ] as const) {
      const { width, height } = parse(outcome).at(-1) as Detected;
      const { type, bytes, size } = await drawnIn(path(svg));
      expect([type, size]).toEqual(['image/png', [width, height]]);
      expect(await decodeImage(bytes)).toEqual(await readImage(turned, { orient }));
    }
  });

  test('of several, {name} is the name of each', async () => {
    expect((await drawn()).code).toBe(0);
    expect((await readdir(path('drawn'))).sort()).toEqual(['chelsea.boxes.svg', 'exif6.boxes.svg', 'rocket.boxes.svg']);
  });

  test('a drawing that cannot be written is named, and leaves nothing behind', async () => {
    await mkdir(path('taken.svg'));
    const { code, stderr } = await detect(chelsea, '--draw', path('taken.svg'));
    expect([code, stderr]).toEqual([2, expect.stringContaining(`senet: ${path('taken.svg')}: cannot be written`)]);
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test.each([
    ['out.jpg', 'expected a drawing’s name to end in .svg or .png'],
    ['out.svg', 'expected {name}, for the name of each picture, in the name of 3 drawings'],
    ['{name}.png', 'would both be drawn to it'],
    ['none/{name}.svg', 'none: is no folder'],
  ])('%s: %s', async (out, message) => {
    const copy = path('copies/chelsea.png');
    await mkdir(path('copies'), { recursive: true });
    await copyFile(chelsea, copy);
    const files = out.startsWith('none') ? [chelsea] : [chelsea, rocket, copy];
    const { code, stdout, stderr } = await detect(...files, '--draw', path(out));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message.replace('’', "'"));
  });

  test('never takes the place of a picture', async () => {
    const copy = path('copies/own.png');
    await mkdir(path('copies'), { recursive: true });
    await copyFile(chelsea, copy);
    const { code, stderr } = await detect(copy, '--draw', path('copies/{name}.png'));
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${copy}: is a picture: its drawing needs another name`)]);
    expect(await readFile(copy)).toEqual(await readFile(chelsea));
  });
});

// two processes; test/node/tileCache.test.ts tests what they call
if (long)
  test('which tile is the fastest is remembered, and measured no more', async () => {
    const cache = path('cache');
    const { SENET_TILE: _, ...environment } = process.env;
    const run = (): Promise<string> =>
      promisify(execFile)(process.execPath, [main, 'detect', chelsea, ...small(), '--algorithms', 'direct', '--json'], {
        env: { ...environment, SENET_CACHE: cache },
      }).then(({ stdout }) => stdout);
    const first = await run();
    const [name, ...others] = await readdir(join(cache, 'tiles'));
    expect(others).toEqual([]);
    const kept = join(cache, 'tiles', name as string);
    const answers = await readFile(kept, 'utf8');
    expect(JSON.parse(answers).length).toBeGreaterThan(1);
    expect(await run()).toBe(first);
    expect(await readFile(kept, 'utf8')).toBe(answers);
  });

describe('wrong use', () => {
  test('no detector ships, so one must be named: which are published is said', async () => {
    const none = await senet('detect', chelsea);
    expect([none.code, none.stdout]).toEqual([2, '']);
    expect(none.stderr).toContain('no detector ships; --model fasterrcnn_resnet50_fpn.COCO_V1 downloads one');
    const ours = await senetHere('detect', chelsea, '--model', 'fasterrcnn_seresnet50_fpn');
    expect(ours.stderr).toContain('no weights are published for senet/fasterrcnn_seresnet50_fpn: name a checkpoint with --weights FILE');
  });

  test.each([
    [['--model', 'fasterrcnn_resnet50'], 'unknown detector fasterrcnn_resnet50 (did you mean fasterrcnn_resnet50_'],
    [
      ['--model', 'fasterrcnn_resnet50_fpn.COCO_V2'],
      'of torchvision/fasterrcnn_resnet50_fpn there are torchvision/fasterrcnn_resnet50_fpn.COCO_V1',
    ],
    [['--model', 'seresnet18.tv_in1k'], 'seresnet18.tv_in1k classifies'],
    [['--model', 'seresnet18'], 'seresnet18 classifies, and is no detector: `senet classify`'],
    [['--model', 'fasterrcnn_resnet50_fpn'], 'the tensors are not those of torchvision/fasterrcnn_resnet50_fpn'],
    [['--score', '1.1'], 'Expected a number from 0 to 1'],
    [['--min-size', '0'], 'whole number above 0'],
    [['--weights', 'absent.pth'], 'absent.pth: cannot be read (ENOENT)'],
    [['--state', 'ema'], 'found ema'],
    [['--labels', 'absent.txt'], 'absent.txt: cannot be read (ENOENT)'],
    [['--threads', '1000000000'], 'threads is a whole number from 1'],
  ])('%j exits 2 and says %j, with nothing on stdout', async (args, message) => {
    const { code, stdout, stderr } = await detect(chelsea, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test('labels that are not one per class are refused, naming their file', async () => {
    await writeFile(path('two.txt'), 'apple\nbear\n');
    const { code, stderr } = await detect(chelsea, '--labels', path('two.txt'));
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`${path('two.txt')}: expected 3 labels, one per class without the background, found 2`),
    ]);
  });

  test('a network that classifies is none that detects, and the other way round', async () => {
    const classifier = path('resnet18.safetensors');
    await writeFile(classifier, saveSafetensors(syntheticWeights(createModel('timm/resnet18', { classes: 3 }), { seed: 1 })));
    const wrong = await senetHere('detect', chelsea, '--weights', classifier);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining(`${classifier}: the tensors are no detector's`)]);
    const other = await senetHere('classify', chelsea, '--weights', file);
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/belongs to a detector.*`senet detect` runs Faster R-CNN/)]);
    const named = await senetHere('classify', chelsea, '--model', network);
    expect([named.code, named.stderr]).toEqual([
      2,
      expect.stringContaining(`${network} is a detector, which does not classify: \`senet detect\``),
    ]);
  });
});
