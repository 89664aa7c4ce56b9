import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, openChromium } from '../../reference/chromium.js';
import { bundlers, dropImportMap } from './bundlers.js';
import { cat, type Installed, installPacked } from './installed.js';
import { type Served, serve } from './served.js';

let installed: Installed;
let served: Served;
let browser: Browser;
beforeAll(async () => {
  installed = await installPacked();
  served = await serve(installed.folder);
  browser = await openChromium();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  served?.close();
  await installed?.remove();
});

/** Opens a page of examples/ and chooses the cat. @returns the page's answer, and what was asked for on the way, of whomever */
async function visit(path: string): Promise<{ readonly answer: string; readonly requests: readonly string[] }> {
  const page = await browser.page.context().newPage();
  const requests: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  const before = served.requests.length;
  try {
    await page.goto(`${served.origin}/${path}`);
    await page.setInputFiles('input', cat);
    await expect.poll(async () => (await page.textContent('output')) || errors.join('\n'), { timeout: 60_000 }).not.toBe('');
    expect(errors).toEqual([]);
    return { answer: (await page.textContent('output')) ?? '', requests: [...requests, ...served.requests.slice(before)] };
  } finally {
    await page.close();
  }
}

async function giveOptions(script: string, options: string): Promise<void> {
  await writeFile(script, (await readFile(script, 'utf8')).replace('createClassifier()', `createClassifier(${options})`));
}

const outside = (folder: string, requests: readonly string[]): readonly string[] => requests.filter((url) => !url.startsWith(folder));

describe('the label of the cat', () => {
  test('in a page without a bundler, which asks its own server alone', async () => {
    await installed.copyExample('page', '.'); // beside node_modules, where its import map looks
    const { answer, requests } = await visit('');
    expect(answer).toMatch(/^cat [01]\.\d{3}\n/);
    expect(requests).toContain(`${served.origin}/classify.js`);
    expect(outside(`${served.origin}/`, requests)).toEqual([]);
  });

  test('without a bundler in a worker too, under a policy that allows no code from text', async () => {
    const folder = await installed.copyExample('page', '.');
    await giveOptions(join(folder, 'classify.js'), '{ worker: true, threads: 2 }');
    const html = join(folder, 'index.html');
    // an import map is a script in the page, which such a policy forbids
    await dropImportMap(folder);
    const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; img-src data:";
    await writeFile(
      html,
      (await readFile(html, 'utf8')).replace('<title>', `<meta http-equiv="Content-Security-Policy" content="${policy}">\n<title>`),
    );
    const script = join(folder, 'classify.js');
    await writeFile(script, (await readFile(script, 'utf8')).replace("'senet'", "'./node_modules/senet/dist/web/index.js'"));
    const { answer, requests } = await visit('');
    expect(answer).toMatch(/^cat [01]\.\d{3}\n/);
    expect(requests.some((url) => url.endsWith('/dist/web/classifierWorker.js'))).toBe(true);
    expect(outside(`${served.origin}/`, requests)).toEqual([]);
  });

  const places = [
    { place: 'a page', example: 'page' },
    { place: 'a worker of its own', example: 'worker' },
    { place: 'the worker of createClassifier', example: 'page', options: '{ worker: true, threads: 2 }' },
  ];
  const cases = places.flatMap((place) => Object.entries(bundlers).map(([name, bundle]) => ({ options: '', ...place, name, bundle })));

  test.each(cases)('in $place, bundled by $name, which asks for files of the bundle alone', async ({ example, options, name, bundle }) => {
    const folder = `${example}${options === '' ? '' : '-with-options'}`;
    const from = await installed.copyExample(example, folder);
    await dropImportMap(from);
    if (options !== '') await giveOptions(join(from, 'classify.js'), options);
    const path = `bundles/${name}/${folder}/`;
    await bundle(from, join(installed.folder, path));
    const { answer, requests } = await visit(path);
    expect(answer).toMatch(/^cat [01]\.\d{3}\n/);
    expect(requests.some((url) => url.endsWith('.js'))).toBe(true);
    expect(requests.some((url) => url.includes('classifierWorker'))).toBe(options !== '' && name !== 'webpack'); // which numbers its chunks
    expect(outside(`${served.origin}/${path}`, requests)).toEqual([]);
  });
});
