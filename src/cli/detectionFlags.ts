import { type Command, Option } from 'commander';
import { InputError } from '../errors.js';
import { checkOutput } from './checkOutput.js';
import type { DownloadFlags } from './download.js';
import { count } from './options.js';
import type { RunFlags } from './run.js';

/** What `senet evaluate --detection` is asked. */
export interface DetectionFlags extends Omit<RunFlags, 'packedCache'>, Omit<DownloadFlags, 'revision'> {
  readonly detection: string;
  readonly images?: string;
  readonly detections?: string;
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly model?: readonly string[];
  readonly weights?: readonly string[];
  readonly state?: string;
  readonly tolerant?: boolean;
  readonly journal?: string;
  readonly report?: string;
  readonly json?: true;
}

export const detectionOptions = (): readonly Option[] => [
  new Option('--detection <file>', "evaluate a detector: ground truth, JSON in COCO's form; --model or --weights names a detector's"),
  new Option('--images <folder>', 'with --detection: where its images lie'),
  new Option('--min-size <pixels>', "with --detection: what an image's shorter side becomes (default: the detector's own)").argParser(
    count,
  ),
  new Option(
    '--max-size <pixels>',
    "with --detection: unless its longer side would become longer than this (default: the detector's own)",
  ).argParser(count),
  new Option('--detections <file>', "with --detection: write what was detected, in the form of COCO's results"),
];

/** Flags that mean nothing without `--detection`. */
const ofDetection: ReadonlySet<string> = new Set(['images', 'minSize', 'maxSize', 'detections']);

/** Those that mean something with it and without. */
const ofBoth: ReadonlySet<string> = new Set([
  ...['detection', 'weights', 'model', 'state', 'tolerant', 'journal', 'report', 'json'],
  ...['offline', 'maxBytes', 'timeout', 'kernels', 'algorithms', 'threads', 'revectorize'],
]);

/** @throws InputError naming a flag that means nothing beside `--detection`, or without it */
export function checkTogether(command: Command, detection: boolean): void {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
  for (const { long, attributeName } of given.map((option) => ({ long: option.long, attributeName: option.attributeName() }))) {
    if (ofBoth.has(attributeName) || ofDetection.has(attributeName) === detection) continue;
    throw new InputError(
      detection ? `expected no ${long} with --detection: it is for networks that classify` : `${long} needs --detection ANNOTATIONS.json`,
    );
  }
}

/** The value of a flag that other evaluations take several times. @throws InputError if it is given several times */
export function single(flag: string, values: readonly string[] = []): string | undefined {
  if (values.length > 1) throw new InputError(`expected one ${flag} with --detection, found ${values.length}: detectors are no ensemble`);
  return values[0];
}

/** @throws InputError if what is written would take the place of what is read */
export async function checkOutputs({ detection, weights = [], ...flags }: DetectionFlags): Promise<void> {
  const read = [detection, ...weights];
  await checkOutput('--detections', flags.detections, ['.json'], read);
  await checkOutput('--report', flags.report, ['.html'], read);
}
