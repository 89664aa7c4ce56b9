import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { runCommand } from '../src/cli/runCommand.js';
import type { Kind } from '../src/io/schema.js';
import { enableRelaxed } from '../src/node/engine.js';
import { machineFacts } from '../src/node/machine.js';
import { print } from '../src/node/output.js';
import { root, version } from '../src/node/package.js';
import { writeWhole } from '../src/node/writeWhole.js';
import type { ResultOrigin } from '../src/report/result.js';

/** @param flags those that change the result */
export const originOf = (finding: string, flags = '') => ({
  finding,
  date: new Date().toISOString().slice(0, 10),
  command: `npm run experiment:${finding}${flags && ` -- ${flags}`}`,
  senet: version,
  host: machineFacts(),
  images: 'CIFAR-10 as re-encoded JPEG images: close to, but not, the published ones',
});

/** Flags that every experiment's command has. */
export interface CommonFlags {
  readonly data: string;
  readonly out?: string;
}

/** Runs an experiment's command, and writes what it finds, which is of the kind that `senet report` draws. */
export function runExperiment<Flags extends CommonFlags, Result extends ResultOrigin>(
  command: Command,
  kind: Kind<Result>,
  find: (flags: Flags) => Promise<NoInfer<Result>>,
): Promise<void> {
  command
    .exitOverride()
    .addOption(new Option('--data <folder>', 'the images, in train/ and test/').makeOptionMandatory())
    .option('--out <file>', 'the result (default: experiments/results/EXPERIMENT.json)')
    .action(async (flags: Flags) => {
      const result = kind.read(await find(flags), '');
      const file = flags.out ?? join(root, `experiments/results/${result.finding}.json`);
      await writeResult(result, file);
      print(`${file}: \`senet report\` draws it`);
    });
  return begin(command);
}

export function begin(command: Command): Promise<void> {
  enableRelaxed();
  return runCommand(command);
}

/** With numbers to five digits, as it is written and then read. */
export function rounded<Result extends ResultOrigin>(result: Result): Result {
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
  return JSON.parse(JSON.stringify(result, short)) as Result;
}

export async function writeResult(result: ResultOrigin, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeWhole(file, `${JSON.stringify(rounded(result), null, 1)}\n`);
}
