import { anyText, measured, objectWith, optional, type Read } from '../io/schema.js';
import type { Fact } from './html.js';
import { machineLine } from './machine.js';

/** What every result says of itself. */
export const origin = {
  finding: anyText,
  date: anyText,
  command: anyText,
  senet: anyText,
  host: objectWith({ cpu: anyText, cores: measured, memoryGiB: measured, node: anyText, v8: anyText, instructions: anyText }),
  /** What the images were. */
  images: optional(anyText),
  network: optional(anyText),
};

/** A value and the ends of its interval. */
export const interval = { low: measured, high: measured };

const anyResult = objectWith(origin);
/** Where a result comes from. */
export type ResultOrigin = Read<typeof anyResult>;

export interface Rendered {
  readonly html: string;
  /** By what its file's name ends with, before `.svg`. */
  readonly pictures: Readonly<Record<string, string>>;
}

export const factsOf = ({ network, images, date, command, senet, host }: ResultOrigin): readonly Fact[] => [
  ...(network === undefined ? [] : [['network', network] as const]),
  ...(images === undefined ? [] : [['images', images] as const]),
  ['measured', `${date}, ${command}, senet ${senet}`],
  ['machine', machineLine(host)],
];

/** A difference of shares in percentage points, `+1.20 (0.80 to 1.60)`. */
export function pointsText({
  difference,
  low,
  high,
}: {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}): string {
  const [value, from, to] = [difference, low, high].map((share) => (100 * share).toFixed(2));
  return `${difference > 0 ? '+' : ''}${value} (${from} to ${to})`;
}
