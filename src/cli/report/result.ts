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
  readonly svg?: string;
}

export const factsOf = ({ network, images, date, command, senet, host }: Result): readonly Fact[] => [
  ...(network === undefined ? [] : [['network', network] as const]),
  ...(images === undefined ? [] : [['images', images] as const]),
  ['measured', `${date}, ${command}, senet ${senet}`],
  ['machine', hostLine(host)],
];
