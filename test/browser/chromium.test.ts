import { afterEach, expect, test, vi } from 'vitest';
import { openChromium } from '../../reference/chromium.js';
import { UnsupportedError } from '../../src/errors.js';

afterEach(() => void vi.unstubAllEnvs());

test('where there is no browser, the error says what to install', async () => {
  vi.stubEnv('SENET_CHROMIUM', '/nowhere/chromium');
  await expect(openChromium()).rejects.toThrow(UnsupportedError);
  await expect(openChromium()).rejects.toThrow('no Chromium at /nowhere/chromium, which SENET_CHROMIUM names: apt-get install chromium');
});

test('the page is cross-origin isolated and finds the library; hidden files and those above the root are not served', async () => {
  const { page, origin, version, close } = await openChromium();
  try {
    expect(version).toMatch(/^Chromium \d+(\.\d+){3}$/);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.evaluate(`import('/dist/src/index.js').then(({ listModels }) => listModels().length > 0)`)).toBe(true);
    expect(await page.evaluate(`import('/dist/src/io/image.js').then(({ decodeImage }) => typeof decodeImage)`)).toBe('function');
    const statuses = ['/package.json', '/.ci/run', '/%2eci/run', '/dist/../.ci/run', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd'];
    expect(await Promise.all(statuses.map(async (path) => (await fetch(origin + path)).status))).toEqual([200, 404, 404, 404, 404, 404]);
  } finally {
    await close();
  }
});

test.each([
  ['webgl', `document.createElement('canvas').getContext('webgl2') !== null`],
  ['webgpu', `navigator.gpu.requestAdapter().then((adapter) => adapter.requestDevice()).then((device) => device !== null)`],
] as const)('%s is there, on a GPU or without', async (gpu, present) => {
  const { page, close } = await openChromium({ gpu });
  try {
    expect(await page.evaluate(present)).toBe(true);
  } finally {
    await close();
  }
});
