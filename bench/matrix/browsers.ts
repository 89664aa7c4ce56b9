import { join } from 'node:path';
import { build } from 'esbuild';
import { callInFirefox } from '../../reference/browsers/firefox.js';
import { callInWebKit } from '../../reference/browsers/webkit.js';
import { openChromium } from '../../reference/chromium.js';
import { root } from '../runtimes.js';
import type { Answer, Answered, Task } from './answer.js';

/** Where in a browser the program runs: names of functions of inPage.js. */
export type Where = 'page' | 'worker' | 'serviceWorker';

export interface InBrowser {
  readonly where: Where;
  readonly isolated: boolean;
  /** Firefox's preferences, JavaScriptCore's options. */
  readonly options?: Readonly<Record<string, boolean>>;
}

type OpenBrowser = (task: Task, how: InBrowser) => Promise<Answered>;

const module = '/bench/matrix/inPage.js';

/** Seconds: enough for the whole task on a busy machine, by an engine that interprets. */
const patience = 600;

export const inChromium: OpenBrowser = async (task, { where, isolated }) => {
  const { page, version, close } = await openChromium({ isolated });
  try {
    const answer = await page.evaluate<Answer>(`import('${module}').then(({ ${where} }) => ${where}(${JSON.stringify(task)}))`);
    return { version: `${version}, ${process.arch}`, answer };
  } finally {
    await close();
  }
};

const throughPage =
  (open: typeof callInFirefox): OpenBrowser =>
  async (task, { where, isolated, options = {} }) => {
    const { value, version } = await open<Answer>({ module, name: where, args: [task], isolated, patience }, options);
    return { version: `${version}, ${process.arch}`, answer: value };
  };

export const inFirefox = throughPage(callInFirefox);
export const inWebKit = throughPage(callInWebKit);

/** Workers have no import map, so their program is one file, and beside it that of the threads. */
export async function bundleWorkers(): Promise<void> {
  const outdir = join(root, 'dist/matrix');
  await build({
    entryPoints: { inWorker: join(root, 'bench/matrix/inWorker.js'), worker: join(root, 'dist/src/wasm/worker.js') },
    ...{ bundle: true, format: 'esm', outdir, logLevel: 'error' },
  });
}
