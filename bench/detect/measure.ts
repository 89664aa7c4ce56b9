import { detectionWeights } from '../../src/detect/boxCoder.js';
import type { Proposals } from '../../src/detect/proposals.js';
import type { DetectorOutputs } from '../../src/detector/stages.js';
import { UnsupportedError } from '../../src/errors.js';
import { DisagreementError } from '../../src/measure/bench.js';
import { notPaired } from '../../src/node/engine.js';
import { relativeError } from '../../src/stats/error.js';
import { paired, seCost } from '../../src/stats/paired.js';
import { interleave, quantile, sorted } from '../../src/stats/timing.js';
import { dims4, type Tensor } from '../../src/tensor.js';
import { conformanceLimits } from '../../src/verify/vector.js';
import { type Allowed, unmatched } from './agreement.js';
import { type Contestant, ours, type Ran, theirs } from './contestants.js';
import { largestMagnitude, type Scene, sceneOf, withoutGates } from './scene.js';
import type { DetectRow, Parts } from './table.js';

type Row = Omit<DetectRow, 'runtime'>;

interface MeasureOptions {
  readonly rounds: number;
  /** Vectors are to be paired. */
  readonly paired: boolean;
  /** Hears what is under way. */
  readonly progress: (text: string) => void;
}

const warmup = 2;

/** Engines each within their conformance limit of the truth are within the sum of both of one another. */
const limit = conformanceLimits.direct + conformanceLimits.fast;

/**
 * Times a detector in our kernels, without its gates if it has some, and in onnxruntime-web, in turns.
 *
 * @throws DisagreementError if outputs or detections differ: then nothing is timed; UnsupportedError if onnxruntime-web is not installed, or vectors are not paired that should be
 */
export async function measure(id: string, { rounds, paired: pairs, progress }: MeasureOptions): Promise<readonly Row[]> {
  progress(`${id}: compiling`);
  const scene = await sceneOf(id);
  const contestants = [await ours(scene)];
  if (pairs && !contestants[0]?.pairedVectors) throw new UnsupportedError(notPaired);
  if (scene.model.se) contestants.push(await ours(withoutGates(scene)));
  contestants.push(await theirs(scene));
  const [first, rival] = [contestants[0] as Contestant, contestants.at(-1) as Contestant];
  const own = await first.run();
  const agreement = agreementOf(scene, own, await rival.run(own.chosen));
  const theirProposals = (await rival.run()).chosen.proposals[0] as Proposals;
  const apart = unmatched(labelled(own.chosen.proposals[0] as Proposals), labelled(theirProposals), proposalsMayDiffer(scene, own));
  progress(
    `outputs differ by ${agreement.toExponential(1)}; ${own.found.labels.length} detections; ${apart} of ${scene.regions} proposals have no partner`,
  );

  const ran: Ran['parts'][][] = contestants.map(() => []);
  const timed = contestants.map((contestant, i) => async () => void ran[i]?.push((await contestant.run()).parts));
  const times = await interleave(timed, { warmup, rounds, progress: (round) => progress(`${id}: round ${round + 1} of ${rounds}`) });
  const [, , height, width] = dims4(scene.batch.images.shape);
  const rows = contestants.map(({ engine, variant, algorithms, version, scene: { graph } }, i): Row => {
    const ascending = sorted(times[i] as readonly number[]);
    const gated = graph === scene.graph;
    const isOurs = engine === 'senet';
    const twin = contestants.findIndex((other) => other.scene.graph !== scene.graph);
    return {
      model: id,
      se: scene.model.se && gated,
      engine,
      variant,
      ...(algorithms && { algorithms }),
      version,
      size: [height, width],
      regions: scene.regions,
      found: own.found.labels.length,
      medianMs: quantile(ascending, 0.5),
      minMs: ascending[0] as number,
      parts: medians((ran[i] as readonly Parts[]).slice(-rounds)),
      ...(!isOurs && { agreement, timesOurs: paired(times[i] as readonly number[], times[0] as readonly number[], (a, b) => a / b) }),
      ...(isOurs && gated && twin >= 0 && { seCostPercent: seCost(times[i] as readonly number[], times[twin] as readonly number[]) }),
    };
  });
  for (const contestant of contestants) await contestant.dispose();
  return rows;
}

/** Each part's median. */
function medians(runs: readonly Parts[]): Parts {
  const [first] = runs;
  const median = (part: string): number => quantile(sorted(runs.map((run) => run[part as keyof Parts] as number)), 0.5);
  return Object.fromEntries(Object.keys(first ?? {}).map((part) => [part, median(part)])) as unknown as Parts;
}

/** The largest error of an output, relative to its largest value. @throws DisagreementError if one is too large, or the detections are others */
function agreementOf(scene: Scene, own: Ran, other: Ran): number {
  const errors = [...own.outputs].map(([name, { data }]) => [name, relativeError((other.outputs.get(name) as Tensor).data, data)] as const);
  for (const [name, error] of errors)
    if (!(error <= limit))
      throw new DisagreementError(`onnxruntime-web: ${name} differs from ours by ${error} of the largest, more than ${limit}`);
  const lonely = unmatched(own.found, other.found, detectionsMayDiffer(scene, own));
  if (lonely > 0) throw new DisagreementError(`onnxruntime-web: of ${own.found.labels.length} detections ${lonely} are others than ours`);
  return Math.max(...errors.map(([, error]) => error));
}

const labelled = ({ boxes, scores, levels }: Proposals) => ({ boxes, scores, labels: levels });

const largest = (outputs: DetectorOutputs, prefix: string): number =>
  Math.max(...[...outputs].flatMap(([name, { data }]) => (name.startsWith(prefix) ? [largestMagnitude(data)] : [])));

/** A delta's error moves a side by that much of the box that is moved and of the one that is made; the slopes of sigmoid and softmax are at most 1/2 of a pair of logits' errors. */
function mayDiffer(
  outputs: DetectorOutputs,
  { deltas, logits, weight, side }: { readonly deltas: string; readonly logits: string; readonly weight: number; readonly side: number },
): Allowed {
  return { pixels: (limit * largest(outputs, deltas) * 2 * side) / weight, score: (limit * largest(outputs, logits)) / 2 };
}

function proposalsMayDiffer({ model: { settings } }: Scene, { outputs }: Ran): Allowed {
  const side = Math.max(...settings.anchorSizes.flat()) * Math.sqrt(Math.max(...settings.anchorRatios));
  return mayDiffer(outputs, { deltas: 'deltas.', logits: 'objectness.', weight: 1, side });
}

function detectionsMayDiffer({ batch }: Scene, { outputs }: Ran): Allowed {
  const side = Math.max(...dims4(batch.images.shape).slice(2));
  return mayDiffer(outputs, { deltas: 'boxDeltas', logits: 'classLogits', weight: Math.min(...detectionWeights), side });
}
