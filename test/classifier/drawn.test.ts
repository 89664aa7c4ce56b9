import { afterEach, expect, test, vi } from 'vitest';
import { pixelsOf } from '../../src/classifier/picture.js';
import { createClassifier, InputError, UnsupportedError } from '../../src/index.js';

/** Node has none of a page's pictures: these call themselves so, as those of a frame do. test/browser/drawn.test.ts has the real ones. */
const page = (kind: string, fields: object): never => ({ [Symbol.toStringTag]: kind, ...fields }) as never;

const frame = { displayWidth: 4, displayHeight: 3 };

/** A browser's canvas, of which the extents matter. */
function canvas(reading: () => Uint8ClampedArray): void {
  class Canvas {
    getContext(): object {
      const nothing = (): void => {};
      const corner = { data: [0, 0, 0, 255] };
      return {
        fillRect: nothing,
        clearRect: nothing,
        drawImage: nothing,
        getImageData: (x: number): object => (x > 0 ? corner : { data: reading() }),
      };
    }
  }
  vi.stubGlobal('OffscreenCanvas', Canvas);
}
afterEach(() => void vi.unstubAllGlobals());

test.each([
  ['ImageBitmap', { width: 0, height: 0 }, 'found ImageBitmap of 0×0: it is closed'],
  ['VideoFrame', { displayWidth: 0, displayHeight: 0 }, 'found VideoFrame of 0×0: it is closed'],
  ['HTMLCanvasElement', { width: 300, height: 0 }, 'found HTMLCanvasElement of 300×0: set its width and height'],
  ['OffscreenCanvas', { width: 0, height: 150 }, 'found OffscreenCanvas of 0×150: set its width and height'],
  ['HTMLVideoElement', { videoWidth: 0, videoHeight: 0, readyState: 0 }, 'it has no frame yet: await its event loadeddata'],
  [
    'HTMLVideoElement',
    { videoWidth: 4, videoHeight: 3, readyState: 1 },
    'expected a video that shows a frame, found HTMLVideoElement of 4×3',
  ],
  ['OffscreenCanvas', { width: 2 ** 14, height: 2 ** 14 }, 'expected at most 178956970 pixels, found OffscreenCanvas of 16384×16384'],
  ['HTMLImageElement', { currentSrc: '', decode: () => Promise.reject(new Error('no')) }, 'found HTMLImageElement without a src'],
  ['HTMLImageElement', { currentSrc: 'data:,x', decode: () => Promise.reject(new Error('no')) }, 'found HTMLImageElement of data:,x'],
])('%s %j is refused under its name', async (kind, fields, message) => {
  const refused = pixelsOf(page(kind, fields), {}, 'camera');
  await expect(refused).rejects.toThrow(InputError);
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toThrow(/^camera: expected /);
});

test('a long address is cut: those of data: are whole files', async () => {
  const image = page('HTMLImageElement', { currentSrc: `data:,${'x'.repeat(10_000)}`, decode: () => Promise.reject(new Error('no')) });
  const message = await pixelsOf(image, {}).catch((error: Error) => error.message);
  expect(message).toContain('characters more');
  expect(message).toContain('Error: no');
});

test('what the canvas has is the picture, without alpha', async () => {
  canvas(() => Uint8ClampedArray.from({ length: 48 }, (_, i) => i));
  const { width, height, data } = await pixelsOf(page('VideoFrame', frame), {});
  expect([width, height]).toEqual([4, 3]);
  expect([...data]).toEqual(Array.from({ length: 48 }, (_, i) => i).filter((i) => i % 4 < 3));
});

test.each([
  ['SecurityError', 'it is of another origin, or was drawn from one'],
  ['InvalidStateError', 'InvalidStateError: tainted'],
])('a canvas that throws a %s is refused', async (name, message) => {
  canvas(() => {
    throw new DOMException('tainted', name);
  });
  const refused = pixelsOf(page('VideoFrame', frame), {});
  await expect(refused).rejects.toThrow(InputError);
  await expect(refused).rejects.toThrow(`expected a picture whose pixels may be read, found VideoFrame of 4×3: ${message}`);
});

test('where there is no canvas, the error says what to hand in', async () => {
  const refused = pixelsOf(page('ImageBitmap', { width: 4, height: 3 }), {});
  await expect(refused).rejects.toThrow(UnsupportedError);
  await expect(refused).rejects.toThrow('hand in the bytes of its file, or its pixels');
});

test('a classifier takes what is shown when it is asked; a refusal waits for its turn and stands in nobody’s way', async () => {
  using classifier = await createClassifier({ top: 1 });
  const pixels = { width: 4, height: 3, data: new Uint8Array(36).fill(100) };
  let shown = 100;
  canvas(() => new Uint8ClampedArray(48).fill(shown));
  const answers = Promise.allSettled([
    classifier.classify(pixels),
    classifier.classify(page('ImageBitmap', { width: 0, height: 0 }), { file: 'closed' }),
    classifier.classify(page('VideoFrame', frame)),
  ]);
  shown = 200;
  const [first, closed, drawn] = await answers;
  expect(closed).toMatchObject({ status: 'rejected', reason: { name: 'InputError', message: expect.stringMatching(/^closed: /) } });
  expect(drawn).toEqual(first);
});
