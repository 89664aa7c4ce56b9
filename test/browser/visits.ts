import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { type Browser, openChromium } from '../../reference/chromium.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const asset = (path: string): string => `${root}assets/${path}`;

export interface Visit {
  readonly hash?: string;
  readonly isolated?: boolean;
  /** Runs before the page's own scripts. */
  readonly before?: string;
  /** Goes before what the page's workers run. */
  readonly inWorkers?: string;
  /** Whether the page may keep its files: it then comes from them in later visits, headers and all. @defaultValue false */
  readonly kept?: boolean;
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
}

interface Opened {
  readonly page: Page;
  /** What the page wrote to its console as an error, threw, or asked of other hosts. */
  readonly complaints: string[];
}

const refused = "Object.defineProperty(navigator, 'serviceWorker', { value: { register: () => Promise.reject(new Error('refused')) } });";

/**
 * The page as its visitors have it: built, in a folder of some host. It is built before the tests of the file that calls this. After each test its pages are closed,
 * and none may have complained.
 */
export function builtPage(): { visit(how?: Visit): Promise<Page>; browser(): Browser; folder(): string } {
  let browser: Browser;
  let folder: string;
  const opened: Opened[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(`${root}dist/page-`);
    vi.stubEnv('NODE_ENV', 'production'); // else Vite builds what a developer sees
    await build({ configFile: `${root}page/vite.config.ts`, root: `${root}page`, logLevel: 'error', build: { outDir: folder } });
    vi.unstubAllEnvs();
    browser = await openChromium();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const { page, complaints } of opened.splice(0)) {
      await page.close();
      expect(complaints).toEqual([]);
    }
  });
  const visit = async (how: Visit = {}): Promise<Page> => {
    const one = await visitOf(browser, `${browser.origin}/dist/${basename(folder)}/`, how);
    opened.push(one);
    return one.page;
  };
  return { visit, browser: () => browser, folder: () => folder };
}

async function visitOf(browser: Browser, url: string, how: Visit): Promise<Opened> {
  const { hash = '', isolated = true, before = '', inWorkers = '', kept = false, theme = 'light', width = 1000 } = how;
  const page = await browser.page.context().newPage();
  const complaints: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  page.on('pageerror', (error) => void complaints.push(error.message));
  page.on('request', (request) => {
    const asked = request.url();
    if (!asked.startsWith(browser.origin) && !/^(blob|data):/.test(asked)) complaints.push(`asked for ${asked}`);
  });
  if (!isolated)
    await page.route(url, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { 'content-type': 'text/html' } });
    });
  if (inWorkers !== '')
    await page.route(/orker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: inWorkers + (await response.text()) });
    });
  await page.addInitScript(kept ? before : refused + before);
  await page.emulateMedia({ colorScheme: theme });
  await page.setViewportSize({ width, height: 800 });
  await page.goto(url + hash);
  return { page, complaints };
}

/** Loads a file of weights as a visitor chooses it. */
export const weights = (page: Page, file: string | { readonly name: string; readonly buffer: Buffer }): Promise<void> =>
  page
    .locator('.status input[type=file]')
    .setInputFiles(typeof file === 'string' ? file : { ...file, mimeType: 'application/octet-stream' });

/** What the page says went wrong, first of all. */
export const problem = (page: Page): Promise<string | null> => page.locator('.problem').first().textContent();

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe has against the page, a line each. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(await axe);
  return await page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await checker.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

/** Opens a page that was visited with `kept` again, without a network, and forgets what it kept in the end. */
export async function withoutNetwork(page: Page, then: () => Promise<void>): Promise<void> {
  await page.waitForSelector('.verdict');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.reload(); // what the first visit asked for before the service worker was there is kept now
  await page.waitForSelector('.verdict');
  await page.context().setOffline(true);
  try {
    await page.reload();
    await page.waitForSelector('.verdict');
    await then();
  } finally {
    await page.context().setOffline(false);
    await page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())?.unregister()));
  }
}
