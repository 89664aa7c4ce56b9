import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { CocoDetection, CocoGroundTruth } from '../../src/detect/ap/coco.js';
import type { AveragePrecision } from '../../src/detect/ap/summary.js';

/** What pycocotools says (test/fixtures/detection/coco/README.md). */
export interface Case extends AveragePrecision {
  readonly groundTruth: CocoGroundTruth;
  readonly detections: readonly CocoDetection[];
}

export const folder = new URL('../fixtures/detection/coco/', import.meta.url);
const read = <T>(file: string): T => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as T;

export const published: Case = {
  groundTruth: read('coco-gt.json'),
  detections: read('coco-dt.json'),
  ...read<AveragePrecision>('coco-expected.json'),
};
export const random: readonly Case[] = read('random.json');

/** The oracle's own limit. */
const limit = 1e-12;

/** The same classes and numbers. */
export function expectEqual(found: AveragePrecision, { summary, perClass }: AveragePrecision): void {
  const numbers = (of: AveragePrecision): readonly number[] => [...of.summary, ...Object.values(of.perClass).flatMap(Object.values)];
  expect(Object.entries(found.perClass).map(([name, of]) => [name, Object.keys(of)])).toEqual(
    Object.entries(perClass).map(([name, of]) => [name, Object.keys(of)]),
  );
  const expected = numbers({ summary, perClass });
  expect(found.summary.length).toBe(12);
  for (const [i, value] of numbers(found).entries()) expect(Math.abs(value - (expected[i] as number))).toBeLessThanOrEqual(limit);
}
