import { type Host, hostLine } from '../host.js';
import type { Fact } from '../page.js';

/** What every result says of itself. */
export interface Result {
  readonly finding: string;
  readonly date: string;
  readonly command: string;
  readonly senet: string;
  readonly host: Host;
  /** What the images were. */
  readonly images?: string;
  readonly network?: string;
}

export interface Rendered {
  readonly html: string;
  /** By what its file's name ends with, before `.svg`. */
  readonly pictures: Readonly<Record<string, string>>;
}

export const factsOf = ({ network, images, date, command, senet, host }: Result): readonly Fact[] => [
  ...(network === undefined ? [] : [['network', network] as const]),
  ...(images === undefined ? [] : [['images', images] as const]),
  ['measured', `${date}, ${command}, senet ${senet}`],
  ['machine', hostLine(host)],
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
