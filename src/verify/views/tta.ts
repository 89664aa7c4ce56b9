import { meanOf, type Scoring, scoring } from '../../classifier/average.js';
import { topIndices } from '../../classifier/top.js';
import { type CropCount, viewed, viewsOf } from '../../classifier/views.js';
import { UnsupportedError } from '../../errors.js';
import { type Pixels, resizeShorter } from '../../io/resize.js';
import { largestDifference, relativeError } from '../../stats/error.js';
import { type Check, check } from '../check.js';
import type { TtaCase, TtaCrops, TtaFile } from './ttaFile.js';
import { type TtaEngine, type TtaNets, ttaNets } from './ttaNets.js';

export interface TtaOptions extends TtaEngine {
  /** The RGB pixels of an image, by its path in the file. */
  readonly pixels: (path: string) => Promise<Pixels>;
}

/** The file's own limits of probabilities, absolute. */
const probabilityLimits = { reference: 1e-9, wasm: 2e-5 } as const;

/**
 * Of logits, relative to the largest: what conformance vectors allow the kernels (`conformanceLimits`); of the reference half a unit in the ninth digit, which
 * is where the file rounds its values, and what it allows for probabilities.
 */
const logitLimits = { reference: 5e-9 + probabilityLimits.reference, direct: 1e-5, fast: 1e-4 } as const;

const filter = 'bilinear';

/**
 * Holds every view, every case and every ensemble of a file to what it says.
 *
 * @throws InputError for a network that does not exist or has another classifier, and for an image that cannot be read; UnsupportedError where there is no SHA-256
 */
export async function verifyTta(file: TtaFile, { pixels, ...engine }: TtaOptions): Promise<readonly Check[]> {
  const images = new Map<string, Promise<Pixels>>();
  const image = (path: string): Promise<Pixels> => {
    const known = images.get(path) ?? pixels(path);
    images.set(path, known);
    return known;
  };
  const nets = ttaNets(file, engine);
  try {
    const checks: Check[] = [];
    for (const [i, crops] of file.crops.entries()) checks.push(...(await checkCrops(`crops[${i}]`, crops, await image(crops.image))));
    const score = scorer(nets, image);
    for (const [i, one] of file.cases.entries()) checks.push(...(await checkCase(`cases[${i}]`, one, engine, score)));
    return checks;
  } finally {
    nets.dispose();
  }
}

/** Of what is either the same or not. */
const same = (name: string, is: boolean): Check => check(name, is ? 0 : 1, 0);

async function checkCrops(
  place: string,
  { image, resize, crop, crops, resized, sha256, firstPixels }: TtaCrops,
  pixels: Pixels,
): Promise<readonly Check[]> {
  const name = `${place}: ${image} at ${resize}, ${crops} of ${crop}`;
  const picture = resizeShorter(pixels, resize, filter);
  const checks = [check(`${name}: size`, largestDifference([picture.height, picture.width], resized), 0)];
  for (const [i, view] of viewsOf(picture, crop, crops).entries()) {
    const { data } = viewed(picture, view, crop, filter);
    checks.push(same(`${name}: view ${i}, SHA-256`, (await sha256Of(data)) === sha256[i]?.toLowerCase()));
    checks.push(check(`${name}: view ${i}, first pixel`, largestDifference(data.subarray(0, 3), firstPixels[i] ?? []), 0));
  }
  return checks;
}

async function sha256Of(data: Uint8Array): Promise<string> {
  const { subtle } = (globalThis as { readonly crypto?: Crypto }).crypto ?? {};
  if (subtle === undefined) throw new UnsupportedError('there is no SHA-256 here: pages need https for it');
  const digest = new Uint8Array(await subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What a network says of each view of an image. */
type Score = (net: string, image: string, scales: readonly number[], crop: number, crops: CropCount) => Promise<readonly Scoring[]>;

/** The same view is seen once, in however many cases it is. */
function scorer(nets: TtaNets, image: (path: string) => Promise<Pixels>): Score {
  const seen = new Map<string, Scoring>();
  return async (net, path, scales, crop, crops) => {
    const scored: Scoring[] = [];
    for (const scale of scales) {
      const picture = resizeShorter(await image(path), scale, filter);
      for (const view of viewsOf(picture, crop, crops)) {
        const key = JSON.stringify([net, path, scale, crop, view]);
        const one = seen.get(key) ?? scoring(await nets.logits(net, viewed(picture, view, crop, filter)));
        seen.set(key, one);
        scored.push(one);
      }
    }
    return scored;
  };
}

async function checkCase(
  place: string,
  expected: TtaCase,
  { engine, algorithms = 'direct' }: TtaEngine,
  score: Score,
): Promise<readonly Check[]> {
  const { image, members, crops, weights } = expected;
  const name = `${place}: ${members.map(({ net }) => net).join(' + ')} of ${image}`;
  const scored: (readonly Scoring[])[] = [];
  for (const { net, scales, crop } of members) scored.push(await score(net, image, scales, crop, crops));
  const [probabilities, logits] = (['probabilities', 'logits'] as const).map((average) =>
    meanOf(
      scored.map((views) => meanOf(views, average)),
      average,
    ),
  ) as [Scoring, Scoring];

  const limit = probabilityLimits[engine];
  const near = (what: string, found: Scoring, values: readonly number[]): Check =>
    check(`${name}: ${what}`, largestDifference(found.probabilities, values), limit);
  // two classes may change places only if they are nearer to each other than both may be off
  const order = (what: string, found: Scoring, top: readonly number[], values: readonly number[]): Check => {
    const of = (indices: readonly number[]): readonly number[] => indices.map((index) => values[index] as number);
    return check(`${name}: ${what}`, largestDifference(of(topIndices(found.probabilities, top.length, found.logits)), of(top)), 2 * limit);
  };

  const checks: Check[] = [];
  const views = scored.reduce((sum, { length }) => sum + length, 0);
  if (expected.views !== undefined) checks.push(check(`${name}: views`, Math.abs(views - expected.views), 0));
  checks.push(near('meanOfProbabilities', probabilities, expected.meanOfProbabilities));
  checks.push(near('softmaxOfMeanLogits', logits, expected.softmaxOfMeanLogits));
  if (expected.weightedProbabilities && weights) {
    const parts = scored.map((own) => meanOf(own, 'probabilities'));
    checks.push(near('weightedProbabilities', meanOf(parts, 'probabilities', weights), expected.weightedProbabilities));
  }
  if (expected.top5) checks.push(order('top5', probabilities, expected.top5, expected.meanOfProbabilities));
  if (expected.top5OfLogits) checks.push(order('top5OfLogits', logits, expected.top5OfLogits, expected.softmaxOfMeanLogits));
  const logitLimit = engine === 'reference' ? logitLimits.reference : logitLimits[algorithms];
  for (const [i, row] of expected.logits?.entries() ?? [])
    checks.push(check(`${name}: logits of view ${i}`, relativeError(scored[0]?.[i]?.logits ?? [], row), logitLimit));
  return checks;
}
