import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { InputError, SenetError } from '../../src/errors.js';
import { type PropertyName, properties } from '../properties/properties.js';
import { checkAll, keep } from './checkAll.js';
import type { Checked } from './checked.js';
import { findEngines } from './engines.js';
import { examine, prepare } from './examine.js';
import { fixtureText, record } from './fixture.js';
import { outcomeText } from './measure.js';
import { labelOf, root, slug, today } from './place.js';
import { reportMarkdown } from './report.js';

/** `npm run crosscheck`: every op on every engine, held to the float64 truth. */

interface Flags {
  readonly cases: number;
  readonly gpuMinutes: number;
  readonly ops?: readonly string[];
  readonly engines?: readonly string[];
  readonly seed: number;
  readonly path?: string;
  readonly record?: boolean;
  readonly json?: boolean;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const began = performance.now();
const progress = (text: string): void =>
  void process.stderr.write(`[${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s] ${text}\n`);

/** Of each op; a run of fewer leaves the report as it is. */
const usualCases = 1000;
/** Of a fixture's file: adapters say much of themselves. */
const longestName = 60;

const names = Object.keys(properties) as readonly PropertyName[];

/** @throws InputError for an op that is not drawn */
function opsOf(asked: readonly string[] = names): readonly PropertyName[] {
  return asked.map((name) => {
    const known = names.find((op) => op === name);
    if (known === undefined) throw new InputError(`no op is called ${name}: there are ${names.join(', ')}`);
    return known;
  });
}

async function main(flags: Flags): Promise<void> {
  const ops = opsOf(flags.ops);
  const { engines, missing } = await findEngines(flags.engines ?? [], flags.gpuMinutes > 0);
  for (const why of missing) progress(why);
  try {
    if (flags.path !== undefined) await replayOne(ops, engines, flags.seed, flags.path);
    else if (flags.record) await recordAll(ops, engines, flags.seed);
    else {
      const { seed, cases, gpuMinutes } = flags;
      const result = await checkAll({ engines, missing }, { ops, seed, cases, gpuMinutes }, progress);
      print(flags.json ? JSON.stringify(result, null, 2) : reportMarkdown(result));
      const whole = flags.ops === undefined && flags.engines === undefined && cases >= usualCases;
      if (whole) progress((await keep(result)).join(', '));
      if (result.findings.some(({ ours }) => ours)) process.exitCode = 1;
    }
  } finally {
    for (const { engine } of engines) await engine.dispose();
  }
}

async function replayOne(ops: readonly PropertyName[], engines: readonly Checked[], seed: number, path: string): Promise<void> {
  const [op, ...others] = ops;
  if (op === undefined || others.length > 0) throw new InputError('--path is a way to one case of one op: name it by --ops');
  const [drawn] = fc.sample(properties[op](), { seed, path, numRuns: 1 });
  if (drawn === undefined) throw new InputError(`--path ${path} leads to no case of ${op}`);
  for (const checked of engines) {
    const outcome = await examine(prepare(drawn), checked);
    print(`${labelOf(checked.engine)}: ${outcomeText(drawn, outcome)}`);
    if (checked.ours && outcome.kind !== 'within' && outcome.kind !== 'unsupported') process.exitCode = 1;
  }
}

/** The engines on a GPU, or those that were asked for by name. */
async function recordAll(ops: readonly PropertyName[], engines: readonly Checked[], seed: number): Promise<void> {
  const onGpu = engines.filter(({ engine }) => engine.adapter !== undefined);
  if (onGpu.length === 0) throw new InputError('--record records GPUs, and no engine here runs on one');
  const folder = join(root, 'reference/fixtures');
  await mkdir(folder, { recursive: true });
  for (const checked of onGpu) {
    const { engine } = checked;
    progress(`recording ${labelOf(engine)}`);
    const fixture = await record(checked, ops, seed, today());
    const file = join(folder, `${slug(`${labelOf(engine)} ${engine.adapter}`).slice(0, longestName)}.json`);
    await writeFile(file, fixtureText(fixture));
    print(`${file}: ${fixture.cases.length} cases`);
  }
}

const list = (text: string): readonly string[] => text.split(',');

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('Expected a whole number.');
  return value;
}

try {
  await new Command('crosscheck')
    .description('every op on every engine, held to the float64 truth in units of the derived error bound')
    .option('--cases <number>', 'drawn cases of each op', whole, usualCases)
    .option(
      '--gpu-minutes <number>',
      'that a GPU may take for all ops (but 50 cases of each whatever it takes); 0 leaves GPUs out',
      whole,
      20,
    )
    .option('--ops <names>', `of ${names.join(', ')}`, list)
    .option('--engines <names>', 'by the beginning of their names, separated by commas', list)
    .option('--seed <number>', 'of all draws', whole, 20171109)
    .option('--path <path>', "fast-check's way to one case of one op: run that alone")
    .option('--record', 'run a dozen small cases of each op on each GPU and write the results to reference/fixtures/')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nA run over all ops and engines, of 1000 cases or more, is kept: reference/results/DATE-CPU.json and docs/accuracy.md.',
    )
    .addHelpText('after', 'Exit codes: 0 ours are within their bounds, whatever others do; 1 they are not; 2 wrong use.')
    .action(main)
    .parseAsync();
} catch (error) {
  if (!(error instanceof SenetError)) throw error;
  process.stderr.write(`crosscheck: ${error.message}\n`);
  process.exitCode = 2;
}
