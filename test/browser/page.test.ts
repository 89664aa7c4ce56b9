import { readFile } from 'node:fs/promises';
import { encode } from 'fast-png';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { asset, axeViolations, builtPage, problem, weights, withoutNetwork } from './visits.js';

const { visit, browser } = builtPage();

const verdicts = (page: Page) => page.locator('.verdict').allInnerTexts();
const file = (page: Page, place: number, name: string, bytes: Buffer, mimeType: string) =>
  page.locator('.place input[type=file]').nth(place).setInputFiles({ name, mimeType, buffer: bytes });
describe('a visitor', () => {
  test('sees at once what a photograph is, how it was run, and every gate', async () => {
    const page = await visit();
    await page.waitForSelector('.verdict');
    expect(await verdicts(page)).toEqual([expect.stringMatching(/^cat \d/)]);
    expect(await page.locator('.how').first().textContent()).toMatch(
      /senet\/se_resnet20x2_cifar10\.senet: ready in \d+ ms; relaxed SIMD, \d threads/,
    );
    expect(await page.locator('.strip').count()).toBe(9);
  });

  test('is shown what a link says: two pictures, gates changed, a channel', async () => {
    const page = await visit({ hash: '#pictures=chelsea,moose&amount=1&channel=layer3.2.se.gate:5' });
    await page.waitForFunction(() => document.querySelectorAll('.verdict .then').length === 2);
    expect(await page.locator('.strip').count()).toBe(18);
    expect(await page.locator('.channel h3').allInnerTexts()).toEqual([
      'a cat: layer3.2.se.gate, channel 5 of 128',
      'a moose: layer3.2.se.gate, channel 5 of 128',
    ]);
  });

  test('drops a file of their own, or chooses or pastes one', async () => {
    const page = await visit();
    await page.waitForSelector('.verdict');
    await file(page, 1, 'mine.webp', await readFile(asset('images/moose.webp')), 'image/webp');
    await page.waitForFunction(() => document.querySelectorAll('.verdict').length === 2);
    expect((await verdicts(page))[1]).toMatch(/^deer /);
    const rocket = (await readFile(asset('images/rocket.jpg'))).toString('base64');
    await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'dropped.jpg', { type: 'image/jpeg' }));
      document.querySelector('.place')?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }, rocket);
    await page.waitForFunction(() => document.querySelector('.place img')?.getAttribute('alt') === 'dropped.jpg');
    await page.waitForFunction(() => document.querySelectorAll('.verdict').length === 2);
    await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'pasted.jpg', { type: 'image/jpeg' }));
      dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }));
    }, rocket);
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.place img')].some((image) => image.getAttribute('alt') === 'pasted.jpg'),
    );
  });

  test('takes the gates away with the slider, stage by stage, and the answer follows', async () => {
    const page = await visit();
    await page.waitForSelector('.verdict');
    const slider = page.locator('input[type=range]');
    await slider.fill('1');
    await page.waitForSelector('.verdict .then');
    const all = await page.locator('meter.after').evaluateAll((meters) => meters.map((meter) => (meter as HTMLMeterElement).value));
    const before = await page.locator('meter.before').evaluateAll((meters) => meters.map((meter) => (meter as HTMLMeterElement).value));
    expect(all).not.toEqual(before);
    for (const stage of ['layer1', 'layer2', 'layer3']) await page.getByLabel(stage, { exact: true }).uncheck();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('meter.after')].every(
        (meter, i) => (meter as HTMLMeterElement).value === (document.querySelectorAll('meter.before')[i] as HTMLMeterElement).value,
      ),
    );
    await page.waitForURL(/#amount=1&kept=layer1,layer2,layer3$/);
  });

  test('moves through channels with the keyboard, in the formula and in numbers', async () => {
    const page = await visit();
    await page.waitForSelector('.strip');
    const strip = page.locator('.strip').nth(8);
    await strip.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('PageUp');
    expect(await page.locator('.channel h3').textContent()).toBe('a cat: layer3.2.se.gate, channel 9 of 128');
    expect(await strip.getAttribute('aria-valuetext')).toMatch(/^channel 9: gate 0\.\d{3}$/);
    expect(await page.locator('.formula').textContent()).toMatch(/32 hidden units, \d+ of them above zero/);
    await page.keyboard.press('End');
    await page.waitForURL(/#channel=layer3\.2\.se\.gate:127$/);
  });

  test('without cross-origin isolation has one thread, and reads why', async () => {
    const page = await visit({ isolated: false });
    await page.waitForSelector('.verdict');
    expect(await page.locator('.how').first().textContent()).toMatch(/one thread\. .*Cross-Origin-Opener-Policy/);
  });

  test('drops weights of their own: recognised and run; without SE blocks there are no gates to see', async () => {
    const page = await visit();
    await page.waitForSelector('.verdict');
    await weights(page, { name: 'old.safetensors', buffer: await readFile(asset('weights/seresnet20_cifar10.safetensors')) });
    await page.waitForFunction(() => document.querySelector('.how')?.textContent?.startsWith('pytorchcv/seresnet20_cifar10'));
    await page.waitForSelector('.strip');
    await page.locator('input[type=range]').fill('1'); // the file is read once more
    await page.waitForSelector('.verdict .then');
    await weights(page, { name: 'plain.safetensors', buffer: await readFile(asset('weights/resnet20_cifar10.safetensors')) });
    await page.waitForFunction(() => document.querySelector('.how')?.textContent?.startsWith('pytorchcv/resnet20_cifar10'));
    await page.waitForSelector('.verdict');
    expect(await page.locator('.strip').count()).toBe(0);
  });
});

describe('what goes wrong is said in a sentence', () => {
  test.each([
    ['a text that is called a picture', 'notes.jpg', Buffer.from('dear diary'), 'image/jpeg', /^notes\.jpg: /],
    ['a picture cut short', 'cut.png', 'cut', 'image/png', /^cut\.png: /],
    ['a picture of 40,000 pixels a side', 'large.png', 'large', 'image/png', /^large\.png: .*40,?000/],
  ] as const)('%s', async (_, name, made, type, expected) => {
    const whole = await readFile(asset('images/chelsea.png'));
    const large = Buffer.from(encode({ width: 1, height: 1, channels: 3, data: new Uint8Array(3) }));
    large.writeUInt32BE(40_000, 16);
    large.writeUInt32BE(40_000, 20);
    const bytes = made === 'cut' ? whole.subarray(0, 5000) : made === 'large' ? large : (made as Buffer);
    const page = await visit();
    await page.waitForSelector('.verdict');
    await file(page, 0, name, bytes, type);
    await page.waitForSelector('.problem');
    expect(await problem(page)).toMatch(expected);
  });

  test('weights cut short', async () => {
    const page = await visit();
    await page.waitForSelector('.verdict');
    const whole = await readFile(asset('weights/seresnet20_cifar10.safetensors'));
    await weights(page, { name: 'short.safetensors', buffer: whole.subarray(0, 100_000) });
    await page.waitForSelector('.problem');
    expect(await problem(page)).toMatch(/safetensors|short/);
  });

  test('a browser without WebAssembly SIMD', async () => {
    const page = await visit({ inWorkers: 'WebAssembly.validate = () => false;' });
    await page.waitForSelector('.problem');
    expect(await problem(page)).toContain('SIMD');
  });

  test('storage that is refused takes nothing away but the page without a network', async () => {
    const page = await visit({
      before: 'delete globalThis.caches;',
    });
    await page.waitForSelector('.verdict');
  });
});

describe('on this device', () => {
  test('networks are right, with the bits of Node', async () => {
    const page = await visit();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.figures tbody tr').length === 3, undefined, { timeout: 100_000 });
    const cells = await page.locator('.figures tbody tr').allInnerTexts();
    for (const row of cells) expect(row).toMatch(/the same\s+right$/);
  });

  test('SE has a cost, beside TensorFlow.js, to be copied as `senet bench --json` has it', async () => {
    const page = await visit();
    await browser().page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: browser().origin });
    await page.getByLabel('beside TensorFlow.js').check();
    await page.getByRole('button', { name: 'Measure' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.intervals').length === 2, undefined, { timeout: 100_000 });
    await page.getByRole('button', { name: 'Copy as JSON' }).click();
    await page.getByText('Copied.').waitFor();
    const rows = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as readonly Readonly<Record<string, unknown>>[];
    expect(rows.map(({ engine, se }) => [engine, se])).toEqual([
      ['senet', true],
      ['tfjs', true],
      ['senet', false],
      ['tfjs', false],
    ]);
    expect(rows[0]).toMatchObject({ model: 'torchvision/mobilenet_v3_large', threads: 1, batch: 1, seCostPercent: { pairs: 51 } });
    await page.getByRole('button', { name: 'Copy as Markdown' }).click();
    await page.getByText('Copied.').nth(1).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
      /^\| network \| engine \|[\s\S]+torchvision\/mobilenet_v3_large without gates \| tfjs/,
    );
  });
});

test('once visited it opens without a network', async () => {
  const page = await visit({ kept: true });
  await withoutNetwork(page, async () => {
    expect(await verdicts(page)).toEqual([expect.stringMatching(/^cat /)]);
  });
});

describe.each(['light', 'dark'] as const)('in the %s', (theme) => {
  test.each([360, 720, 1440])('%i pixels wide: nothing lies outside, and every part can be read and reached', async (width) => {
    const page = await visit({ theme, width, hash: '#pictures=chelsea,moose&amount=0.5&channel=layer3.2.se.gate:5' });
    await page.waitForFunction(() => document.querySelectorAll('.verdict .then').length === 2);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(await axeViolations(page)).toEqual([]);
  });
});
