import { areaNames, classMeasures, type Measure, type MeasureName, measures } from './parameters.js';

/** What COCO's evaluation says of detections. Numbers are from 0 to 1; −1 where there is no object to find. */
export interface AveragePrecision {
  /** AP, AP50, AP75, APsmall, APmedium, APlarge, AR1, AR10, AR100, ARsmall, ARmedium, ARlarge: means over the classes that have objects. */
  readonly summary: readonly number[];
  /** By name, in the order of the categories' ids. */
  readonly perClass: Readonly<Record<string, ClassPrecision>>;
}

/** At most 100 detections of each image count. AP, AP50 and AR100 are over objects of all sizes. */
export interface ClassPrecision {
  readonly AP: number;
  readonly AP50: number;
  readonly AR100: number;
  readonly APsmall: number;
  readonly APmedium: number;
  readonly APlarge: number;
}

/** Of one class, at each IoU threshold. */
export interface ClassCurves {
  readonly name: string;
  /** By the place of a range of areas; undefined where the class has no object in it. */
  readonly areas: readonly ({ readonly precision: Float64Array; readonly recall: Float64Array } | undefined)[];
  /** Recall of the best detection, and of the best ten, of each image; of all objects. */
  readonly firstRecall: { readonly 1: Float64Array; readonly 10: Float64Array };
}

export function summarise(classes: readonly ClassCurves[]): AveragePrecision {
  const ofClass = (one: ClassCurves): ClassPrecision =>
    Object.fromEntries(classMeasures.map((name) => [name, meanOf(measures[name], [one])])) as Record<
      (typeof classMeasures)[number],
      number
    >;
  return {
    summary: (Object.keys(measures) as MeasureName[]).map((name) => meanOf(measures[name], classes)),
    perClass: Object.fromEntries(classes.map((one) => [one.name, ofClass(one)])),
  };
}

/** Over the classes that have objects and the thresholds that count. */
function meanOf(measure: Measure, classes: readonly ClassCurves[]): number {
  const values = classes.flatMap((one) => valuesOf(measure, one));
  return values.length === 0 ? -1 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function valuesOf({ of, area, threshold, detections }: Measure, { areas, firstRecall }: ClassCurves): readonly number[] {
  const curves = areas[areaNames.indexOf(area)];
  if (curves === undefined) return [];
  const values = of === 'recall' && detections < 100 ? firstRecall[detections as 1 | 10] : curves[of];
  return threshold === undefined ? [...values] : [values[threshold] as number];
}
