import { readFileSync } from 'node:fs';
import { createAp } from '../src/detect/ap/createAp.js';
import { averagePrecisionOf } from '../src/detect/ap/evaluation.js';
import { readDetections, readGroundTruth } from '../src/detect/ap/files.js';
import { groundTruthOf } from '../src/detect/ap/groundTruth.js';
import { peakBytes } from '../src/node/peakBytes.js';
import { drawImage, groundTruthOfImages } from './apCase.js';

/** What a process of `npm run bench:ap` is told, as JSON in its only argument. */
export interface ApTask {
  /** From the files that lie in `folder`, or image by image. */
  readonly from: 'files' | 'images';
  readonly images: number;
  readonly folder: string;
}

export interface ApMeasured {
  /** Of CPU, which other work on the machine does not take. */
  readonly cpuSeconds: number;
  /** The process's largest resident set. */
  readonly peakMiB: number;
  readonly ap: number;
}

const { from, images, folder } = JSON.parse(process.argv[2] ?? '') as ApTask;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function files(): Omit<ApMeasured, 'peakMiB'> {
  const start = cpuSeconds();
  const truth = groundTruthOf(readGroundTruth(readFileSync(`${folder}/truth.json`)));
  const { summary } = averagePrecisionOf(truth, readDetections(readFileSync(`${folder}/detections.json`), truth));
  return { cpuSeconds: cpuSeconds() - start, ap: summary[0] as number };
}

/** What it takes to draw detections does not count. */
function streamed(): Omit<ApMeasured, 'peakMiB'> {
  const groundTruth = groundTruthOfImages(images);
  let spent = 0;
  const timed = <T>(run: () => T): T => {
    const start = cpuSeconds();
    const value = run();
    spent += cpuSeconds() - start;
    return value;
  };
  const evaluation = timed(() => createAp(groundTruth));
  for (let image = 0; image < images; image++) {
    const { detections } = drawImage(image);
    timed(() => evaluation.add(image, detections));
  }
  const { summary } = timed(() => evaluation.result());
  return { cpuSeconds: spent, ap: summary[0] as number };
}

const measured = from === 'files' ? files() : streamed();
process.stdout.write(`${JSON.stringify({ ...measured, peakMiB: peakBytes() / 2 ** 20 })}\n`);
