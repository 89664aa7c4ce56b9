import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { openChromium } from '../reference/chromium.js';
import { saveSafetensors } from '../src/io/safetensors.js';
import { syntheticWeights } from '../src/io/synthetic.js';
import { createModel } from '../src/models/index.js';
import { machineFacts } from '../src/node/machine.js';
import { note, print } from '../src/node/output.js';
import { machineLine } from '../src/report/machine.js';
import { table } from '../src/report/table.js';
import { root } from './runtimes.js';

/**
 * `npm run bench:main-thread`: the longest tasks of the page's main thread, as Chromium's long-task entries have them (those over 50 ms), while it gets ready, while it
 * classifies a photograph, and while a checkpoint of 112 MB is recognised, compiled and run.
 */

const folder = join(root, 'dist/main-thread');
await mkdir(folder, { recursive: true });
try {
  process.env.NODE_ENV = 'production';
  await build({ configFile: join(root, 'page/vite.config.ts'), root: join(root, 'page'), logLevel: 'error', build: { outDir: folder } });
  const weights = join(folder, 'network.safetensors');
  await writeFile(weights, saveSafetensors(syntheticWeights(createModel('legacy_seresnet50'), { seed: 1 })));

  const { page, origin, version, close } = await openChromium();
  await page.addInitScript(`
    globalThis.tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask', buffered: true });`);
  const longest = async (): Promise<string> => {
    await page.waitForTimeout(300); // entries come late
    const found = (await page.evaluate('tasks.splice(0)')) as readonly number[];
    return found.length === 0 ? 'none over 50' : `${found.length}, the longest ${Math.max(...found).toFixed(0)}`;
  };
  const rows: string[][] = [];
  await page.goto(`${origin}/dist/main-thread/`);
  await page.waitForSelector('.verdict');
  rows.push(['from navigation to the first label', await longest()]);
  note('a photograph');
  await page.locator('.place input[type=file]').nth(1).setInputFiles(join(root, 'assets/images/rocket.jpg'));
  await page.locator('.verdict').nth(1).waitFor();
  rows.push(['a photograph that is chosen', await longest()]);
  note('a checkpoint');
  await page.locator('.status input[type=file]').setInputFiles(weights);
  await page.locator('.how', { hasText: 'timm/legacy_seresnet50: ready' }).waitFor({ timeout: 120_000 });
  await page.locator('.verdict').nth(1).waitFor({ timeout: 120_000 });
  rows.push(['a checkpoint of 112 MB: recognised, compiled, run', await longest()]);
  await close();
  print(`${machineLine(machineFacts())}; ${version}\n`);
  print(table([['while', 'long tasks of the main thread, ms'], ...rows]));
} finally {
  await rm(folder, { recursive: true, force: true });
}
