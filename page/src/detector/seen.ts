import type { Detection, DetectionResult } from 'senet';

/** The scores that a visitor may ask for begin here; torchvision's detectors tell of none below. */
export const leastScore = 0.05;

/** What is drawn: things of greater scores, the surest first. */
export const above = ({ detections }: DetectionResult, score: number): readonly Detection[] =>
  detections.filter((one) => one.score > score);

/** A box over its picture, for custom properties in CSS: per cent of the picture's width and height. */
export type Placed = {
  readonly '--left': string;
  readonly '--top': string;
  readonly '--width': string;
  readonly '--height': string;
  /** Small boxes lie above those that they are in. */
  readonly '--above': number;
};

export function placed(detections: readonly Detection[], { width, height }: Pick<DetectionResult, 'width' | 'height'>): readonly Placed[] {
  const areas = detections.map(({ box: { x1, y1, x2, y2 } }) => (x2 - x1) * (y2 - y1));
  return detections.map(({ box: { x1, y1, x2, y2 } }, i) => ({
    '--left': percent(x1 / width),
    '--top': percent(y1 / height),
    '--width': percent((x2 - x1) / width),
    '--height': percent((y2 - y1) / height),
    '--above': areas.filter((area, j) => area > (areas[i] as number) || (area === areas[i] && j > i)).length,
  }));
}

const percent = (share: number): string => `${Number((100 * share).toFixed(3))}%`;

/** Where a box's tag lies, so that it stays within the picture: at its left or right end, above or inside. */
export const tagSide = ({ box: { x1, y1 } }: Detection, { width, height }: Pick<DetectionResult, 'width' | 'height'>): string =>
  `${x1 > 0.6 * width ? 'right' : 'left'} ${y1 > 0.1 * height ? 'over' : 'inside'}`;

/** Classes of a detector whose names nobody told are numbers. */
export const nameOf = ({ label, index }: Detection): string => (label === String(index) ? `class ${index}` : label);

/** Per cent, rounded down: what is told as 50 % is no less. */
export const scoreText = (score: number): string => `${Math.floor(100 * score)} %`;

/** Corners in whole pixels of the picture. */
export const boxText = ({ box: { x1, y1, x2, y2 } }: Detection): string =>
  `${Math.round(x1)}, ${Math.round(y1)} to ${Math.round(x2)}, ${Math.round(y2)}`;

/** Where an arrow key leads to among `count` things; undefined for other keys. */
export function movedTo(key: string, at: number, count: number): number | undefined {
  const to = moves.get(key)?.(at, count);
  return to === undefined ? undefined : Math.min(Math.max(to, 0), count - 1);
}

type Move = (at: number, count: number) => number;
const next: Move = (at) => at + 1;
const previous: Move = (at) => at - 1;
const moves: ReadonlyMap<string, Move> = new Map<string, Move>([
  ['ArrowDown', next],
  ['ArrowRight', next],
  ['ArrowUp', previous],
  ['ArrowLeft', previous],
  ['Home', () => 0],
  ['End', (_, count) => count - 1],
]);
