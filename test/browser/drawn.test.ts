import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChromium } from '../../reference/chromium.js';
import { openPages, type Pages, type Place } from './pages.js';

interface Refusal {
  readonly typed: boolean;
  readonly message: string;
}

/** The same functions in this process. */
const node = (await import(new URL('inPage.js', import.meta.url).href)) as {
  decode(picture: string): Promise<readonly number[]>;
};

const fixture = (name: string): Promise<Buffer> => readFile(new URL(`../fixtures/preprocess/files/${name}`, import.meta.url));

let pages: Pages;
let opaque: string;
/** Another origin, which allows its images to be shown and not to be read. */
let other: Server;
let foreign: string;
beforeAll(async () => {
  const png = await fixture('rgb8.png');
  opaque = png.toString('base64');
  other = createServer((_, response) => void response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin').end(png));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  foreign = `http://127.0.0.1:${(other.address() as AddressInfo).port}/foreign.png`;
  pages = await openPages();
}, 60_000);
afterAll(async () => {
  other?.close();
  other?.closeAllConnections();
  await pages?.close();
});

const everywhere = ['ImageData', 'ImageBitmap', 'OffscreenCanvas', 'VideoFrame'];
const inPages = [
  ...everywhere,
  'HTMLCanvasElement',
  'HTMLImageElement',
  'HTMLImageElement of a dense screen',
  "HTMLImageElement of a frame's",
  "HTMLCanvasElement of a frame's",
  "ImageBitmap of a frame's",
  "Blob of a frame's",
  "ArrayBuffer of a frame's",
];

describe.each([
  ['page', inPages],
  ['bundle', inPages],
  ['worker', everywhere],
] as const satisfies readonly (readonly [Place, readonly string[]])[])('in the %s', (place, kinds) => {
  test.each(kinds)('%s has the pixels of its file', async (kind) => {
    expect(await pages.call(place, 'drawn', kind, opaque)).toEqual(await node.decode(opaque));
  });

  test('a canvas that is drawn on while its classification waits is classified as it was', async () => {
    const moose = (await readFile(new URL('../../assets/images/moose.webp', import.meta.url))).toString('base64');
    const [next, canvas, second, first] = await pages.call<readonly (readonly number[])[]>(place, 'redrawn', opaque, moose);
    expect(canvas).toEqual(first);
    expect(next).toEqual(second);
    expect(first).not.toEqual(second);
  });
});

test.each(['ImageBitmap', 'HTMLImageElement'])('without OffscreenCanvas %s is drawn on an element', async (kind) => {
  expect(await pages.call('page', 'drawnOnElement', kind, opaque)).toEqual(await node.decode(opaque));
});

test('a video has the pixels that it shows', async () => {
  const picture = (await fixture('lossless.webp')).toString('base64');
  const { taken, shown } = await pages.call<{ taken: readonly number[]; shown: readonly number[] }>('page', 'drawnVideo', picture);
  expect(taken).toEqual(shown);
  expect(taken.slice(0, 2)).toEqual((await node.decode(picture)).slice(0, 2));
});

const closed = 'it is closed, or was handed to a worker: classify it before that';
const unset = 'set its width and height, and draw on it';
const cors = 'Serve that with CORS and ask for it with crossorigin="anonymous", or fetch the file and hand in its bytes';

describe('is refused, and told why:', () => {
  test.each([
    ['a closed ImageBitmap', `expected a picture with pixels, found ImageBitmap of 0×0: ${closed}`],
    ['a closed VideoFrame', 'expected a picture with pixels, found VideoFrame of 0×0: it is closed: classify it before that'],
    ['an empty canvas', `expected a picture with pixels, found OffscreenCanvas of 0×2: ${unset}`],
    ['a canvas that was handed on', `expected a picture with pixels, found OffscreenCanvas of 0×0: ${unset}`],
    ['an empty element', `expected a picture with pixels, found HTMLCanvasElement of 3×0: ${unset}`],
    ['a broken image', 'expected an image that the browser can read, found HTMLImageElement of blob:'],
    ['an image that is not there', '/nowhere.png: is the file there?'],
    ['an image without src', 'found HTMLImageElement without a src'],
    ['an SVG without a size', 'expected an image that the browser can read, found HTMLImageElement of data:image/svg+xml'],
    ['a video without a frame', 'found HTMLVideoElement of 0×0: it has no frame yet: await its event loadeddata'],
    ['an image of another origin', `found HTMLImageElement of 15×12: it is of another origin, or was drawn from one. ${cors}`],
    ['a canvas with an image of another origin', cors],
    ['too wide an ImageBitmap', "expected a picture that this browser's canvas can hold, found ImageBitmap of 70000×2"],
    ['too large a canvas', 'expected at most 178956970 pixels, found OffscreenCanvas of 13400×13400'],
    ['an SVG element', 'expected a picture'],
    ['a Response', 'found Response: await response.blob()'],
    ['a context', 'found a context: pass its `canvas`'],
    ['an input', 'found HTMLInputElement: pass one of its `files`'],
    ['a stream', "found MediaStream: make it a video's srcObject"],
  ])('%s', async (what, message) => {
    expect(await pages.call<Refusal>('page', 'refused', what, foreign)).toEqual({ typed: true, message: expect.stringContaining(message) });
  });

  test.each(['a closed ImageBitmap', 'a closed VideoFrame', 'an empty canvas', 'too wide an ImageBitmap'])(
    '%s, in a worker',
    async (what) => {
      const found = await pages.call<Refusal>('worker', 'refused', what);
      expect(found).toEqual(await pages.call('page', 'refused', what));
      expect(found.typed).toBe(true);
    },
  );
});

test.each([
  ['says what a camera sees', 'getUserMedia', /^[a-z]+$/],
  ['answers soon', 'preload', /^cat$/],
])('the program of docs/library.md that %s', async (_, has, answer) => {
  const text = await readFile(new URL('../../docs/library.md', import.meta.url), 'utf8');
  const [program] = [...text.matchAll(/^```html\n([\s\S]*?)^```$/gm)].flatMap(([, html = '']) => (html.includes(has) ? [html] : []));
  const camera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
  const { page, origin, close } = await openChromium({ flags: camera });
  try {
    const map = await page.evaluate(() => document.querySelector('script[type=importmap]')?.textContent ?? '{}');
    const imports = { ...JSON.parse(map).imports, senet: '/dist/src/index.js', 'senet/image': '/dist/src/io/image.js' };
    const body = `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>${program}`;
    await page.route(`${origin}/program.html`, (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.goto(`${origin}/program.html`);
    await page.waitForFunction(() => document.querySelector('output')?.value !== '');
    expect(await page.evaluate(() => document.querySelector('output')?.value)).toMatch(answer);
  } finally {
    await close();
  }
});
