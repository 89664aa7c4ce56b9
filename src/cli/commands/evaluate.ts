import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { Classifier } from '../../classifier/classifier.js';
import type { Network } from '../../classifier/network.js';
import { scoresOf } from '../../classifier/scores.js';
import { InputError } from '../../errors.js';
import type { Kind } from '../../io/schema.js';
import { cacheFolder } from '../../node/download/cache.js';
import { enablePairedVectors } from '../../node/engine.js';
import { type Entry, entryOf, mostProbable } from '../../node/evaluationEntry.js';
import { type Dataset, type Example, noteReading, readDataset } from '../../node/images/dataset.js';
import { catchInterrupt, exitCodeOf } from '../../node/interrupt.js';
import { type Journal, JournalPlaceError, keyOf, openJournal } from '../../node/journal.js';
import { complain, note, print, printJson } from '../../node/output.js';
import { version } from '../../node/package.js';
import { progress } from '../../node/progress.js';
import { hashWeights } from '../../node/weightsFile.js';
import { writeWhole } from '../../node/writeWhole.js';
import type { LabelSet } from '../../pretrained/pretrained.js';
import { type Evaluation, evaluationHtml, evaluationText } from '../../report/evaluation.js';
import { duration } from '../../report/format.js';
import { type NetworkFlags, networkOptions, type OpenNetwork, openNetwork } from '../network.js';
import { tolerantOption } from '../options.js';
import { classifyFile, openClassifier, type RunFlags, runOptions } from '../run.js';

interface Flags extends NetworkFlags, RunFlags {
  readonly tolerant?: boolean;
  readonly journal?: string;
  readonly report?: string;
  readonly json?: true;
}

/** `senet evaluate FOLDER`: the paper's metric. */
export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('top-1 and top-5 error of a network over labelled images')
    .argument('<folder>', 'a folder of class folders, or a list file of lines `path label`');
  for (const option of [...networkOptions(), ...runOptions()]) command.addOption(option);
  return command
    .addOption(tolerantOption())
    .option('--journal <file>', 'where to note each image as it is done (default: in the cache)')
    .option('--report <file>', 'write a report, as HTML')
    .option('--json', 'print errors, classes and confusions as JSON')
    .action(run)
    .addHelpText(
      'after',
      '\nInterrupted, the same command goes on where it stopped. As torchvision does, it takes pixels as they lie: no EXIF orientation.\nImages that cannot be read are left out of the errors and listed; the exit code is then 2.',
    );
}

async function run(path: string, flags: Flags): Promise<void> {
  if (flags.revectorize) enablePairedVectors();
  const network = await openNetwork(flags);
  const dataset = await readDataset(path, { count: network.classes, labels: network.labels });
  const { examples } = dataset;
  noteReading(path, dataset);
  const { takenFrom } = network;
  const weights = { file: network.file, ...(takenFrom !== '' && { takenFrom }), sha256: await hashWeights(network.file) };
  const { id: model, preset } = network;
  const { kernels, algorithms, tolerant } = flags;
  const listed = examples.map(({ name, label }) => [name, label]);
  const key = keyOf({
    version,
    data: resolve(path),
    model,
    sha256: weights.sha256,
    takenFrom,
    preset,
    kernels,
    algorithms,
    tolerant,
    listed,
  });
  const journal = journalOf(flags.journal, key, entryOf(examples, network.classes));
  const entries = await classifyAll(network, flags, examples, journal).finally(() => journal?.close());
  if (entries.length < examples.length) {
    const left = journal ? `the same command goes on from here (${journal.file})` : 'there was no journal, so the next begins anew';
    note(`stopped after ${entries.length} of ${examples.length} images: ${left}`);
    process.exitCode = exitCodeOf('SIGINT');
    return;
  }

  const evaluation = evaluate(resolve(path), network, dataset, weights, entries);
  for (const { error } of evaluation.failed) note(`senet: ${error}`);
  if (evaluation.images === 0) throw new InputError(`${path}: none of its ${examples.length} images could be read`);
  if (flags.report !== undefined) await writeWhole(flags.report, evaluationHtml(evaluation));
  if (flags.json) printJson(evaluation);
  else print(evaluationText(evaluation));
  for (const { error } of evaluation.failed) complain(error);
  if (evaluation.failed.length > 0) process.exitCode = 2;
  if (journal && flags.journal === undefined) await rm(journal.file, { force: true }); // now that all is said
}

/** The journal that the flag names, else one in the cache; none where the cache cannot have it, which is said. */
function journalOf(named: string | undefined, key: string, kind: Kind<Entry>): Journal<Entry> | undefined {
  if (named !== undefined) return openJournal(named, key, kind);
  try {
    return openJournal(join(cacheFolder(), 'evaluations', `${key.slice(0, 16)}.jsonl`), key, kind);
  } catch (error) {
    if (!(error instanceof JournalPlaceError)) throw error;
    note(`${error.message}: going on without; interrupted, this evaluation would begin anew. --journal FILE names another place`);
    return undefined;
  }
}

/** Classifies what the journal does not have yet, until the end or Ctrl-C. */
async function classifyAll(
  network: OpenNetwork,
  flags: Flags,
  examples: readonly Example[],
  journal: Journal<Entry> | undefined,
): Promise<readonly Entry[]> {
  const classified = journal?.done.filter((entry) => !('error' in entry)) ?? []; // an image that was missing may be there now
  const entries = new Map(classified.map((entry) => [entry.index, entry]));
  if (journal && entries.size > 0) note(`resuming after ${entries.size} of ${examples.length} images (${journal.file})`);
  using classifier = await openClassifier(network, flags, { orient: false, tolerant: flags.tolerant === true, top: mostProbable });
  using interrupt = catchInterrupt('SIGINT');
  const shown = progress();
  const pace = paceOf(examples.length - entries.size);
  for (const [index, example] of examples.entries()) {
    if (entries.has(index)) continue;
    if (interrupt.caught()) break;
    const entry = await classify(classifier, index, example);
    journal?.add(entry);
    entries.set(index, entry);
    shown.show(`${entries.size} of ${examples.length} images, ${pace.next()}`);
  }
  shown.clear();
  await classifier.keep();
  return [...entries.values()];
}

async function classify(classifier: Pick<Classifier, 'classify'>, index: number, { name, path, label }: Example): Promise<Entry> {
  try {
    const { top } = await classifyFile(classifier, path);
    return { index, name, label, top: top.map((one) => one.index) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { index, name, error: error.message };
  }
}

function evaluate(
  data: string,
  network: Omit<Network, 'weights'>,
  { names, classesBy, passedOver }: Dataset,
  weights: Evaluation['weights'],
  entries: readonly Entry[],
): Evaluation {
  const { name, preset, labels, published } = network;
  const scored = entries.filter((entry) => 'label' in entry);
  const nameOf = (index: number): string => labels?.[index]?.name ?? names.get(index) ?? String(index);
  const { top1, top5, classes, confusions } = scoresOf(scored);
  return {
    data,
    model: name,
    weights,
    preset,
    classesBy,
    passedOver,
    images: scored.length,
    top1,
    top5,
    published:
      published?.accuracy && published.preset === preset
        ? { on: testedOn[published.labels], top1: 1 - published.accuracy[0] / 100, top5: 1 - published.accuracy[1] / 100 }
        : null,
    classes: classes.map((score) => ({ ...score, name: nameOf(score.index) })),
    confusions: confusions.map((pair) => ({ ...pair, labelName: nameOf(pair.label), takenName: nameOf(pair.taken) })),
    failed: entries.filter((entry) => 'error' in entry).map(({ name, error }) => ({ file: name, error })),
  };
}

/** The images that publishers test with, by what their networks name. */
const testedOn: Readonly<Record<LabelSet, string>> = { imagenet: 'ImageNet', cifar10: 'CIFAR-10', places365: 'Places365' };

/** How fast it goes, and how long it will take. */
function paceOf(images: number): { next(): string } {
  const start = performance.now();
  let done = 0;
  return {
    next() {
      const seconds = (performance.now() - start) / 1000;
      const rate = ++done / seconds;
      return `${rate.toFixed(1)} a second, ${duration((images - done) / rate)} left`;
    },
  };
}
