/** COCO's parameters for boxes (cocodataset.org/#detection-eval), as pycocotools computes them. */

/** NumPy's linspace(0.5, 0.95, 10): the ninth is 0.8999999999999999. */
export const iouThresholds: readonly number[] = Array.from({ length: 10 }, (_, i) => (i === 9 ? 0.95 : 0.5 + i * ((0.95 - 0.5) / 9)));

/** NumPy's linspace(0, 1, 101): some differ from i / 100 in the last bit. */
export const recalls: readonly number[] = Array.from({ length: 101 }, (_, i) => (i === 100 ? 1 : i * 0.01));

/** So many of a class are read of each image, the best ones. */
export const mostDetections = 100;

/** Square pixels; both ends belong to a range, so that 1024 is small and medium. */
export const areaRanges = {
  all: [0, 1e10],
  small: [0, 32 ** 2],
  medium: [32 ** 2, 96 ** 2],
  large: [96 ** 2, 1e10],
} as const;

export type AreaName = keyof typeof areaRanges;
export const areaNames = Object.keys(areaRanges) as readonly AreaName[];

/** What one of COCO's numbers is the mean of. */
export interface Measure {
  readonly of: 'precision' | 'recall';
  readonly area: AreaName;
  /** Place of the only IoU threshold that counts; all count without it. */
  readonly threshold?: number;
  /** Detections of each image and class that count, the best ones. */
  readonly detections: 1 | 10 | 100;
}

const precision = { of: 'precision', area: 'all', detections: 100 } as const;
const recall = { of: 'recall', area: 'all', detections: 100 } as const;

/** The twelve numbers, in COCO's order. */
export const measures = {
  AP: precision,
  AP50: { ...precision, threshold: 0 },
  AP75: { ...precision, threshold: 5 },
  APsmall: { ...precision, area: 'small' },
  APmedium: { ...precision, area: 'medium' },
  APlarge: { ...precision, area: 'large' },
  AR1: { ...recall, detections: 1 },
  AR10: { ...recall, detections: 10 },
  AR100: recall,
  ARsmall: { ...recall, area: 'small' },
  ARmedium: { ...recall, area: 'medium' },
  ARlarge: { ...recall, area: 'large' },
} as const satisfies Readonly<Record<string, Measure>>;

export type MeasureName = keyof typeof measures;

/** Those that are told of each class. */
export const classMeasures = ['AP', 'AP50', 'AR100', 'APsmall', 'APmedium', 'APlarge'] as const satisfies readonly MeasureName[];
