import type { AveragePrecision } from '../detect/ap/summary.js';
import { averagePrecisionHtml, averagePrecisionText } from './averagePrecision.js';
import type { EvaluatedMember } from './evaluation.js';
import { thousands } from './format.js';
import { type Fact, htmlTable } from './html.js';

/** What `senet evaluate --detection --json` prints. */
export interface DetectionEvaluation extends AveragePrecision {
  /** The annotation file. */
  readonly data: string;
  /** Where its images lie. */
  readonly folder: string;
  readonly model: string;
  readonly weights: EvaluatedMember['weights'];
  /** Pixels that images are resized to; detections of greater scores count, so many of each image. */
  readonly settings: { readonly minSize: number; readonly maxSize: number; readonly score: number; readonly detections: number };
  /** Those that could be read: only they count. */
  readonly images: number;
  /** Of these images. */
  readonly annotations: number;
  readonly detections: number;
  /** Detections that do not count, by class, since the annotation file has no such category. */
  readonly leftOut: readonly { readonly index: number; readonly label: string; readonly detections: number }[];
  /** Boxes and scores that are not finite. */
  readonly dropped: number;
  readonly failed: readonly { readonly file: string; readonly error: string }[];
}

function countsText({ images, annotations, detections, failed }: DetectionEvaluation): string {
  const unread = failed.length === 0 ? '' : `; ${thousands(failed.length)} more could not be read, and do not count`;
  return `${thousands(images)} images, ${thousands(annotations)} annotations, ${thousands(detections)} detections${unread}`;
}

const settingsText = ({ settings: { minSize, maxSize, score, detections } }: DetectionEvaluation): string =>
  `shorter side ${minSize}, longer side at most ${maxSize} pixels; scores above ${score}, ${detections} detections an image`;

/** What a person reads on a terminal. */
export const detectionEvaluationText = (evaluation: DetectionEvaluation): string =>
  `${averagePrecisionText(evaluation)}\n\n${evaluation.model}: ${countsText(evaluation)}`;

/** A page that needs nothing beside itself. */
export function detectionEvaluationHtml(evaluation: DetectionEvaluation): string {
  const { data, folder, model, weights, leftOut, failed } = evaluation;
  const facts: readonly Fact[] = [
    ['model', model],
    ['weights', `${weights.file}${weights.takenFrom === undefined ? '' : `, ${weights.takenFrom}`}, SHA-256 ${weights.sha256}`],
    ['ground truth', data],
    ['images', folder],
    ['counts', countsText(evaluation)],
    ['settings', settingsText(evaluation)],
  ];
  const left = leftOut.map(({ index, label, detections }) => [String(index), label, thousands(detections)]);
  const unread = failed.map(({ file, error }) => [file, error]);
  return averagePrecisionHtml(evaluation, `${model} on ${data}`, facts, [
    ...(left.length === 0 ? [] : ['<h2>Classes without a category</h2>', htmlTable(['index', 'class', 'detections'], left)]),
    ...(unread.length === 0 ? [] : ['<h2>Not read</h2>', htmlTable(['file', 'why'], unread)]),
  ]);
}
