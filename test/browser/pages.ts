import { mkdtemp, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { openChromium } from '../../reference/chromium.js';

/** As a user's page may have the library: its files as they ship, or bundled by Vite; a worker, which has no import map, must be bundled. */
export type Place = 'page' | 'bundle' | 'worker';

export interface Pages {
  readonly page: Page;
  /** Calls a function of inPage.js in such a place of a page. */
  call<T>(place: Place, name: string, ...args: readonly unknown[]): Promise<T>;
  /** The same in the page whose scripts are as they ship, but which is not cross-origin isolated. */
  callUnisolated<T>(name: string, ...args: readonly unknown[]): Promise<T>;
  /** The same in a bundle of another page, which is prepared before it is opened. */
  callIn<T>(prepare: (page: Page) => Promise<void>, name: string, ...args: readonly unknown[]): Promise<T>;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles inPage.js and inWorker.js and opens Chromium. @throws UnsupportedError that says what to install where it is missing */
export async function openPages(): Promise<Pages> {
  const { page, origin, close } = await openChromium();
  const outDir = await mkdtemp(`${root}dist/bundle-`); // where the page's server finds it
  await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      outDir,
      modulePreload: { resolveDependencies: () => [] }, // what Vite writes into pages for it is not for workers, and the worker here is an entry of the page's
      rolldownOptions: {
        input: { inPage: `${root}test/browser/inPage.js`, inWorker: `${root}test/browser/inWorker.js` },
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js' },
      },
    },
  });
  const bundle = `/dist/${basename(outDir)}`;
  const within = <T>(where: Page, module: string, name: string, args: readonly unknown[]): Promise<T> =>
    where.evaluate<T>(`import('${module}').then(({ ${name} }) => ${name}(...${JSON.stringify(args)}))`);

  async function another<T>(prepare: (page: Page) => Promise<void>, module: string, name: string, args: readonly unknown[]): Promise<T> {
    const opened = await page.context().newPage();
    try {
      await prepare(opened);
      await opened.goto(origin);
      return await within<T>(opened, module, name, args);
    } finally {
      await opened.close();
    }
  }

  return {
    page,
    call(place, name, ...args) {
      if (place === 'worker') return within(page, `${bundle}/inPage.js`, 'inWorker', [`${bundle}/inWorker.js`, name, ...args]);
      return within(page, place === 'page' ? '/test/browser/inPage.js' : `${bundle}/inPage.js`, name, args);
    },
    async callUnisolated(name, ...args) {
      const prepare = async (plain: Page): Promise<void> => {
        await plain.route(`${origin}/`, async (route) => {
          const response = await route.fetch();
          await route.fulfill({ response, headers: { 'content-type': 'text/html' } });
        });
      };
      return await another(prepare, '/test/browser/inPage.js', name, args);
    },
    callIn: (prepare, name, ...args) => another(prepare, `${bundle}/inPage.js`, name, args),
    async close() {
      await close();
      await rm(outDir, { recursive: true });
    },
  };
}
