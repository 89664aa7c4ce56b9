import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Network } from '../../classifier/network.js';
import { scoresOf } from '../../classifier/scores.js';
import { InputError } from '../../errors.js';
import { enablePairedVectors } from '../../node/engine.js';
import type { Entry } from '../../node/evaluationEntry.js';
import { type Dataset, noteReading, readDataset } from '../../node/images/dataset.js';
import { exitCodeOf } from '../../node/interrupt.js';
import { complain, note, print, printJson } from '../../node/output.js';
import { hashWeights } from '../../node/weightsFile.js';
import { writeWhole } from '../../node/writeWhole.js';
import type { LabelSet } from '../../pretrained/pretrained.js';
import { type Evaluation, evaluationHtml, evaluationText } from '../../report/evaluation.js';
import { answerHere, type EvaluationFlags } from '../answered.js';
import { checkOutput } from '../checkOutput.js';
import { checkTogether, type DetectionFlags, detectionOptions } from '../detectionFlags.js';
import { progressOption } from '../evaluationProgress.js';
import { isPlain, memberOptions, nameOf, openMembers } from '../members.js';
import type { OpenNetwork } from '../network.js';
import { tolerantOption } from '../options.js';
import { answerQueued, queueOption } from '../queued.js';
import { runOptions } from '../run.js';
import { evaluateDetection } from './evaluateDetection.js';

interface Flags extends EvaluationFlags {
  readonly report?: string;
  readonly json?: true;
}

/** `senet evaluate`: the paper's metrics, of networks that classify and of detectors. */
export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description("top-1 and top-5 error of a network over labelled images, or with --detection COCO's average precision of a detector")
    .argument('[folder]', 'a folder of class folders, or a list file of lines `path label`; left out with --detection');
  for (const option of [...detectionOptions(), ...memberOptions(), ...runOptions()]) command.addOption(option);
  return command
    .addOption(tolerantOption())
    .option('--journal <file>', 'where to note each image as it is done (default: in the cache)')
    .addOption(queueOption())
    .addOption(progressOption())
    .option('--report <file>', 'write a report, as HTML')
    .option('--json', 'print errors, classes and confusions as JSON, or average precision')
    .action(runEither)
    .addHelpText(
      'after',
      '\nInterrupted, the same command goes on where it stopped. As torchvision does, it takes pixels as they lie: no EXIF orientation.\nImages that cannot be read are left out of the errors and listed; the exit code is then 2.',
    );
}

async function runEither(path: string | undefined, flags: Flags | DetectionFlags, command: Command): Promise<void> {
  const ofDetector = 'detection' in flags;
  checkTogether(command, ofDetector);
  if (ofDetector && path !== undefined)
    throw new InputError(`expected no folder beside --detection, whose images are those of --images, found ${path}`);
  if (ofDetector) await evaluateDetection(flags);
  else if (path !== undefined) await run(path, flags);
  else throw new InputError('expected a folder or a list of labelled images, or --detection ANNOTATIONS.json --images FOLDER');
}

async function run(path: string, flags: Flags): Promise<void> {
  if (flags.revectorize) enablePairedVectors();
  const networks = await openMembers(flags);
  const [network] = networks as [OpenNetwork];
  const dataset = await readDataset(path, { count: network.classes, labels: labelsOf(networks) });
  const { examples } = dataset;
  await checkOutput(
    '--report',
    flags.report,
    ['.html'],
    [path, ...examples.map((example) => example.path), ...networks.map(({ file }) => file), flags.labels],
  );
  noteReading(path, dataset);
  const members = await Promise.all(networks.map(describe));
  const answered = await (flags.queue === undefined ? answerHere : answerQueued)(resolve(path), networks, members, flags, examples);
  try {
    const { entries, protocol } = answered;
    if (entries.length < examples.length) {
      note(answered.stopped);
      process.exitCode = exitCodeOf('SIGINT');
      return;
    }
    const published = isPlain(flags) ? publishedOf(network) : null;
    const evaluation = evaluate(resolve(path), { members, protocol, published, labels: labelsOf(networks) }, dataset, entries);
    for (const { error } of evaluation.failed) complain(error);
    if (evaluation.images === 0) throw new InputError(`${path}: none of its ${examples.length} images could be read`);
    if (flags.report !== undefined) await writeWhole(flags.report, evaluationHtml(evaluation));
    if (flags.json) printJson(evaluation);
    else print(evaluationText(evaluation));
    if (evaluation.failed.length > 0) process.exitCode = 2;
    await answered.forget();
  } finally {
    await answered.close();
  }
}

/** What is said of a network. */
async function describe({ name, file, takenFrom, preset }: OpenNetwork): Promise<Evaluation['members'][0]> {
  return { model: name, weights: { file, ...(takenFrom !== '' && { takenFrom }), sha256: await hashWeights(file) }, preset };
}

/** Members have the same, or none. */
const labelsOf = (networks: readonly OpenNetwork[]): OpenNetwork['labels'] => networks.find(({ labels }) => labels)?.labels;

/** What the publisher measured of images made as these. */
const publishedOf = ({ published, preset }: OpenNetwork): Evaluation['published'] =>
  published?.accuracy && published.preset === preset
    ? { on: testedOn[published.labels], top1: 1 - published.accuracy[0] / 100, top5: 1 - published.accuracy[1] / 100 }
    : null;

function evaluate(
  data: string,
  { labels, members, ...told }: Pick<Evaluation, 'members' | 'protocol' | 'published'> & Pick<Network, 'labels'>,
  { names, classesBy, passedOver }: Dataset,
  entries: readonly Entry[],
): Evaluation {
  const scored = entries.filter((entry) => 'label' in entry);
  const nameOfClass = (index: number): string => labels?.[index]?.name ?? names.get(index) ?? String(index);
  const { top1, top5, classes, confusions } = scoresOf(scored);
  const [{ weights, preset }, ...others] = members as [Evaluation['members'][0], ...Evaluation['members']];
  return {
    data,
    model: nameOf(members.map(({ model }) => ({ name: model }))),
    weights: others.length === 0 ? weights : null,
    preset: others.length === 0 ? preset : null,
    members,
    classesBy,
    passedOver,
    images: scored.length,
    top1,
    top5,
    ...told,
    classes: classes.map((score) => ({ ...score, name: nameOfClass(score.index) })),
    confusions: confusions.map((pair) => ({ ...pair, labelName: nameOfClass(pair.label), takenName: nameOfClass(pair.taken) })),
    failed: entries.filter((entry) => 'error' in entry).map(({ name, error }) => ({ file: name, error })),
  };
}

/** The images that publishers test with, by what their networks name. */
const testedOn: Readonly<Record<LabelSet, string>> = { imagenet: 'ImageNet', cifar10: 'CIFAR-10', places365: 'Places365' };
