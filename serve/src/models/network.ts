import {
  type Classifier,
  compile,
  createClassifier,
  createModel,
  InputError,
  type Normalisation,
  type Session,
  syntheticTensor,
  type Tensor,
  tensor,
} from 'senet';
import { decodeImage } from 'senet/image';
import { weightsSource } from './inherited.js';
import type { Ask, Facts, WorkerOptions } from './messages.js';
import type { Answer } from './model.js';
import { checkPixels, claimedPixels } from './pictureSize.js';

/** A network in a worker. */
export interface Network {
  readonly facts: Facts;
  /** The network's image [3, H, W]. @throws InputError for a picture that cannot be read, or has too many pixels */
  prepare(ask: Ask): Promise<Float32Array>;
  /** Answers to images, in their order: those of a run each, whatever they are run with. @param images at most `facts.batch` */
  run(images: readonly Float32Array[]): Promise<readonly Answer[]>;
  /** With the excitations. The first such call compiles the network once more. */
  runWithGates(image: Float32Array): Promise<Answer>;
}

const noGates: Answer['gates'] = new Map();

/** @throws as `createClassifier` */
export async function openNetwork({ model, weights, maxBatch, maxPixels }: WorkerOptions): Promise<Network> {
  const classifier = await createClassifier({
    ...(model !== undefined && { model }),
    ...(weights !== undefined && { weights: weightsSource(weights) }),
  });
  const { classes, labels, preset } = classifier.network;
  const shape = [3, preset.size, preset.size] as const;
  const size = 3 * preset.size * preset.size;
  const alone = classifier.session;
  const together = maxBatch > 1 ? await batchSession(classifier, maxBatch) : undefined;
  const excited = excitedSession(classifier);

  async function runTogether(session: Session, images: readonly Float32Array[]): Promise<readonly Answer[]> {
    const data = new Float32Array(maxBatch * size); // rows that nobody asked for are zeros
    for (const [row, image] of images.entries()) data.set(image, row * size);
    const logits = logitsOf(await session.runAsync(tensor([maxBatch, ...shape], data)));
    return images.map((_, row) => ({ logits: logits.slice(row * classes, (row + 1) * classes), gates: noGates }));
  }
  const runAlone = async (image: Float32Array): Promise<Answer> => ({
    logits: logitsOf(await alone.runAsync(tensor([1, ...shape], image))),
    gates: noGates,
  });

  return {
    facts: {
      input: shape,
      classes,
      labels: labels?.map(({ name }) => name),
      normalisation: normalisationOf(preset),
      batch: together ? maxBatch : 1,
    },
    async prepare(ask) {
      if ('image' in ask) {
        if (ask.image.length !== size)
          throw new InputError(`expected an image of ${shape.join(' × ')} = ${size} numbers, found ${ask.image.length}`);
        return ask.image;
      }
      checkPixels(claimedPixels(ask.picture), maxPixels);
      const pixels = await decodeImage(ask.picture, { orient: true });
      checkPixels(pixels.width * pixels.height, maxPixels);
      return (await classifier.prepare(pixels)).data as Float32Array;
    },
    async run(images) {
      if (together && images.length >= together.paysFrom) return await runTogether(together.session, images);
      const answers: Answer[] = [];
      for (const image of images) answers.push(await runAlone(image));
      return answers;
    },
    async runWithGates(image) {
      const session = await excited();
      if (session === undefined) return await runAlone(image);
      const outputs = await session.runAsync(tensor([1, ...shape], image));
      const gates = [...outputs].flatMap(([name, { data }]) => (name === 'logits' ? [] : [[name, data as Float32Array] as const]));
      return { logits: logitsOf(outputs), gates: new Map(gates) };
    },
  };
}

const logitsOf = (outputs: ReadonlyMap<string, Tensor>): Float32Array => outputs.get('logits')?.data as Float32Array;

const normalisationOf = ({ mean, std, range = 1, channels = 'rgb' }: Classifier['network']['preset']): Normalisation => ({
  mean,
  std,
  range,
  channels,
});

const graphOf = ({ network: { id, options, classes, preset } }: Classifier, more: { readonly batch?: number; readonly gates?: boolean }) =>
  createModel(id, { ...options, classes, size: preset.size, ...more });

/** What gives the session that tells gates, compiled when it is first asked for; undefined for a network without SE blocks. */
function excitedSession(classifier: Classifier): () => Promise<Session | undefined> {
  const graph = graphOf(classifier, { gates: true });
  let session: Promise<Session> | undefined;
  return async () => {
    if (graph.outputs.size === 1) return undefined;
    session ??= compile(graph, classifier.network.weights);
    return await session;
  };
}

/**
 * A session of several images, if it is of use: a full run is faster than as many single ones, and each row has the bits of a single run. A plan may choose
 * other algorithms for a batch (Winograd's or direct), whose bits differ: then it is not used.
 */
async function batchSession(classifier: Classifier, batch: number): Promise<{ session: Session; paysFrom: number } | undefined> {
  const { session: alone } = classifier;
  const { size } = classifier.network.preset;
  const session = await compile(graphOf(classifier, { batch }), classifier.network.weights);
  const images = syntheticTensor('input', [batch, 3, size, size], 1);
  const rows = Array.from({ length: batch }, (_, row) =>
    tensor([1, 3, size, size], images.data.slice((row * images.data.length) / batch, ((row + 1) * images.data.length) / batch)),
  );
  let single = Number.POSITIVE_INFINITY;
  const expected: number[] = [];
  for (const row of rows) {
    const start = performance.now();
    expected.push(...logitsOf(await alone.runAsync(row)));
    single = Math.min(single, performance.now() - start);
  }
  let full = Number.POSITIVE_INFINITY;
  let same = true;
  for (let time = 0; time < 2; time++) {
    const start = performance.now();
    const logits = logitsOf(await session.runAsync(images));
    full = Math.min(full, performance.now() - start);
    same &&= expected.every((value, i) => Object.is(value, logits[i]));
  }
  if (same && full < batch * single) return { session, paysFrom: Math.ceil(full / single) };
  session.dispose();
  return undefined;
}
