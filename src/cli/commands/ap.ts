import { Command } from 'commander';
import { averagePrecisionOf } from '../../detect/ap/evaluation.js';
import { readDetections, readGroundTruth } from '../../detect/ap/files.js';
import { groundTruthOf } from '../../detect/ap/groundTruth.js';
import { naming } from '../../errors.js';
import { readBytes } from '../../node/files.js';
import { note, print, printJson } from '../../node/output.js';
import { writeWhole } from '../../node/writeWhole.js';
import { averagePrecisionHtml, averagePrecisionText } from '../../report/averagePrecision.js';
import { thousands } from '../../report/format.js';
import { checkOutput } from '../checkOutput.js';

interface Flags {
  readonly report?: string;
  readonly json?: true;
}

/** `senet ap GROUND_TRUTH DETECTIONS`: COCO's metric of anybody's detections. */
export function apCommand(): Command {
  return new Command('ap')
    .description("COCO's average precision and recall of bounding boxes, equal to pycocotools'")
    .argument('<ground-truth>', "JSON in COCO's form: images, annotations, categories")
    .argument('<detections>', "JSON in the form of COCO's results: a list of image_id, category_id, bbox, score")
    .option('--report <file>', 'write a report, as HTML')
    .option('--json', 'print the twelve numbers and those of each class as JSON')
    .action(run)
    .addHelpText('after', '\n-1 in JSON, - in tables: there is nothing to find. Such a class is left out of the means.');
}

async function run(truthFile: string, detectionsFile: string, { report, json }: Flags): Promise<void> {
  await checkOutput('--report', report, ['.html'], [truthFile, detectionsFile]);
  const truthBytes = await readBytes(truthFile);
  const { truth, annotations } = naming(truthFile, () => {
    const read = readGroundTruth(truthBytes);
    return { truth: groundTruthOf(read), annotations: read.annotations };
  });
  const bytes = await readBytes(detectionsFile);
  const detections = naming(detectionsFile, () => readDetections(bytes, truth));
  const counts =
    `${thousands(detections.length)} detections, ${thousands(annotations.length)} annotations, ` +
    `${thousands(truth.imageOf.size)} images, ${thousands(truth.names.length)} categories`;
  note(counts);
  const zero = annotations.findIndex(({ id }) => id === 0);
  if (zero >= 0)
    note(`annotations[${zero}].id is 0: as in pycocotools, a detection that matches it counts as wrong; number annotations from 1`);
  const result = averagePrecisionOf(truth, detections);
  if (report !== undefined) {
    const facts = [
      ['ground truth', truthFile],
      ['detections', detectionsFile],
      ['counts', counts],
    ] as const;
    await writeWhole(report, averagePrecisionHtml(result, `Average precision of ${detectionsFile}`, facts));
  }
  if (json) printJson(result);
  else print(averagePrecisionText(result));
}
