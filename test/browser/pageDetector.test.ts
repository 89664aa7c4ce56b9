import { readFile, writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createDetector,
  type Detection,
  findDetector,
  parameters,
  saveSafetensors,
  syntheticTensor,
  type Tensor,
} from '../../src/index.js';
import { torchZip, whole } from '../support/files/torch.js';
import { asset, axeViolations, builtPage, problem, weights, withoutNetwork } from './visits.js';

/** The page with a visitor's detector: its boxes, against what the library finds here. */

const { visit, folder } = builtPage();

const classes = 3;
const graph = findDetector('fasterrcnn_mobilenet_v3_large_320_fpn').create({ size: [64, 64], regions: 1, classes });
/** Generated class logits are nearly alike: with ten times their spread some scores are above one half, others below. */
const gainOf = (name: string): number => (name === 'roi_heads.box_predictor.cls_score.weight' ? 10 : 1);
const tensors = new Map<string, Tensor>(
  parameters(graph).map(({ name, shape }) => [name, syntheticTensor(name, shape, 2, gainOf(name))] as const),
);

/** What the library finds on the first picture, here. */
async function found(bytes: Uint8Array, model: string, score = 0.05): Promise<readonly Detection[]> {
  using detector = await createDetector({ weights: bytes, model, score });
  return (await detector.detect(await readFile(asset('images/chelsea.png')))).detections;
}

let safetensors: string;
let expected: { readonly fast: readonly Detection[]; readonly own: readonly Detection[] };
beforeAll(async () => {
  safetensors = `${folder()}/detector.safetensors`;
  const bytes = saveSafetensors(tensors, { dtype: 'F16' });
  await writeFile(safetensors, bytes);
  expected = {
    fast: await found(bytes, 'fasterrcnn_mobilenet_v3_large_320_fpn'),
    own: await found(bytes, 'fasterrcnn_mobilenet_v3_large_fpn'),
  };
}, 120_000);

const seen = async (page: Page, pictures = 1): Promise<void> => {
  await page.waitForFunction((count) => document.querySelectorAll('.sighting .how').length === count, pictures, { timeout: 100_000 });
};
const opened = async (hash = '', how: Parameters<typeof visit>[0] = {}): Promise<Page> => {
  const page = await visit({ hash, ...how });
  await page.waitForSelector('.verdict');
  await weights(page, safetensors);
  await seen(page, hash.includes('moose') ? 2 : 1);
  return page;
};
/** Keeps all that the card of a picture said of how far it is. */
const heardStates = `
  globalThis.heard = [];
  new MutationObserver(() => heard.push(document.querySelector('.sighting [role=status]')?.textContent ?? ''))
    .observe(document, { childList: true, characterData: true, subtree: true });
`;
const over = (score: number, all = expected.fast): readonly Detection[] => all.filter((one) => one.score > score);
const lineOf = ({ index, box }: Detection): string =>
  `class ${index} ${[box.x1, box.y1].map(Math.round).join(', ')} to ${[box.x2, box.y2].map(Math.round).join(', ')}`;
/** Sorted: kernels of another build round differently, so that equal scores may change places. */
const lines = async (page: Page): Promise<readonly string[]> =>
  (await page.locator('.thing').allInnerTexts()).map((text) => text.replace(/\d+ %/, '').replace(/\s+/g, ' ').trim()).sort();

describe('a detector of a visitor', () => {
  test('is recognised, and shows each thing that the library finds, in a list and as a box at its place', async () => {
    const page = await opened('', { before: heardStates });
    const things = over(0.5);
    expect(await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard)).toContainEqual(
      expect.stringMatching(/^Reading the weights: \d+ % …$/),
    );
    expect(things.length).toBeGreaterThan(0);
    expect(things.length).toBeLessThan(expected.fast.length);
    expect(await lines(page)).toEqual(things.map(lineOf).sort());
    const scores = (await page.locator('.thing .score').allTextContents()).map(Number.parseFloat);
    expect(scores).toEqual(things.map(({ score }) => Math.floor(100 * score)));
    const places = await page.locator('.boxes').evaluate((all) => {
      const { left, top, width, height } = (all.querySelector('img') as HTMLElement).getBoundingClientRect();
      return [...all.querySelectorAll('.box')].map((box) => {
        const at = box.getBoundingClientRect();
        return [(at.left - left) / width, (at.top - top) / height, (at.right - left) / width, (at.bottom - top) / height];
      });
    });
    expect(places).toHaveLength(things.length);
    const { width } = (await page.locator('.boxes img').boundingBox()) as { width: number };
    const pixel = 1 / width; // the layout's rounding: less than one of the screen's
    for (const [i, { box }] of things.entries()) {
      const shares = [box.x1 / 451, box.y1 / 300, box.x2 / 451, box.y2 / 300];
      for (const [side, share] of shares.entries()) expect(Math.abs((places[i]?.[side] as number) - share)).toBeLessThan(2 * pixel);
    }
    expect(await page.locator('.detections').textContent()).toContain('they are not shown for detectors');
    expect(await page.locator('.status .how').textContent()).toContain(
      'torchvision/fasterrcnn_mobilenet_v3_large_320_fpn: a detector of 2 classes',
    );
    expect(await page.locator('.sighting .how').textContent()).toMatch(
      /^\d+\.\d\d? s from file to boxes, with reading and packing the weights; relaxed SIMD/,
    );
    expect(await page.locator('.strip').count()).toBe(0);
  });

  test('shows more or fewer by score, and is run at its own size; both are in the link', async () => {
    const page = await opened('#score=0.6');
    expect(await lines(page)).toEqual(over(0.6).map(lineOf).sort());
    await page.locator('input[type=range]').fill('0.05');
    expect(await lines(page)).toEqual(expected.fast.map(lineOf).sort());
    await page.locator('input[type=range]').fill('1');
    expect(await page.locator('.box').count()).toBe(0);
    expect(await page.locator('.sighting [role=status]').textContent()).toBe(
      `Nothing found; ${expected.fast.length} more with lower scores.`,
    );
    await page.locator('input[type=range]').fill('0.6');
    await page.getByLabel('Shorter side').selectOption('own');
    await page.waitForURL(/#network=own&score=0\.6&size=own$/);
    await page.waitForFunction(() => document.querySelectorAll('.sighting .how').length === 0);
    await seen(page);
    expect(await lines(page)).toEqual(over(0.6, expected.own).map(lineOf).sort());
    expect(await page.locator('.status .how').textContent()).toContain('torchvision/fasterrcnn_mobilenet_v3_large_fpn: ');
  });

  test('a line of the list and its box point at each other, by mouse and by keyboard', async () => {
    const page = await opened();
    const box = (i: number) => page.locator('.box').nth(i);
    const line = (i: number) => page.locator('.thing').nth(i);
    const pointed = () =>
      page.evaluate(() =>
        ['.box', '.thing'].map((kind) => [...document.querySelectorAll(kind)].flatMap((one, i) => (one.matches('.pointed') ? [i] : []))),
      );
    await line(2).hover();
    expect(await pointed()).toEqual([[2], [2]]);
    await page.locator('h1').hover();
    expect(await pointed()).toEqual([[], []]);
    await box(0).focus();
    expect(await pointed()).toEqual([[0], [0]]);
    await page.keyboard.press('ArrowRight');
    expect(await pointed()).toEqual([[1], [1]]);
    await page.keyboard.press('End');
    const last = (await page.locator('.thing').count()) - 1;
    expect(await pointed()).toEqual([[last], [last]]);
    await page.keyboard.press('Tab'); // from the picture's boxes to the list, whose line of the same thing is next
    expect(await page.evaluate(() => document.activeElement?.className)).toMatch(/^thing/);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    expect(await pointed()).toEqual([[1], [1]]);
  });

  test('finds the same in a file of PyTorch, and looks at a second picture', async () => {
    const page = await visit();
    await page.waitForSelector('.verdict');
    const path = `${folder()}/detector.pth`;
    const items = [...tensors].map(([name, { shape, data }]) => ({
      name,
      type: 'Float' as const,
      shape,
      bytes: () => new Uint8Array(Float32Array.from(data).buffer),
    }));
    const bytes = whole(torchZip(items));
    await writeFile(path, bytes);
    await weights(page, path);
    await seen(page);
    expect(await lines(page)).toEqual((await found(bytes, 'fasterrcnn_mobilenet_v3_large_320_fpn', 0.5)).map(lineOf).sort());
    await page.getByRole('button', { name: 'Take the picture of a moose' }).nth(1).click();
    await seen(page, 2);
    await page.locator('.status select').selectOption('cifar10');
    await page.waitForFunction(() => document.querySelectorAll('.verdict').length === 2);
    expect(await page.locator('.box').count()).toBe(0);
  });

  test.each(['light', 'dark'] as const)('can be read and reached in the %s, 360 and 1000 pixels wide', async (theme) => {
    const page = await opened('#pictures=chelsea,moose', { theme });
    for (const width of [1000, 360]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      expect(await axeViolations(page)).toEqual([]);
      await page.locator('.thing').nth(1).hover();
      expect(await axeViolations(page)).toEqual([]);
    }
  });
});

test('once the page was visited, a detector is run without a network', async () => {
  const page = await visit({ kept: true });
  await withoutNetwork(page, async () => {
    await weights(page, safetensors);
    await seen(page);
    expect(await page.locator('.box').count()).toBe(over(0.5).length);
  });
});

describe('what goes wrong with a detector is said in a sentence', () => {
  test('a detector of another kind', async () => {
    const page = await visit();
    await page.waitForSelector('.verdict');
    const other = new Map([...tensors].filter(([name]) => !name.startsWith('roi_heads.box_head.')));
    const path = `${folder()}/other.safetensors`;
    await writeFile(path, saveSafetensors(other, { dtype: 'F16' }));
    await weights(page, path);
    await page.waitForSelector('.problem');
    expect(await problem(page)).toMatch(
      /^the tensors are no detector here; nearest is torchvision\/fasterrcnn_mobilenet_v3_large_fpn: 4 missing/,
    );
  });

  test('a picture that is none, beside one that is', async () => {
    const page = await opened();
    const bytes = Buffer.from('dear diary');
    await page.locator('.place input[type=file]').nth(1).setInputFiles({ name: 'notes.jpg', mimeType: 'image/jpeg', buffer: bytes });
    await page.waitForSelector('.problem');
    expect(await problem(page)).toMatch(/^notes\.jpg: /);
    expect(await page.locator('.box').count()).toBe(over(0.5).length);
  });

  test('a browser without WebAssembly SIMD', async () => {
    const page = await visit();
    await page.waitForSelector('.verdict');
    await page.route(/detectorWorker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `WebAssembly.validate = () => false;${await response.text()}` });
    });
    await weights(page, safetensors);
    await page.waitForSelector('.problem');
    expect(await problem(page)).toContain('SIMD');
  });
});
