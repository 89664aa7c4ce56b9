import { InputError, ShapeError } from '../errors.js';
import { inTurns } from '../io/pieces.js';
import { normaliserInPieces, type PreprocessOptions } from '../io/preprocess.js';
import { type Pixels, resizeInPieces, shorterTo } from '../io/resize.js';
import { flawOf, type Shape, sameShape, sizeOf, type Tensor, tensor } from '../tensor.js';
import type { Protocol } from './protocol.js';
import { around, viewed, viewsOf } from './views.js';

/** Views in one run: more share no more work, and take more memory. */
const mostViews = 10;

/** What the activations of one run may take, in bytes. */
const mostArena = 2 ** 28;

/** How many views are run at once: a number that divides all of them, so that one session does for every run. @param arenaBytes of a run of one */
export function batchOf(views: number, arenaBytes: number): number {
  let batch = Math.max(1, Math.min(views, mostViews, Math.floor(mostArena / arenaBytes)));
  while (views % batch !== 0) batch--;
  return batch;
}

/**
 * The network's images of a picture's views, in order, [batch, 3, crop, crop] at a time. What is not asked for yet is not made. The event loop has turns
 * meanwhile.
 *
 * @param batch a number that divides the protocol's views
 * @throws InputError for what is no picture, or one that would become too large
 */
export async function* imagesOf(
  pixels: Pixels,
  { scales, crops }: Pick<Protocol, 'scales' | 'crops'>,
  { crop, filter, ...normalisation }: PreprocessOptions,
  batch: number,
): AsyncGenerator<Tensor, void, undefined> {
  const write = normaliserInPieces(normalisation);
  const shape = [batch, 3, crop, crop];
  let images = new Float32Array(sizeOf(shape));
  let filled = 0;
  for (const scale of scales) {
    const extents = shorterTo(pixels, scale);
    const views = viewsOf(extents, crop, crops);
    const kept = around(views);
    const resized = await inTurns(resizeInPieces(pixels, extents, filter, kept));
    for (const { left, top, ...view } of views) {
      const square = viewed(resized, { ...view, left: left - kept.left, top: top - kept.top }, crop, filter);
      await inTurns(write(square, images.subarray((filled++ * images.length) / batch)));
      if (filled < batch) continue;
      yield tensor(shape, images);
      images = new Float32Array(images.length);
      filled = 0;
    }
  }
}

/** All of them as one tensor, [views, 3, crop, crop]. */
export async function gathered(batches: AsyncIterable<Tensor>, views: number): Promise<Tensor> {
  let all: Tensor | undefined;
  let filled = 0;
  for await (const { shape, data } of batches) {
    if (shape[0] === views) return { shape, data };
    all ??= tensor([views, ...shape.slice(1)], new Float32Array((data.length * views) / (shape[0] as number)));
    all.data.set(data, filled);
    filled += data.length;
  }
  return all as Tensor;
}

/** A tensor of all views a batch at a time. @throws InputError for what is no tensor, ShapeError for one of another shape */
export function* batchesOf(images: Tensor, shape: Shape, batch: number): Generator<Tensor, void, undefined> {
  const flaw = flawOf(images);
  if (flaw !== undefined) throw new InputError(`the images of all views ${flaw}`);
  if (!sameShape(images.shape, shape)) throw new ShapeError('the images of all views', { expected: shape, found: images.shape });
  const part = [batch, ...shape.slice(1)];
  for (let at = 0; at < images.data.length; at += sizeOf(part)) yield tensor(part, images.data.subarray(at, at + sizeOf(part)));
}
