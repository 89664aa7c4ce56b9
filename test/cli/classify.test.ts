import { copyFile, link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { probabilities, topIndices } from '../../src/classifier/top.js';
import { type PreprocessOptions, preprocess } from '../../src/io/preprocess.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { readImage, writePng } from '../../src/node/images/image.js';
import { labelsOf } from '../../src/pretrained/labels.js';
import { preprocessOptions, presets } from '../../src/pretrained/preset.js';
import type { Tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { photographs } from '../io/fixtures.js';
import { sendFile, serve } from '../node/download/server.js';
import { bytesOf } from '../support/files/bytes.js';
import { categories, parallel, placesFile, placesItems } from '../support/files/places365.js';
import { valuesOf } from '../support/files/published.js';
import { whole } from '../support/files/torch.js';
import { type Outcome, senet } from './senet.js';
import { senetHere } from './senetHere.js';

interface Classified {
  readonly file: string;
  readonly model: string;
  readonly top: readonly { readonly index: number; readonly label: string; readonly probability: number }[];
  readonly logits: readonly number[];
}

const photo = (name: string): string => fileURLToPath(new URL(name, photographs));
const chelsea = photo('chelsea.png');
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/preprocess/files/${name}`, import.meta.url));
const parse = ({ stdout }: Outcome): readonly Classified[] => JSON.parse(stdout) as readonly Classified[];

const network = 'timm/regnety_002'; // the smallest that has weights of its own on the hub
const published = 'regnety_002.pycls_in1k';
const weightsOf = (id: string, classes: number) => syntheticWeights(createModel(id, { classes }), { seed: 5 });
const weights = { thousand: weightsOf(network, 1000), seven: weightsOf(network, 7), resnet18: weightsOf('timm/resnet18', 1000) };
type Some = keyof typeof weights;
let folder: string;
let thousand: string;
let seven: string;
/** Other libraries have the same network, and the publisher tests it at another size. */
let resnet18: string;
beforeAll(async () => {
  enableRelaxed();
  folder = await mkdtemp(join(tmpdir(), 'senet-classify-'));
  const written = Object.entries(weights).map(async ([name, values]) => {
    const file = join(folder, `${name}.safetensors`);
    await writeFile(file, saveSafetensors(values));
    return file;
  });
  [thousand, seven, resnet18] = (await Promise.all(written)) as [string, string, string];
});
afterAll(() => rm(folder, { recursive: true }));

/** What the command should find, from the library's own functions. */
async function logitsOf(file: string, options: PreprocessOptions, of: Some = 'thousand'): Promise<readonly number[]> {
  const id = of === 'resnet18' ? 'timm/resnet18' : network;
  using session = await compile(createModel(id, { classes: of === 'seven' ? 7 : 1000, size: options.crop }), weights[of]);
  return [...(session.run(preprocess(await readImage(file), options)).get('logits')?.data ?? [])];
}

const usual = preprocessOptions(presets.bicubic); // of the published weights

describe('one photograph', () => {
  test('--json has its file, model, top and logits, and nothing else; the labels are ImageNet’s', async () => {
    const outcome = await senet('classify', chelsea, '--weights', thousand, '--json');
    expect(outcome.code).toBe(0);
    const [only, ...others] = parse(outcome) as [Classified];
    expect(others).toEqual([]);
    expect(Object.keys(only)).toEqual(['file', 'model', 'top', 'logits']);
    expect([only.file, only.model]).toEqual([chelsea, network]);
    expect(only.logits).toEqual(await logitsOf(chelsea, usual));

    const logits = Float32Array.from(only.logits);
    const labels = await labelsOf('imagenet');
    const top = topIndices(logits, 5).map((index) => ({
      index,
      label: labels[index]?.name,
      probability: probabilities(logits)[index],
    }));
    expect(only.top).toEqual(top);
  });

  test('for people: a line a class, and how fast, to stderr', async () => {
    const { stdout, stderr } = await senetHere('classify', chelsea, '--weights', thousand, '--top', '2');
    expect(stdout).toMatch(new RegExp(`^${chelsea}\n +\\d+\\.\\d\\d %  .+ \\(\\d+\\)\n +\\d+\\.\\d\\d %  .+ \\(\\d+\\)\n$`));
    expect(stderr).toContain('1 image in ');
    expect(stderr).toContain(`images as for ${published}`);
  });

  test('with a published file, under whatever source, the images are those of that file', async () => {
    const torchvision = join(folder, 'resnet18-f37072fd.pth');
    await link(resnet18, torchvision);
    const [{ model, logits }] = parse(await senetHere('classify', chelsea, '--weights', torchvision, '--json')) as [Classified];
    expect(model).toBe('torchvision/resnet18.IMAGENET1K_V1');
    expect(logits).toEqual(await logitsOf(chelsea, preprocessOptions(presets.bilinear), 'resnet18'));
    const named = await senetHere('classify', chelsea, '--weights', resnet18, '--model', 'resnet18.tv_in1k', '--json');
    expect(parse(named)).toMatchObject([{ model: 'timm/resnet18.tv_in1k', logits }]);
  });

  test('--size, --crop and --interpolation override', async () => {
    const options = { ...usual, resize: 106, crop: 96, filter: 'bilinear' } as const;
    const flags = ['--size', '96', '--crop', '0.9', '--interpolation', 'bilinear'];
    const [{ logits }] = parse(await senetHere('classify', chelsea, '--weights', thousand, '--json', ...flags)) as [Classified];
    expect(logits).toEqual(await logitsOf(chelsea, options));
  });

  test('--size test takes the size at which the publisher tests', async () => {
    const options = { ...preprocessOptions(presets.strikesBack), resize: 288, crop: 288 }; // timm/resnet18.a1_in1k, the first of its weights
    const [{ logits }] = parse(await senetHere('classify', chelsea, '--weights', resnet18, '--json', '--size', 'test')) as [Classified];
    expect(logits).toEqual(await logitsOf(chelsea, options, 'resnet18'));
  });

  test('is refused where it is truncated, unless --tolerant', async () => {
    const cut = join(folder, 'cut.jpg');
    await writeFile(cut, (await readFile(fixture('444.jpg'))).subarray(0, -60));
    const flags = ['classify', cut, '--weights', thousand, '--json', '--size', '64'];
    expect(await senetHere(...flags)).toMatchObject({ code: 2, stderr: expect.stringContaining(`${cut}: the JPEG is truncated`) });
    expect(parse(await senetHere(...flags, '--tolerant'))[0]?.file).toBe(cut);
  });

  test('is turned upright, unless --no-orient', async () => {
    const upright = join(folder, 'upright.png');
    await writePng(upright, await readImage(fixture('exif6.jpg'), { orient: true }));
    const classified = parse(await senetHere('classify', fixture('exif6.jpg'), upright, '--weights', thousand, '--json', '--size', '64'));
    expect(classified[0]?.logits).toEqual(classified[1]?.logits);
    const [lying] = parse(
      await senetHere('classify', fixture('exif6.jpg'), '--no-orient', '--weights', thousand, '--json', '--size', '64'),
    );
    expect(lying?.logits).not.toEqual(classified[0]?.logits);
  });
});

describe('classes', () => {
  test('of another number have indices for labels, or those of --labels', async () => {
    const [bare] = parse(await senetHere('classify', chelsea, '--weights', seven, '--json', '--top', '9')) as [Classified];
    expect(bare.logits).toEqual(await logitsOf(chelsea, usual, 'seven'));
    expect(bare.top.map(({ index, label }) => [index, label])).toEqual(
      topIndices(Float32Array.from(bare.logits), 7).map((i) => [i, String(i)]),
    );

    const labels = join(folder, 'labels.txt');
    await writeFile(labels, 'a\nb\nc\nd\ne\nf\ng\n');
    const [named] = parse(await senetHere('classify', chelsea, '--weights', seven, '--json', '--labels', labels)) as [Classified];
    expect(named.top.map(({ index, label }) => [index, label])).toEqual(bare.top.slice(0, 5).map(({ index }) => [index, 'abcdefg'[index]]));

    const { code, stderr } = await senetHere('classify', chelsea, '--weights', thousand, '--labels', labels);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${labels}: expected 1000 labels, one per class, found 7`)]);
  });
});

describe('many', () => {
  test('folders and patterns; one that cannot be read is named, the others go on, and the exit code is 2', async () => {
    const album = join(folder, 'album');
    await mkdir(join(album, 'deeper'), { recursive: true });
    await copyFile(photo('rocket.jpg'), join(album, 'deeper', 'rocket.JPG'));
    await copyFile(chelsea, join(album, 'a.png'));
    await writeFile(join(album, 'bad.jpg'), 'no image');
    await writeFile(join(album, 'notes.txt'), 'no image either');
    await writePng(join(album, 'line.png'), { width: 1, height: 100_000, data: new Uint8Array(300_000) });
    const args = [`${album}/`, `${album}/*.png`, join(album, 'missing.png')];
    const outcome = await senet('classify', ...args, '--weights', thousand, '--json', '--size', '64');
    expect(outcome.code).toBe(2);
    expect(parse(outcome).map(({ file }) => file)).toEqual([join(album, 'a.png'), join(album, 'deeper', 'rocket.JPG')]);
    expect(outcome.stderr).toContain(`senet: ${join(album, 'bad.jpg')}: expected a JPEG, PNG or WebP image, found 8 bytes`);
    expect(outcome.stderr).toContain(`senet: ${join(album, 'missing.png')}: cannot be read (ENOENT)`);
    expect(outcome.stderr).toContain(`senet: ${join(album, 'line.png')}: resize to 73×7300000: `);
    expect(outcome.stderr).not.toContain('notes.txt');
    expect(outcome.stderr).toContain('2 images in ');
  });

  test('none at all is an empty list', async () => {
    const outcome = await senetHere('classify', join(folder, 'missing.png'), '--weights', thousand, '--json');
    expect([outcome.code, parse(outcome)]).toEqual([2, []]);
  });
});

describe('--gates', () => {
  test('draws every SE block, and leaves the answers as they are', async () => {
    const file = join(folder, 'se.safetensors');
    const chart = join(folder, 'gates.svg');
    const graph = createModel('senet/se_resnet14_cifar10', { gates: true });
    await writeFile(file, saveSafetensors(syntheticWeights(graph, { seed: 6 })));
    const args = ['classify', chelsea, photo('rocket.jpg'), '--weights', file, '--model', 'senet/se_resnet14_cifar10', '--json'];
    const drawn = await senet(...args, '--gates', chart);
    expect(drawn.stdout).toBe((await senetHere(...args)).stdout);
    const svg = await readFile(chart, 'utf8');
    for (const path of graph.outputs.keys()) if (path !== 'logits') expect(svg).toContain(`>${path}</text>`);
    expect(svg.match(/<polyline/g)).toHaveLength(2 * (graph.outputs.size - 1));
  });

  test('has nothing to draw of a network without SE', async () => {
    const { code, stderr } = await senetHere('classify', chelsea, '--weights', resnet18, '--gates', join(folder, 'none.svg'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('timm/resnet18 has no SE blocks')]);
  });
});

describe('the network that ships', () => {
  test('is used where none is named, and says which classes it knows', async () => {
    const { code, stdout, stderr } = await senet('classify', chelsea, '--json');
    expect(code).toBe(0);
    const [{ model, top }] = JSON.parse(stdout);
    expect(model).toBe('senet/se_resnet20x2_cifar10.senet');
    expect(top[0].label).toBe('cat');
    expect(stderr).toContain('knows 10 classes, airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck');
    expect(stderr).toContain('may be of none of them');
  });

  test('has a name like any other weights, and draws its gates', async () => {
    const svg = join(folder, 'shipped.svg');
    const { code } = await senetHere('classify', chelsea, '--model', 'seresnet20_cifar10.senet', '--offline', '--gates', svg);
    expect(code).toBe(0);
    expect(await readFile(svg, 'utf8')).toContain('features.stage3.unit3.se');
    expect((await senetHere('weights', 'cifar10.senet')).stdout).toContain('this package');
  });
});

describe('scenes', () => {
  test('a file of Places365’s ResNet-18 and the list of its classes, as published', { timeout: 120_000 }, async () => {
    const values = new Map(placesItems('resnet18').map(({ name, shape }) => [name, valuesOf(name, shape)]));
    const items = placesItems('resnet18').map((item) => ({ ...item, bytes: () => bytesOf((values.get(item.name) as Tensor).data) }));
    const [file, labels] = ['resnet18_places365.pth.tar', 'categories_places365.txt'].map((name) => join(folder, name)) as [string, string];
    await writeFile(file, whole(placesFile('resnet18', parallel(items))));
    await writeFile(labels, categories);
    const flags = ['classify', chelsea, '--weights', file, '--json', '--top', '365'];
    const outcome = await senetHere(...flags, '--labels', labels);
    expect(outcome).toMatchObject({ code: 0, stderr: expect.not.stringContaining('categories_places365.txt') });
    const [{ model, top, logits }] = parse(outcome) as [Classified];

    using session = await compile(createModel('torchvision/resnet18', { classes: 365 }), values);
    const input = preprocess(await readImage(chelsea), { ...preprocessOptions(presets.bilinear), resize: 256, crop: 224 });
    expect(model).toBe('torchvision/resnet18.places365');
    expect(logits).toEqual([...(session.run(input).get('logits')?.data ?? [])]);
    const named = new Map(top.map(({ index, label }) => [index, label]));
    expect([0, 8, 364].map((index) => named.get(index))).toEqual(['airfield', 'apartment_building/outdoor', 'zone/364']);

    const unnamed = await senetHere(...flags, '--size', '64');
    expect(unnamed.stderr).toContain('categories_places365.txt');
    for (const { label, index } of parse(unnamed)[0]?.top ?? []) expect(label).toBe(String(index));
    const missing = await senetHere('classify', chelsea, '--model', 'resnet18.places365');
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('fetch it from https://github.com/CSAILVision/places365') });
  });
});

describe('wrong use exits 2 and says', () => {
  test.each<readonly [readonly string[], string]>([
    [['--model', 'seresnet5'], 'did you mean seresnet50'],
    [['--model', 'seresnet50.ra3_in1k'], 'of seresnet50 there are timm/seresnet50.a1_in1k'],
    [['--weights', 'missing.safetensors'], 'missing.safetensors: cannot be read'],
    [['--weights', chelsea], chelsea],
    [['--model', published, '--size', 'test', '--weights', 'THOUSAND'], 'these weights have one size only'],
    [['--model', 'resnet50', '--weights', 'THOUSAND'], 'not those of resnet50'],
    [['--weights', 'THOUSAND', '--crop', '1.5'], 'Expected a number above 0, and 1 at most'],
    [['--weights', 'THOUSAND', '--interpolation', 'nearest'], 'Allowed choices are bilinear, bicubic'],
  ])('%j: %s', async (args, message) => {
    const { code, stdout, stderr } = await senetHere('classify', chelsea, ...args.map((arg) => (arg === 'THOUSAND' ? thousand : arg)));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test('that weights are too large for any answer', async () => {
    const file = join(folder, 'large.safetensors');
    const large = [...weights.seven].map(
      ([name, { shape, data }]) => [name, { shape, data: name === 'head.fc.weight' ? data.map(() => 3e38) : data }] as const,
    );
    await writeFile(file, saveSafetensors(new Map(large)));
    const { code, stderr } = await senetHere('classify', chelsea, '--weights', file);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${file}: the network's outputs for ${chelsea} are not finite`)]);
  });

  test('nothing after an error: no image was classified', async () => {
    const { stderr } = await senetHere('classify', 'missing.png', '--weights', thousand, '--model', published);
    expect(stderr).toBe('senet: missing.png: cannot be read (ENOENT): there is no such file\n');
  });

  test('that standard input is not read by the name -', async () => {
    const { code, stderr } = await senetHere('classify', '-', '--weights', thousand, '--model', published);
    expect([code, stderr]).toEqual([2, 'senet: -: cannot be read (ENOENT): standard input is not read, name a file or /dev/stdin\n']);
  });

  test('that a folder or a pattern has no images', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    for (const path of [empty, `${empty}/*.png`]) {
      const { code, stderr } = await senetHere('classify', path, '--weights', thousand);
      expect([code, stderr]).toEqual([2, expect.stringContaining(`${path}: no file`)]);
    }
  });
});

/** Until the test ends. */
function inEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

describe('weights by name', () => {
  test('come from the hub once, then from the cache, whose commands list, find and remove them', { timeout: 240_000 }, async () => {
    const file = await readFile(thousand);
    const name = `timm/${published}`;
    const { origin, requests } = await serve((request, response) =>
      request.url === `/${name}/resolve/main/model.safetensors` ? sendFile(request, response, file) : response.writeHead(404).end(),
    );
    const cache = join(folder, 'cache');
    inEnvironment({ SENET_CACHE: cache, HF_ENDPOINT: `${origin}/`, HF_TOKEN: 'hf_secret' });
    const args = ['classify', chelsea, '--model', published, '--json', '--no-packed-cache'];

    const offline = await senetHere(...args, '--offline');
    expect([offline.code, offline.stderr]).toEqual([2, expect.stringContaining('is not in the cache')]);
    expect(requests).toEqual([]);

    const first = await senet(...args);
    expect(parse(first)).toMatchObject([{ model: name }]);
    expect(parse(first)[0]?.logits).toEqual(await logitsOf(chelsea, usual));
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer hf_secret']);

    const again = await senetHere(...args, '--offline');
    expect(again.stdout).toBe(first.stdout);
    expect(requests).toHaveLength(1);

    const path = join(cache, 'timm', published, 'model.safetensors');
    expect((await senetHere('cache', 'path')).stdout).toBe(`${cache}\n`);
    expect((await senetHere('cache', 'path', published)).stdout).toBe(`${path}\n`);
    const listed = JSON.parse((await senetHere('cache', 'ls', '--json')).stdout);
    expect(listed).toEqual([{ name, file: path, bytes: file.length, complete: true }]);
    const known = JSON.parse((await senetHere('weights', 'timm/regnety_00', '--json')).stdout) as { name: string; cached: boolean }[];
    expect(known.length).toBeGreaterThan(1);
    expect(known.filter(({ cached }) => cached).map((row) => row.name)).toEqual([name]);

    await writeFile(path, Buffer.concat([file.subarray(0, -1), Buffer.of(77)]));
    const damaged = await senet(...args);
    expect([damaged.code, damaged.stderr]).toEqual([2, expect.stringContaining('expected a file whose SHA-256 is')]);

    expect((await senetHere('cache', 'rm')).code).toBe(2);
    const unknown = await senetHere('cache', 'rm', name, `${name}s`);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining(`did you mean ${name}`)]);
    expect((await senet('cache', 'rm', name)).stdout).toBe(`removed ${name}\n`);
    expect((await senetHere('cache', 'ls', '--json')).stdout).toBe('[]\n');

    const missing = await senetHere(...args, '--revision', 'v9');
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining('/resolve/v9/model.safetensors: answered 404: there is no such file'),
    ]);
  });

  test('without a tag are the first listed, which is said', async () => {
    const { origin } = await serve((_, response) => response.writeHead(404).end());
    inEnvironment({ SENET_CACHE: join(folder, 'none'), HF_ENDPOINT: origin });
    const { code, stderr } = await senetHere('classify', chelsea, '--model', 'seresnet50');
    expect(code).toBe(2);
    expect(stderr).toContain('timm/seresnet50: using seresnet50.a1_in1k; there are also seresnet50.ra2_in1k, ');
    expect(stderr).toContain(`${origin}/timm/seresnet50.a1_in1k/resolve/main/model.safetensors`);
  });
});
