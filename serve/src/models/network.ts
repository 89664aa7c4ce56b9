import { type Classifier, compile, createClassifier, InputError, type Normalisation, type Session, tensor } from 'senet';
import { decodeImage } from 'senet/image';
import { type Batches, compileBatches, graphOf, logitsOf } from './batches.js';
import { weightsSource } from './inherited.js';
import type { Ask, Facts, WorkerOptions } from './messages.js';
import type { Outputs } from './model.js';
import { checkPixels, claimedPixels } from './pictureSize.js';

/** A network in a worker. */
export interface Network {
  readonly facts: Facts;
  /** The network's image [3, H, W]. @throws InputError for a picture that cannot be read, or has too many pixels */
  prepare(ask: Ask): Promise<Float32Array>;
  /**
   * Answers to images, in their order: those of a run each, whatever they are run with.
   *
   * @param images at most `facts.batch`
   * @throws the signal's reason, which ends the run
   */
  run(images: readonly Float32Array[], signal: AbortSignal): Promise<readonly Outputs[]>;
  /** With the excitations. The first such call compiles the network once more. @throws as `run` */
  runWithGates(image: Float32Array, signal: AbortSignal): Promise<Outputs>;
}

const noGates: Outputs['gates'] = new Map();

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
  const together = await batchesIfOfUse(classifier, maxBatch);
  const excited = excitedSession(classifier);

  const runAlone = async (image: Float32Array, signal: AbortSignal): Promise<Outputs> => ({
    logits: logitsOf(await alone.runAsync(tensor([1, ...shape], image), {}, { signal })),
    gates: noGates,
  });

  return {
    facts: {
      input: shape,
      classes,
      labels: labels?.map(({ name }) => name),
      normalisation: normalisationOf(preset),
      tile: tileOf(alone),
      batch: together?.batch ?? 1,
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
    async run(images, signal) {
      if (together === undefined || images.length < together.paysFrom) return await each(images, (image) => runAlone(image, signal));
      return (await together.run(images, signal)).map((logits) => ({ logits, gates: noGates }));
    },
    async runWithGates(image, signal) {
      const session = await excited();
      if (session === undefined) return await runAlone(image, signal);
      const outputs = await session.runAsync(tensor([1, ...shape], image), {}, { signal });
      const gates = [...outputs].flatMap(([name, { data }]) => (name === 'logits' ? [] : [[name, data as Float32Array] as const]));
      return { logits: logitsOf(outputs), gates: new Map(gates) };
    },
  };
}

const normalisationOf = ({ mean, std, range = 1, channels = 'rgb' }: Classifier['network']['preset']): Normalisation => ({
  mean,
  std,
  range,
  channels,
});

const tileOf = ({ plan }: Session): string => `${plan.target.tile.rows}x${plan.target.tile.columns}`;

/** One after another. */
async function each<T, U>(items: readonly T[], use: (item: T) => Promise<U>): Promise<readonly U[]> {
  const results: U[] = [];
  for (const item of items) results.push(await use(item));
  return results;
}

/** Runs of several images, where they are faster than single ones and say the same. */
async function batchesIfOfUse(classifier: Classifier, maxBatch: number): Promise<Batches | undefined> {
  if (maxBatch === 1 || classifier.network.own?.single) return undefined;
  const batches = await compileBatches(classifier, maxBatch);
  if (batches.sameBits && batches.paysFrom <= maxBatch) return batches;
  batches.dispose();
  return undefined;
}

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
