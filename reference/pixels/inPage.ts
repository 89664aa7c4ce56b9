import { type Picture, pixelsOf } from '../../src/classifier/picture.js';
import type { Pixels } from '../../src/io/resize.js';
import type { Path, Quality, Resizer } from './paths.js';

/** What runs in a page: decodes and resizes as the browser does. Bytes come and go in base64, since other browsers are spoken to in JSON. */

/** An image, its bytes in base64. */
export interface SentPixels extends Omit<Pixels, 'data'> {
  readonly data: string;
}

/** Or why there is none. */
export type Told = SentPixels | string;

export interface Task {
  readonly files: readonly { readonly type: string; readonly bytes: string }[];
  readonly paths: readonly Path[];
  /** A photograph, and the extents and ways of resizing it. */
  readonly resizes?: {
    readonly from: SentPixels;
    readonly width: number;
    readonly height: number;
    readonly ways: readonly (readonly [Resizer, Quality])[];
  };
}

/** Of each file by each path, and of each way of resizing. */
export interface Answer {
  readonly files: readonly (readonly Told[])[];
  readonly resizes: readonly Told[];
}

export async function answer({ files, paths, resizes }: Task): Promise<Answer> {
  const answers: Told[][] = [];
  for (const { type, bytes } of files) {
    const blob = new Blob([bytesOf(bytes)], { type });
    const told: Told[] = [];
    for (const path of paths) told.push(await tell(decoders[path](blob)));
    answers.push(told);
  }
  const resized: Told[] = [];
  if (resizes !== undefined) {
    const photograph = imageData(resizes.from);
    for (const [resizer, quality] of resizes.ways) resized.push(await tell(resizers[resizer](photograph, resizes, quality)));
  }
  return { files: answers, resizes: resized };
}

const decoders: Readonly<Record<Path, (blob: Blob) => Promise<Picture>>> = {
  file: async (blob) => blob,
  bitmapAsStored: (blob) => createImageBitmap(blob, { colorSpaceConversion: 'none' }),
  bitmap: (blob) => createImageBitmap(blob),
  image: async (blob) => Object.assign(new Image(), { src: URL.createObjectURL(blob) }),
  imageDecoder: async (blob) => {
    if (typeof ImageDecoder === 'undefined') throw new Error('there is none');
    const { image } = await new ImageDecoder({ data: await blob.arrayBuffer(), type: blob.type, colorSpaceConversion: 'none' }).decode();
    return image;
  },
};

interface Extents {
  readonly width: number;
  readonly height: number;
}

const resizers: Readonly<Record<Resizer, (photograph: ImageData, to: Extents, quality: Quality) => Promise<Picture>>> = {
  createImageBitmap: (photograph, { width, height }, resizeQuality) =>
    createImageBitmap(photograph, { resizeWidth: width, resizeHeight: height, resizeQuality }),
  drawImage: async (photograph, { width, height }, quality) => {
    const [from] = canvas(photograph);
    const [to, context] = canvas({ width, height });
    from.getContext('2d')?.putImageData(photograph, 0, 0);
    context.imageSmoothingQuality = quality;
    context.drawImage(from, 0, 0, width, height);
    return to;
  },
};

function canvas({ width, height }: Extents): readonly [OffscreenCanvas, OffscreenCanvasRenderingContext2D] {
  const made = new OffscreenCanvas(width, height);
  return [made, made.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D];
}

async function tell(picture: Promise<Picture>): Promise<Told> {
  try {
    const { width, height, data } = await pixelsOf(await picture, {});
    return { width, height, data: base64(data) };
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 2 ** 14) text += String.fromCharCode(...bytes.subarray(at, at + 2 ** 14));
  return btoa(text);
}

function imageData({ width, height, data }: SentPixels): ImageData {
  const [rgb, image] = [bytesOf(data), new ImageData(width, height)];
  for (let i = 0; i < width * height; i++) image.data.set([...rgb.subarray(3 * i, 3 * i + 3), 255], 4 * i);
  return image;
}
