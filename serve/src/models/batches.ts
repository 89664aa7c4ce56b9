import { type Classifier, compile, createModel, type Graph, syntheticTensor, type Tensor, tensor } from 'senet';

/** A network compiled for several images at a time. */
export interface Batches {
  /** Images of a run. */
  readonly batch: number;
  /**
   * Whether each row has the bits of a run of one image. A plan may choose other algorithms for a batch (Winograd's or direct), and then it has not.
   */
  readonly sameBits: boolean;
  /** How many images take as long one by one as a run does, as it was timed here. */
  readonly paysFrom: number;
  /** The logits of some images [3, H, W], in their order. @param images at most `batch`; rows that are left are zeros @throws the signal's reason */
  run(images: readonly Float32Array[], signal?: AbortSignal): Promise<readonly Float32Array[]>;
  dispose(): void;
}

/** Compiles it, compares it with the classifier's own session on synthetic images, and times both. */
export async function compileBatches(classifier: Classifier, batch: number): Promise<Batches> {
  const { classes, preset, weights } = classifier.network;
  const size = 3 * preset.size * preset.size;
  const session = await compile(graphOf(classifier, { batch }), weights);
  const run: Batches['run'] = async (images, signal) => {
    const data = new Float32Array(batch * size);
    for (const [row, image] of images.entries()) data.set(image, row * size);
    const logits = logitsOf(await session.runAsync(tensor([batch, 3, preset.size, preset.size], data), {}, signal && { signal }));
    return images.map((_, row) => logits.slice(row * classes, (row + 1) * classes));
  };

  const images = Array.from(
    { length: batch },
    (_, seed) => syntheticTensor('input', [1, 3, preset.size, preset.size], seed).data as Float32Array,
  );
  let single = Number.POSITIVE_INFINITY;
  const expected: Float32Array[] = [];
  for (const image of images) {
    const start = performance.now();
    expected.push(logitsOf(await classifier.session.runAsync(tensor([1, 3, preset.size, preset.size], image))));
    single = Math.min(single, performance.now() - start);
  }
  let full = Number.POSITIVE_INFINITY;
  let sameBits = true;
  for (let time = 0; time < 2; time++) {
    const start = performance.now();
    const found = await run(images);
    full = Math.min(full, performance.now() - start);
    sameBits &&= found.every((logits, row) => logits.every((value, i) => Object.is(value, expected[row]?.[i])));
  }
  return { batch, sameBits, paysFrom: Math.ceil(full / single), run, dispose: () => session.dispose() };
}

export const logitsOf = (outputs: ReadonlyMap<string, Tensor>): Float32Array => outputs.get('logits')?.data as Float32Array;

/** The classifier's graph again, of several images or with its gates as outputs. */
export const graphOf = (
  { network: { id, options, classes, preset, own } }: Classifier,
  more: { readonly batch?: number; readonly gates?: boolean },
): Graph => {
  const { size } = preset;
  return own ? own.create({ size, ...more }) : createModel(id, { ...options, classes, size, ...more });
};
