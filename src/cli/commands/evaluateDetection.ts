import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { cocoResults } from '../../detect/ap/results.js';
import { detectionRule } from '../../detect/detections.js';
import { categoriesOf } from '../../detector/categories.js';
import { type Detector, detectorOf } from '../../detector/detector.js';
import { InputError, naming, WeightsError } from '../../errors.js';
import { type DetectionEntry, detectionEntryOf, entryOfFound } from '../../node/detectionEntry.js';
import { type DetectionScores, scoreDetections } from '../../node/detectionScores.js';
import { enablePairedVectors } from '../../node/engine.js';
import { evaluationJournal, stoppedText } from '../../node/evaluationJournal.js';
import { type Annotations, readAnnotations } from '../../node/images/annotations.js';
import { bySize, type ListedImage, readListed } from '../../node/images/cocoImages.js';
import { catchInterrupt, exitCodeOf } from '../../node/interrupt.js';
import { type Journal, keyOf } from '../../node/journal.js';
import { complain, note, print, printJson } from '../../node/output.js';
import { paceOf } from '../../node/pace.js';
import { version } from '../../node/package.js';
import { progress } from '../../node/progress.js';
import { hashWeights } from '../../node/weightsFile.js';
import { writeWhole } from '../../node/writeWhole.js';
import { type DetectionEvaluation, detectionEvaluationHtml, detectionEvaluationText } from '../../report/detectionEvaluation.js';
import { thousands } from '../../report/format.js';
import { checkOutputs, type DetectionFlags, single } from '../detectionFlags.js';
import { type OpenDetector, openDetector, underWeights } from '../detector.js';

/** `senet evaluate --detection`: COCO's metric of a detector over the images that an annotation file lists. */
export async function evaluateDetection(flags: DetectionFlags): Promise<void> {
  const { detection: file, images: folder, state, offline, maxBytes, timeout } = flags;
  if (folder === undefined) throw new InputError('--detection needs --images FOLDER, where its images lie');
  await checkOutputs(flags);
  const [model, weights] = [single('--model', flags.model), single('--weights', flags.weights)];
  if (flags.revectorize) enablePairedVectors();
  const annotations = await readAnnotations(file, folder);
  const network = await openDetector({
    ...(model !== undefined && { model }),
    ...(weights !== undefined && { weights }),
    ...(state !== undefined && { state }),
    ...(offline && { offline }),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(timeout !== undefined && { timeout }),
  });
  try {
    await evaluate(network, annotations, flags);
  } catch (error) {
    throw error instanceof WeightsError ? underWeights(network.file, error) : error;
  } finally {
    await network.close(); // open till now: for an image of another size some of its weights may be read again
  }
}

async function evaluate(network: OpenDetector, annotations: Annotations, flags: DetectionFlags): Promise<void> {
  const { detection: file, kernels, algorithms, threads, tolerant = false, detections, report, json } = flags;
  const { groundTruth, folder, images, sha256 } = annotations;
  const categories = naming(file, () => categoriesOf(network.classes, groundTruth.categories));
  noteNeverFound(file, annotations, categories);
  const settings = settingsOf(network, flags);
  const weights = await describeWeights(network);
  const work = { version, detection: sha256, folder, model: network.id, weights: [weights.sha256, weights.takenFrom], settings };
  const journal = evaluationJournal(
    flags.journal,
    keyOf({ ...work, kernels, algorithms, tolerant }),
    detectionEntryOf(new Set(images.map(({ id }) => id)), network.classes),
  );
  const { minSize, maxSize, score } = settings;
  using detector = detectorOf(network, { ...(kernels && { kernels }), algorithms, threads, minSize, maxSize, score });
  const entries = await detectAll(detector, bySize(images, settings), tolerant, journal).finally(() => journal?.close());
  if (entries.size < images.length) {
    note(stoppedText(entries.size, images.length, journal));
    process.exitCode = exitCodeOf('SIGINT');
    return;
  }

  const scores = scoreDetections(groundTruth, entries, categories);
  const evaluation: DetectionEvaluation = {
    data: resolve(file),
    folder,
    model: network.id,
    weights,
    settings,
    ...countsOf(scores, network),
    ...scores.result,
    failed: failuresOf(images, entries),
  };
  noteLeftOut(file, evaluation);
  for (const { error } of evaluation.failed) complain(error);
  if (evaluation.images === 0) throw new InputError(`${file}: none of its ${images.length} images could be read`);
  if (detections !== undefined) await writeWhole(detections, cocoResults(scores.truth, scores.columns));
  if (report !== undefined) await writeWhole(report, detectionEvaluationHtml(evaluation));
  if (json) printJson(evaluation);
  else print(detectionEvaluationText(evaluation));
  if (evaluation.failed.length > 0) process.exitCode = 2;
  if (journal && flags.journal === undefined) await rm(journal.file, { force: true }); // now that all is said
}

/** Sizes as the flags have them, and torchvision's rule. */
const settingsOf = ({ model: { settings } }: OpenDetector, flags: DetectionFlags): DetectionEvaluation['settings'] => ({
  minSize: flags.minSize ?? settings.minSize,
  maxSize: flags.maxSize ?? settings.maxSize,
  score: detectionRule.scoreThreshold,
  detections: detectionRule.most,
});

const countsOf = ({ truth, annotations, columns, leftOut, dropped }: DetectionScores, { labels }: OpenDetector) => ({
  images: truth.imageOf.size,
  annotations,
  detections: columns.length,
  leftOut: [...leftOut]
    .sort(([a], [b]) => a - b)
    .map(([index, detections]) => ({ index, label: labels[index] ?? String(index), detections })),
  dropped,
});

const failuresOf = (images: readonly ListedImage[], entries: ReadonlyMap<number, DetectionEntry>): DetectionEvaluation['failed'] =>
  images.flatMap(({ id, name }) => {
    const entry = entries.get(id) as DetectionEntry;
    return 'error' in entry ? [{ file: name, error: entry.error }] : [];
  });

async function describeWeights({ file, takenFrom }: OpenDetector): Promise<DetectionEvaluation['weights']> {
  return { file, ...(takenFrom !== '' && { takenFrom }), sha256: await hashWeights(file) };
}

/** Detects what the journal does not have yet, until the end or Ctrl-C. @returns what became of each image, by its id */
async function detectAll(
  detector: Detector,
  images: readonly ListedImage[],
  tolerant: boolean,
  journal: Journal<DetectionEntry> | undefined,
): Promise<ReadonlyMap<number, DetectionEntry>> {
  const detected = journal?.done.filter((entry) => !('error' in entry)) ?? []; // an image that was missing may be there now
  const entries = new Map(detected.map((entry) => [entry.image, entry]));
  if (journal && entries.size > 0) note(`resuming after ${entries.size} of ${images.length} images (${journal.file})`);
  using interrupt = catchInterrupt('SIGINT');
  const shown = progress();
  const pace = paceOf(images.length - entries.size);
  for (const image of images) {
    if (entries.has(image.id)) continue;
    if (interrupt.caught()) break;
    const entry = await detect(detector, image, tolerant);
    journal?.add(entry);
    entries.set(image.id, entry);
    shown.show(`${entries.size} of ${images.length} images, ${pace.next()}`);
  }
  shown.clear();
  const alone = detector.session?.threadsNote;
  if (alone !== undefined) note(`one thread: ${alone}`);
  const done = pace.done();
  if (done !== undefined) note(done);
  return entries;
}

async function detect(detector: Detector, image: ListedImage, tolerant: boolean): Promise<DetectionEntry> {
  try {
    return entryOfFound(image.id, await detector.detect(await readListed(image, tolerant), { file: image.path }));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { image: image.id, error: error.message };
  }
}

/** Says which categories the detector has no class for. */
function noteNeverFound(file: string, { groundTruth }: Annotations, categories: ReadonlyMap<number, number>): void {
  const found = new Set(categories.values());
  const never = groundTruth.categories.filter(({ id }) => !found.has(id)).map(({ id, name }) => `${name} (${id})`);
  if (never.length > 0) note(`${file}: the detector has no class for ${listText(never)}: all objects of these count as missed`);
}

/** Says what does not count. */
function noteLeftOut(file: string, { leftOut, dropped }: DetectionEvaluation): void {
  const classes = leftOut.map(({ index, label, detections }) => `${label} (${index}): ${thousands(detections)}`);
  if (classes.length > 0) note(`${file}: detections of classes without a category are left out: ${listText(classes)}`);
  if (dropped > 0) note(`${thousands(dropped)} boxes or scores are not finite, and are left out: the weights do not fit`);
}

/** So many are named. */
const mostNamed = 5;

const listText = (names: readonly string[]): string =>
  names.length <= mostNamed ? names.join(', ') : `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`;
