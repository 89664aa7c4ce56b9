import type { Tensor } from '../../tensor.js';
import type { Batch } from '../../train/step.js';
import { type BatchJob, type BatchMaker, batchMaker, type Preparation } from './batch.js';
import type { ImageSet } from './imageSet.js';
import { workerMaker } from './prefetch.js';

/** An epoch's batches, or what is left of them. */
export interface Batches extends Preparation {
  /** Images in the order in which they come; a test takes them as they are. */
  readonly order: readonly number[];
  /** Images a batch; the last may have fewer. */
  readonly size: number;
  /** The first batch, after those that came before. @defaultValue 0 */
  readonly from?: number;
  readonly seed: number;
  readonly epoch: number;
}

/** Reads a set of images by batches. */
export interface Loader extends Disposable {
  /** A function of what it is given: the same batches, whenever and from whichever one on. @throws InputError naming the image that cannot be read or does not fit */
  batches(wanted: Batches): AsyncIterable<Batch>;
}

export interface LoaderOptions {
  /** Make batches in a worker, beside whatever this thread does; else when they are asked for. The batches are the same. @defaultValue true */
  readonly worker?: boolean;
}

/** Batches under way while one is used: the next, and one more so that the worker always has something to do. */
const ahead = 2;

export function openLoader(set: ImageSet, { worker = true }: LoaderOptions = {}): Loader {
  if (!worker) {
    const make = batchMaker(set.stored);
    return { batches: (wanted) => inTurn(set, wanted, make, 1), [Symbol.dispose]: () => {} };
  }
  const maker = workerMaker(set.stored);
  return { batches: (wanted) => inTurn(set, wanted, maker.make, 1 + ahead), [Symbol.dispose]: maker[Symbol.dispose] };
}

async function* inTurn({ labels }: ImageSet, wanted: Batches, make: BatchMaker, depth: number): AsyncGenerator<Batch, void> {
  const { order, size, from = 0, ...preparation } = wanted;
  const started: { readonly job: BatchJob; readonly input: Promise<Tensor> }[] = [];
  let first = from * size;
  for (;;) {
    for (; started.length < depth && first < order.length; first += size) {
      const job = { ...preparation, images: order.slice(first, first + size), first };
      const input = make(job);
      input.catch(() => {}); // it is reported when its turn comes, if it ever does
      started.push({ job, input });
    }
    const next = started.shift();
    if (!next) return;
    yield { input: await next.input, labels: next.job.images.map((image) => labels[image] as number) };
  }
}
