import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Option } from 'commander';
import { type Host, hostFacts } from '../src/cli/host.js';
import { print } from '../src/cli/output.js';
import { root, version } from '../src/cli/package.js';
import { writeWhole } from '../src/cli/writeWhole.js';

/** Where a finding comes from. */
export interface Origin {
  readonly finding: string;
  readonly date: string;
  readonly command: string;
  readonly senet: string;
  readonly host: Host;
  /** Said wherever an accuracy is printed. */
  readonly images: string;
}

/** @param flags those that change the result */
export const originOf = (finding: string, flags = ''): Origin => ({
  finding,
  date: new Date().toISOString().slice(0, 10),
  command: `npm run finding:${finding}${flags && ` -- ${flags}`}`,
  senet: version,
  host: hostFacts(),
  images: 'CIFAR-10 as re-encoded JPEG images: close to, but not, the published ones',
});

/** Options that every finding's command has. */
export const commonOptions = (): readonly Option[] => [
  new Option('--data <folder>', 'the images, in train/ and test/').makeOptionMandatory(),
  new Option('--out <file>', 'the result (default: findings/results/FINDING.json)'),
];

/** Writes a result, for `senet report`; numbers to five digits. */
export async function finish(result: Origin, out = join(root, `findings/results/${result.finding}.json`)): Promise<void> {
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
  await mkdir(dirname(out), { recursive: true });
  await writeWhole(out, `${JSON.stringify(result, short, 1)}\n`);
  print(`${out}: \`senet report\` draws it`);
}
