import { UnsupportedError } from '../../src/errors.js';
import { type Filter, filters, type Pixels, resize } from '../../src/io/resize.js';
import { callInFirefox } from '../browsers/firefox.js';
import { openChromium } from '../chromium.js';
import { differenceText } from './difference.js';
import { kindsOfFile, photograph } from './files.js';
import type { Answer, SentPixels, Task } from './inPage.js';
import { type Path, paths, qualities, type Resizer, resizers } from './paths.js';

/** What a browser does to pixels, in cells of the tables. */
export interface Browsed {
  /** With its version. */
  readonly browser: string;
  /** By kind of file, then by path. */
  readonly decoded: Readonly<Record<string, Readonly<Record<Path, string>>>>;
  /** By resizer and quality, then by Pillow's filter. */
  readonly resized: Readonly<Record<string, Readonly<Record<Filter, string>>>>;
}

export interface PixelsResult {
  readonly date: string;
  readonly browsers: readonly Browsed[];
  /** Browsers that are not here, and how to have them. */
  readonly missing: readonly string[];
}

/** What a photograph of 640×480 becomes for a network of 224 pixels, before its middle is cut out. */
const to = { width: 298, height: 224 } as const;

const ways = resizers.flatMap((resizer) => qualities.map((quality) => [resizer, quality] as const));
const wayName = ([resizer, quality]: readonly [Resizer, string]): string =>
  resizer === 'drawImage'
    ? `\`drawImage\`, \`imageSmoothingQuality: '${quality}'\``
    : `\`createImageBitmap\`, \`resizeQuality: '${quality}'\``;

const module = '/dist/reference/pixels/inPage.js';

export async function measurePixels(date: string, progress: (text: string) => void): Promise<PixelsResult> {
  const files = await kindsOfFile();
  const from = await photograph();
  const task: Task = { ...taskOf(files, Object.keys(paths) as Path[]), resizes: { from: sent(from), ...to, ways } };
  const resized = filters.map((filter) => [filter, resize(from, to.width, to.height, filter)] as const);
  const told = (browser: string, answer: Answer): Browsed => ({
    browser,
    decoded: Object.fromEntries(
      files.map(({ kind, expected }, row) => [
        kind,
        Object.fromEntries(
          task.paths.map((path, column) => [path, differenceText(answer.files[row]?.[column], expected)]),
        ) as Browsed['decoded'][string],
      ]),
    ),
    resized: Object.fromEntries(
      ways.map((way, row) => [
        wayName(way),
        Object.fromEntries(
          resized.map(([filter, expected]) => [filter, differenceText(answer.resizes[row], expected)]),
        ) as Browsed['resized'][string],
      ]),
    ),
  });

  const browsers: Browsed[] = [];
  const missing: string[] = [];
  for (const open of [inChromium, inFirefox]) {
    try {
      const { version, value } = await open(task);
      progress(version);
      browsers.push(told(version, value));
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
      progress(error.message);
      missing.push(error.message);
    }
  }
  return { date, browsers, missing };
}

/** Files by paths. */
export const taskOf = (files: readonly { readonly type: string; readonly bytes: Uint8Array }[], by: readonly Path[]): Task => ({
  files: files.map(({ type, bytes }) => ({ type, bytes: Buffer.from(bytes).toString('base64') })),
  paths: by,
});

const sent = ({ width, height, data }: Pixels): SentPixels => ({ width, height, data: Buffer.from(data).toString('base64') });

/** @throws UnsupportedError that says what to install */
export async function inChromium(task: Task): Promise<{ readonly version: string; readonly value: Answer }> {
  const { page, version, close } = await openChromium();
  try {
    return { version, value: await page.evaluate<Answer>(`import('${module}').then(({ answer }) => answer(${JSON.stringify(task)}))`) };
  } finally {
    await close();
  }
}

const inFirefox = (task: Task): Promise<{ readonly version: string; readonly value: Answer }> =>
  callInFirefox<Answer>({ module, name: 'answer', args: [task] });
