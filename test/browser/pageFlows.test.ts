import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createClassifier, createModel, quantise, saveQuantised } from '../../src/index.js';
import { caffeModel } from '../support/files/caffe.js';
import { caffeRelease, releaseOf } from '../support/files/caffeRelease.js';
import { type FileFormat, itemsOf, type Published, partsOf, published } from '../support/files/published.js';
import { whole } from '../support/files/torch.js';
import { asset, builtPage, problem, weights } from './visits.js';

/** The rest of what a visitor may do on the page: page.test.ts has the main flow. */

const { visit, folder } = builtPage();

const first = (page: Page): Promise<string | null> => page.locator('.verdict').first().textContent();
const how = (page: Page): Promise<string | null> => page.locator('.status .how').textContent();
const awaitNetwork = (page: Page, name: string): Promise<unknown> =>
  page.waitForFunction((wanted) => document.querySelector('.status .how')?.textContent?.startsWith(`${wanted}: ready`), name, {
    timeout: 100_000,
  });
/** What a verdict says of the first label of a classification. */
const verdictOf = (label: string, probability: number): string => `${label} ${(100 * probability).toFixed(probability > 0.0995 ? 0 : 1)} %`;

describe('the camera', () => {
  /** A camera that shows one picture. */
  const showing = (picture: string): string => `
    navigator.mediaDevices.getUserMedia = async () => {
      const image = await createImageBitmap(await (await fetch('${picture}')).blob());
      const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
      const context = canvas.getContext('2d');
      setInterval(() => context.drawImage(image, 0, 0), 50);
      globalThis.stream = canvas.captureStream();
      return globalThis.stream;
    };`;

  test('is shown, a frame of it is taken whole, and it is let go', async () => {
    const page = await visit({ before: showing('/assets/images/moose.webp') });
    await page.waitForSelector('.verdict');
    await page.getByRole('button', { name: 'Camera' }).first().click();
    await page.getByRole('button', { name: 'Take it' }).click(); // waits for the first frame: it can be pressed from then on
    await page.waitForFunction(() => document.querySelector('.place img')?.getAttribute('alt') === 'your camera’s picture');
    await page.waitForFunction(() => document.querySelector('.verdict')?.textContent?.startsWith('deer'));
    const { width, height } = await page
      .locator('.place img')
      .first()
      .evaluate((image) => {
        const { naturalWidth, naturalHeight } = image as HTMLImageElement;
        return { width: naturalWidth, height: naturalHeight };
      });
    const bitmap = await page.evaluate(async () => {
      const { width, height } = await createImageBitmap(await (await fetch('/assets/images/moose.webp')).blob());
      return { width, height };
    });
    expect({ width, height }).toEqual(bitmap);
    expect(
      await page.evaluate(() => (globalThis as unknown as { stream: MediaStream }).stream.getTracks().map(({ readyState }) => readyState)),
    ).toEqual(['ended']);
  });

  test('that is not allowed is a sentence that says what to do', async () => {
    const page = await visit({
      before: "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));",
    });
    await page.waitForSelector('.verdict');
    await page.getByRole('button', { name: 'Camera' }).first().click();
    await page.getByText('The camera cannot be used (Permission denied). Allow it in the browser’s settings, or choose a file.').waitFor();
    await page.getByRole('button', { name: 'Camera' }).first().click();
    await page.waitForSelector('.place img[alt="a cat"]');
  });
});

describe('the network of three classes, whose gates matter', () => {
  beforeAll(async () => {
    const from = new URL('../../networks/qvac/', import.meta.url);
    await mkdir(`${folder()}/models`, { recursive: true });
    const name = 'mobilenetv3_3class_v3_fp16.gguf';
    for (const [file, as] of [
      [name, name],
      ['meal_1.jpg', 'meal.jpg'],
    ] as const)
      await copyFile(new URL(file, from), `${folder()}/models/${as}`);
  });

  test('is chosen with a picture of its own, and fails with its gates open', async () => {
    const page = await visit();
    await page.waitForSelector('.verdict');
    await page.locator('.status select').selectOption('qvac');
    await page.waitForFunction(() => document.querySelector('.verdict')?.textContent?.startsWith('food'), undefined, { timeout: 100_000 });
    expect(await page.locator('.strip').count()).toBe(9);
    await page.getByLabel('How far the gates are changed').fill('1');
    await page.waitForSelector('.verdict .then');
    expect(await first(page)).toMatch(/^food \d+ % with the gates changed: other \d+ %$/);
    await page.waitForURL(/#network=qvac&pictures=meal,&amount=1$/);
    await page.getByRole('button', { name: 'Back to trained' }).click();
    await page.waitForFunction(() => document.querySelector('.verdict .then') === null);
    await page.locator('.status select').selectOption('cifar10');
    await page.waitForFunction(() => document.querySelector('.verdict')?.textContent?.startsWith('cat'));
  });

  test('is read from a file of the visitor, a .gguf', async () => {
    const page = await visit();
    await page.waitForSelector('.verdict');
    await weights(page, `${folder()}/models/mobilenetv3_3class_v3_fp16.gguf`);
    await page.waitForFunction(() => document.querySelector('.verdict')?.textContent?.startsWith('other'), undefined, { timeout: 100_000 });
    expect(await page.locator('.strip').count()).toBe(9);
  });
});

test.each([
  ['mean', 'all alike: the mean of their block'],
  ['shuffled', 'shuffled within their block'],
] as const)('gates become %s, the same for whoever opens the link', async (target, title) => {
  const page = await visit();
  await page.waitForSelector('.verdict');
  await page.getByLabel('Gates become').selectOption({ label: title });
  await page.getByLabel('How far the gates are changed').fill('1');
  await page.waitForSelector('.verdict .then');
  await page.waitForURL(new RegExp(`#gates=${target}&amount=1$`));
  const meters = (where: Page): Promise<readonly number[]> =>
    where.locator('meter.after').evaluateAll((all) => all.map((meter) => (meter as HTMLMeterElement).value));
  const here = await meters(page);
  const trained = await page.locator('meter.before').evaluateAll((all) => all.map((meter) => (meter as HTMLMeterElement).value));
  expect(here).not.toEqual(trained);
  const there = await visit({ hash: new URL(page.url()).hash });
  await there.waitForSelector('.verdict .then');
  expect(await meters(there)).toEqual(here);
});

test('a channel is looked at under the mouse, and by a tap', async () => {
  const page = await visit();
  await page.waitForSelector('.strip');
  const strip = page.locator('.strip').nth(8);
  await strip.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await strip.boundingBox()) as { x: number; y: number; width: number; height: number };
  const at = (channel: number): [number, number] => [x + (width * (channel + 0.5)) / 128, y + height / 2];
  const heading = (channel: number) => page.getByRole('heading', { name: `a cat: layer3.2.se.gate, channel ${channel} of 128` });
  await page.mouse.move(...at(40));
  await heading(40).waitFor();
  await strip.evaluate((element, clientX) => {
    const touch = { pointerType: 'touch', clientX, clientY: 0, bubbles: true };
    element.dispatchEvent(new PointerEvent('pointermove', { ...touch, clientX: 0 })); // a finger that scrolls looks at nothing
    element.dispatchEvent(new PointerEvent('click', touch));
  }, at(90)[0]);
  await heading(90).waitFor();
});

test('the second picture is taken away again', async () => {
  const page = await visit({ hash: '#pictures=chelsea,moose' });
  await page.waitForFunction(() => document.querySelectorAll('.verdict').length === 2);
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.waitForFunction(() => document.querySelectorAll('.verdict').length === 1);
  expect(new URL(page.url()).hash).toBe('');
});

describe("a visitor's own checkpoint", () => {
  const small = published.find(({ id }) => id === 'pytorchcv/seresnet20_cifar10') as Published;

  test.each<[FileFormat, string]>([
    ['pth', 'mine.pth'],
    ['legacy pth', 'mine.pth'],
    ['zip of a pth', 'mine.pth.zip'],
  ])('%s: is recognised and says what the library says', async (format, name) => {
    const bytes = whole(partsOf(itemsOf(small), format));
    using classifier = await createClassifier({ weights: bytes });
    const [top] = (await classifier.classify(await readFile(asset('images/chelsea.png')))).top;
    const page = await visit();
    await page.waitForSelector('.verdict');
    await weights(page, { name, buffer: Buffer.from(bytes) });
    await awaitNetwork(page, small.id);
    await page.waitForSelector('.verdict');
    expect(await first(page)).toBe(verdictOf(top?.label ?? '', top?.probability ?? 0));
  });

  test('in 8 bits: answers as the library does, and its gates are changed as those of floats', async () => {
    using float = await createClassifier();
    const { id, options, classes, preset, labels, weights: tensors } = float.network;
    const graph = createModel(id, { ...options, classes, size: preset.size });
    const pictures = [];
    for (const name of ['chelsea.png', 'coffee.png', 'rocket.jpg', 'moose.webp'])
      pictures.push(await float.prepare(await readFile(asset(`images/${name}`))));
    const bytes = saveQuantised(await quantise(graph, tensors, pictures), { model: id, options, preset, labels });
    using classifier = await createClassifier({ weights: bytes });
    const [top] = (await classifier.classify(await readFile(asset('images/chelsea.png')))).top;
    const page = await visit();
    await page.waitForSelector('.verdict');
    await weights(page, { name: 'small.safetensors', buffer: Buffer.from(bytes) });
    await page.waitForFunction(() => document.querySelector('.status option:checked')?.textContent === 'small.safetensors');
    await awaitNetwork(page, id);
    await page.waitForSelector('.verdict');
    expect(await first(page)).toBe(verdictOf(top?.label ?? '', top?.probability ?? 0));
    expect(await page.locator('.strip').count()).toBe(9);
    await page.getByLabel('How far the gates are changed').fill('1');
    await page.waitForSelector('.verdict .then');
    expect(await first(page)).toMatch(/^cat \d+ % with the gates changed: automobile \d+ %$/);
  });

  test('a .caffemodel of 100 MB tells how far it is read, and its block of gates is drawn', async () => {
    const name = 'SE-ResNet-50';
    const { layers } = releaseOf(caffeRelease[name] as (typeof caffeRelease)[string], createModel(`caffe/${name}`));
    const file = `${folder()}/${name}.caffemodel`;
    await writeFile(file, caffeModel(name, layers));
    const page = await visit({
      before: `
        globalThis.heard = [];
        new MutationObserver(() => heard.push(document.querySelector('.status [role=status]')?.textContent ?? ''))
          .observe(document, { childList: true, characterData: true, subtree: true });`,
    });
    await page.waitForSelector('.verdict');
    await weights(page, file);
    await awaitNetwork(page, `caffe/${name}`);
    await page.waitForSelector('.verdict', { timeout: 100_000 });
    const heard = await page.evaluate(() => (globalThis as unknown as { heard: readonly string[] }).heard);
    const shares = heard.flatMap((text) => [...(/: (\d+) % read/.exec(text)?.slice(1) ?? [])].map(Number));
    expect(new Set(shares).size).toBeGreaterThan(5);
    expect([...shares].sort((a, b) => a - b)).toEqual(shares);
    expect(await page.locator('.strip').count()).toBe(16);
    await rm(file);
  });

  test('that is no checkpoint is told by its name, and the network before is a choice away', async () => {
    const page = await visit();
    await page.waitForSelector('.verdict');
    await weights(page, { name: 'holiday.pth', buffer: Buffer.from('dear diary') });
    await page.waitForSelector('.status .problem');
    expect(await problem(page)).toContain('holiday.pth');
    await page.locator('.status select').selectOption('cifar10');
    await page.waitForSelector('.verdict');
    expect(await how(page)).toMatch(/^senet\/se_resnet20x2_cifar10/);
  });
});
