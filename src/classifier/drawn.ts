import { InputError, shortened, UnsupportedError } from '../errors.js';
import { mostPixelsRead } from '../io/claim.js';
import { dropAlpha } from '../io/decoders.js';
import type { Pixels } from '../io/resize.js';
import { kindOf } from '../tensor.js';

/** Pictures of a page, by the properties that are read. The DOM's own types would force `lib: dom` on every user of the library. */
export interface ImageBitmapLike {
  readonly width: number;
  readonly height: number;
  close(): void;
}

/** An element `<canvas>`, or an OffscreenCanvas. */
export interface CanvasLike {
  readonly width: number;
  readonly height: number;
  getContext(...args: never[]): unknown;
}

/** An element `<img>`. */
export interface ImageElementLike {
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  readonly currentSrc: string;
  decode(): Promise<void>;
}

export interface VideoFrameLike {
  readonly displayWidth: number;
  readonly displayHeight: number;
  close(): void;
}

/** An element `<video>`: a file's, or a camera's. */
export interface VideoElementLike {
  readonly videoWidth: number;
  readonly videoHeight: number;
  readonly readyState: number;
}

/** A picture of the page's own, which the browser has decoded or drawn. */
export type DrawnPicture = ImageBitmapLike | CanvasLike | ImageElementLike | VideoFrameLike | VideoElementLike;

interface Kind<P> {
  readonly width: keyof P;
  readonly height: keyof P;
  /** What it means that there are no pixels, and what to do. */
  readonly empty: string;
}

const canvas: Kind<CanvasLike> = { width: 'width', height: 'height', empty: 'set its width and height, and draw on it' };

/** By what each calls itself: a frame's pictures are of classes that are not this page's. */
const kinds = {
  ImageBitmap: { width: 'width', height: 'height', empty: 'it is closed, or was handed to a worker: classify it before that' },
  HTMLCanvasElement: canvas,
  OffscreenCanvas: canvas,
  VideoFrame: { width: 'displayWidth', height: 'displayHeight', empty: 'it is closed: classify it before that' },
  HTMLVideoElement: { width: 'videoWidth', height: 'videoHeight', empty: 'it has no frame yet: await its event loadeddata' },
} as const satisfies {
  ImageBitmap: Kind<ImageBitmapLike>;
  HTMLCanvasElement: Kind<CanvasLike>;
  OffscreenCanvas: Kind<CanvasLike>;
  VideoFrame: Kind<VideoFrameLike>;
  HTMLVideoElement: Kind<VideoElementLike>;
};

type KindName = keyof typeof kinds;

/** Drawn as the bitmap that is made of it. */
const image = 'HTMLImageElement';

export const isDrawn = (picture: unknown): picture is DrawnPicture => kindOf(picture) === image || Object.hasOwn(kinds, kindOf(picture));

/**
 * The RGB pixels of a page's picture, at its full size: drawn one to one on a canvas and read in sRGB. Resizing is ours, since no browser's is PIL's.
 *
 * All but images are drawn before this returns, so that what a canvas, a video or a frame shows then is what is read, whatever becomes of it.
 *
 * @throws InputError, as a rejection, for a picture that is empty, closed, broken or too large, or whose pixels the browser keeps from the page;
 *   UnsupportedError where there is no canvas
 */
export async function drawnPixels(picture: DrawnPicture): Promise<Pixels> {
  const kind = kindOf(picture) as KindName | typeof image;
  if (kind !== image) return read(kind, picture);
  const bitmap = await decoded(picture as ImageElementLike);
  try {
    return read('ImageBitmap', bitmap, kind);
  } finally {
    bitmap.close();
  }
}

/** The pixels of the image's file. Of one that stands for several (`srcset`), `naturalWidth` is in the page's pixels, to which drawing would resize it. */
async function decoded(image: ImageElementLike): Promise<ImageBitmapLike> {
  try {
    await image.decode(); // waits for the file
    return await createImageBitmap(image as unknown as ImageBitmapSource);
  } catch (cause) {
    const { currentSrc: address } = image; // of an image that was given one just now it is empty before
    const found = address === '' ? 'HTMLImageElement without a src' : `HTMLImageElement of ${shortened(address, longestAddress)}`;
    throw new InputError(`expected an image that the browser can read, found ${found}: is the file there? (${String(cause)})`, { cause });
  }
}

/** Of a message; those of `data:` are whole files. */
const longestAddress = 200;

/** @param given what it was made of, in messages */
function read(kind: KindName, picture: DrawnPicture, given: string = kind): Pixels {
  const { width: across, height: down, empty } = kinds[kind];
  const sizes = picture as unknown as Readonly<Record<string, number>>;
  const [width, height] = [sizes[across] as number, sizes[down] as number];
  const size = `${given} of ${width}×${height}`;
  if (!(width > 0 && height > 0)) throw new InputError(`expected a picture with pixels, found ${size}: ${empty}`);
  if (width * height > mostPixelsRead)
    throw new InputError(`expected at most ${mostPixelsRead} pixels, found ${size}: make it smaller first`);
  if (kind === 'HTMLVideoElement' && (picture as VideoElementLike).readyState < haveCurrentData)
    throw new InputError(`expected a video that shows a frame, found ${size} without one: await its event loadeddata`);
  const context = contextOf(width, height);
  if (context === undefined || !holds(context, width, height))
    throw new InputError(`expected a picture that this browser's canvas can hold, found ${size}: hand in its file, or make it smaller`);
  try {
    context.imageSmoothingEnabled = false; // one to one, it would change nothing
    context.drawImage(picture as unknown as CanvasImageSource, 0, 0, width, height);
    return { width, height, data: dropAlpha(context.getImageData(0, 0, width, height, { colorSpace: 'srgb' }).data) };
  } catch (cause) {
    throw new InputError(`expected a picture whose pixels may be read, found ${size}: ${reasonOf(cause)}`, { cause });
  }
}

/** HTMLMediaElement.HAVE_CURRENT_DATA: what a video shows before is nothing. */
const haveCurrentData = 2;

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** In the processor's memory, where every browser rounds alike. undefined of extents that the browser refuses. @throws UnsupportedError where there is no canvas */
function contextOf(width: number, height: number): Context | undefined {
  const settings: CanvasRenderingContext2DSettings = { willReadFrequently: true, colorSpace: 'srgb' };
  try {
    if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height).getContext('2d', settings) ?? undefined;
    if (typeof document !== 'undefined') {
      const canvas: HTMLCanvasElement = Object.assign(document.createElement('canvas'), { width, height });
      return canvas.getContext('2d', settings) ?? undefined;
    }
  } catch {
    return undefined;
  }
  throw new UnsupportedError('there is no canvas here to draw a picture on: hand in the bytes of its file, or its pixels');
}

/** Chromium draws nothing on a canvas that is too large, and says nothing. */
function holds(context: Context, width: number, height: number): boolean {
  try {
    context.fillRect(width - 1, height - 1, 1, 1);
    const [, , , alpha] = context.getImageData(width - 1, height - 1, 1, 1).data;
    context.clearRect(width - 1, height - 1, 1, 1);
    return alpha === 255;
  } catch {
    return false;
  }
}

function reasonOf(cause: unknown): string {
  const { name } = cause as { readonly name?: unknown };
  if (name !== 'SecurityError') return String(cause);
  return 'it is of another origin, or was drawn from one. Serve that with CORS and ask for it with crossorigin="anonymous", or fetch the file and hand in its bytes';
}
