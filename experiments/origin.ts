import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { runCommand } from '../src/cli/runCommand.js';
import { enableRelaxed } from '../src/node/engine.js';
import { hostFacts } from '../src/node/host.js';
import { print } from '../src/node/output.js';
import { root, version } from '../src/node/package.js';
import { writeWhole } from '../src/node/writeWhole.js';
import type { Host } from '../src/report/host.js';

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
  command: `npm run experiment:${finding}${flags && ` -- ${flags}`}`,
  senet: version,
  host: hostFacts(),
  images: 'CIFAR-10 as re-encoded JPEG images: close to, but not, the published ones',
});

/** Flags that every finding's command has. */
export interface CommonFlags {
  readonly data: string;
  readonly out?: string;
}

/** Runs a finding's command, and writes what it finds for `senet report`; numbers to five digits. */
export function runFinding<Flags extends CommonFlags>(command: Command, find: (flags: Flags) => Promise<Origin>): Promise<void> {
  command
    .exitOverride()
    .addOption(new Option('--data <folder>', 'the images, in train/ and test/').makeOptionMandatory())
    .option('--out <file>', 'the result (default: experiments/results/FINDING.json)')
    .action(async (flags: Flags) => {
      const result = await find(flags);
      await write(result, flags.out ?? join(root, `experiments/results/${result.finding}.json`));
    });
  enableRelaxed();
  return runCommand(command);
}

async function write(result: Origin, file: string): Promise<void> {
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
  await mkdir(dirname(file), { recursive: true });
  await writeWhole(file, `${JSON.stringify(result, short, 1)}\n`);
  print(`${file}: \`senet report\` draws it`);
}
