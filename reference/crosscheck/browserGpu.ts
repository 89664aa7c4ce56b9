import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { UnsupportedError } from '../../src/errors.js';
import { type Browser, openChromium } from '../chromium.js';
import { need } from '../engines/contender.js';
import { sendToPage } from './browserSend.js';
import type { GpuName } from './gpuDevice.js';
import { firstLine, type GpuEngine, gpuEngine } from './gpuEngine.js';

/**
 * TensorFlow.js on WebGL or WebGPU in headless Chromium, on the machine's GPU or, where it has none, on SwiftShader: the adapter says which.
 *
 * @throws UnsupportedError that says what to install, or that the back end computes in less than float32.
 */
export async function gpuInChromium(name: GpuName): Promise<GpuEngine> {
  const scripts = await need('tfjs', `@tensorflow/tfjs-core@4 @tensorflow/tfjs-backend-${name}@4`, async () => [
    bundle('@tensorflow/tfjs-core', 'tf-core.min.js'),
    bundle(`@tensorflow/tfjs-backend-${name}`, `tf-backend-${name}.min.js`),
  ]);
  let browser: Browser | undefined;
  try {
    // developer features: else WebGPU names the adapter's vendor and family only
    browser = await openChromium({ gpu: name, flags: ['--enable-webgpu-developer-features'] });
    return await engineIn(browser, name, scripts);
  } catch (cause) {
    await browser?.close();
    if (cause instanceof UnsupportedError) throw cause;
    throw new UnsupportedError(`tfjs-${name} in ${browser?.version ?? 'Chromium'}: ${firstLine(cause)}`, { cause });
  }
}

async function engineIn({ page, version, close }: Browser, name: GpuName, scripts: readonly string[]): Promise<GpuEngine> {
  for (const path of scripts) await page.addScriptTag({ path });
  // As text, since a bundler between here and the page would rewrite import().
  const backend = await page.evaluateHandle<import('./gpuBackend.js').GpuBackend>(
    `import('/dist/reference/crosscheck/gpuBackend.js').then(({ openBackend }) => openBackend(globalThis.tf, '${name}'))`,
  );
  return gpuEngine(name, {
    runtime: version,
    facts: await backend.evaluate(({ facts }) => facts),
    send: (gpuCase) => sendToPage(page, backend, gpuCase),
    close,
  });
}

/** A package's bundle for script tags, which lies beside its main file. */
const bundle = (name: string, file: string): string => `${dirname(createRequire(import.meta.url).resolve(name))}/${file}`;
