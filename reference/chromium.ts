import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { UnsupportedError } from '../src/errors.js';
import { needBrowserPackage, type ServeOptions, serveRoot } from './chromiumServer.js';

/** Chromium at a blank page of a server of ours: for the bench, for tests, and for TensorFlow.js on a GPU. */
export interface Browser {
  /** Blank, and cross-origin isolated unless that is not wanted; its import map names what our modules import, so that `import('/dist/src/index.js')` works. */
  readonly page: Page;
  /** Such as `http://127.0.0.1:40123`: the files of the package's root, nothing above it and none whose name begins with a dot. */
  readonly origin: string;
  /** Such as `Chromium 156.0.8078.79`. */
  readonly version: string;
  close(): Promise<void>;
}

export interface ChromiumOptions extends ServeOptions {
  /** Wanted of the page: on the machine's GPU, or where there is none on SwiftShader, which computes on the processor. */
  readonly gpu?: 'webgl' | 'webgpu';
  /** More of the browser's own flags. */
  readonly flags?: readonly string[];
}

/** @throws UnsupportedError that says what to install where playwright-core, sirv or the browser is missing */
export async function openChromium({ gpu, flags = [], ...serving }: ChromiumOptions = {}): Promise<Browser> {
  const { chromium } = await needBrowserPackage(import('playwright-core'));
  const executablePath = findBrowser(chromium.executablePath());
  const server = await serveRoot({}, serving);
  const profile = await mkdtemp(join(tmpdir(), 'senet-chromium-'));
  let context: BrowserContext | undefined;

  const launch = async (more: readonly string[]): Promise<Page> => {
    await context?.close();
    context = await chromium.launchPersistentContext(profile, { executablePath, args: [...usualFlags, ...more, ...flags] });
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(server.origin);
    return page;
  };
  const close = async (): Promise<void> => {
    await context?.close();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 3 });
  };

  try {
    const onGpu = gpu !== undefined && hasGpu();
    let page = await launch(gpu === undefined ? [] : gpuFlags[gpu][onGpu ? 'hardware' : 'software']);
    if (onGpu && isSoftware.test(await adapterOf(page, gpu))) page = await launch(gpuFlags[gpu].software); // no driver that Chromium can use
    const version = `Chromium ${page.context().browser()?.version()}`;
    return { page, origin: server.origin, version, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const usualFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Without a screen Chromium drives a Linux GPU through Vulkan only; where there is none, that crashes it. Other systems need no flag. */
const hardware = process.platform === 'linux' ? ['--use-angle=vulkan', '--enable-features=Vulkan', '--disable-vulkan-surface'] : [];

const gpuFlags = {
  webgl: { hardware, software: ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'] },
  webgpu: {
    hardware: [...hardware, '--enable-unsafe-webgpu'],
    software: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  },
} as const;

/** Linux shows a GPU with a driver as a device; other machines with a screen have one. */
const hasGpu = (): boolean =>
  process.platform !== 'linux' ||
  existsSync('/dev/nvidiactl') ||
  (existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD')));

/** What computes, as the API names it; empty if nothing does, for instance since the browser crashed or hangs on the way. */
async function adapterOf(page: Page, gpu: 'webgl' | 'webgpu'): Promise<string> {
  try {
    const named = await page.waitForFunction(adapterName[gpu], undefined, { timeout: 15_000 });
    return String(await named.jsonValue());
  } catch {
    return '';
  }
}

const adapterName = {
  webgl: `(() => {
    const gl = document.createElement('canvas').getContext('webgl2');
    return gl?.getParameter(gl.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL) || 'software';
  })()`,
  webgpu: `(async () => {
    const { vendor, architecture, device, description } = (await navigator.gpu?.requestAdapter())?.info ?? {};
    return [vendor, architecture, device, description].filter(Boolean).join(' ') || 'software';
  })()`,
} as const;

const isSoftware = /^$|swiftshader|llvmpipe|software|basic render/i;

/** $SENET_CHROMIUM, Debian's, or playwright's own. */
function findBrowser(playwrights: string): string {
  const asked = process.env.SENET_CHROMIUM;
  const found = (asked === undefined ? ['/usr/bin/chromium', playwrights] : [asked]).find((path) => existsSync(path));
  if (found === undefined)
    throw new UnsupportedError(
      `no Chromium ${asked === undefined ? 'at /usr/bin/chromium' : `at ${asked}, which SENET_CHROMIUM names`}: apt-get install chromium, or npx playwright-core install chromium`,
    );
  return found;
}
