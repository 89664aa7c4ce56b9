import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { count, whole } from '../src/cli/options.js';
import { catchInterrupt, exitCodeOf } from '../src/node/interrupt.js';
import { machineFacts } from '../src/node/machine.js';
import { note, print } from '../src/node/output.js';
import { version } from '../src/node/package.js';
import { progress } from '../src/node/progress.js';
import { duration, thousands } from '../src/report/format.js';
import { Draw } from './draw.js';
import { fuzz } from './fuzz.js';
import type { ReaderTable } from './reader.js';
import { readers } from './readers.js';
import { faultsIn, faultText, type Result, tableOf, totalOf } from './report.js';
import { dropState, readState, type State, writeState } from './state.js';
import { supervise } from './supervise.js';

/**
 * `npm run fuzz`: files that are nearly right, for everything that reads files. Each is read in time and memory in proportion to its size, or refused by
 * an error of ours.
 */

interface Flags {
  readonly cases: number;
  readonly seed: number | 'random';
  readonly reader?: keyof typeof readers;
  readonly case?: number;
  readonly state: string;
  readonly json?: true;
}

const seedOf = (text: string): number | 'random' => (text === 'random' ? text : whole(text));
/** Silent for so long, a case hangs: other work may have the processor. */
const patienceMs = 30_000;
const table = new URL('readers.js', import.meta.url);

await new Command('fuzz')
  .description('files that are nearly right, for everything that reads files')
  .option('--cases <number>', 'how many in all', count, 20_000)
  .option('--seed <number>', 'what they are drawn by; `random` for others each time', seedOf, 1)
  .addOption(new Option('--reader <name>', 'only this one').choices(Object.keys(readers)))
  .option('--case <number>', 'only this case of --reader; its files are kept', whole)
  .option('--state <file>', 'where what is done is noted, so that the same command goes on', 'runs/fuzz.json')
  .option('--json', 'print the result as a line of JSON')
  .action(run)
  .parseAsync();

async function run({ seed: given, reader, case: index, ...flags }: Flags): Promise<void> {
  const seed = given === 'random' ? Math.floor(Math.random() * 2 ** 31) : given;
  if (index === undefined) await runAll(reader === undefined ? readers : { [reader]: readers[reader] }, { ...flags, seed });
  else if (reader === undefined) throw new Error('--case is a case of --reader NAME');
  else await runOne(reader, seed, index);
}

async function runAll(
  chosen: ReaderTable,
  { cases, seed, state: file, json }: Omit<Flags, 'seed' | 'reader' | 'case'> & { readonly seed: number },
): Promise<void> {
  const key = createHash('sha256')
    .update(JSON.stringify([version, seed, cases, Object.entries(chosen), programHash()]))
    .digest('hex');
  const before = readState(file, key);
  if (before) note(`resuming after ${thousands(totalOf(Object.values(before.rows)).cases)} of ${thousands(cases)} cases (${file})`);
  using interrupt = catchInterrupt('SIGINT', 'SIGTERM');
  const shown = progress();
  const state = await fuzz(
    {
      readers: chosen,
      module: table,
      cases,
      seed,
      patienceMs,
      stopped: () => interrupt.caught() !== undefined,
      done: (now) => {
        writeState(file, now);
        shown.show(progressText(now, cases));
      },
    },
    before ?? { key, seconds: 0, rows: {}, faults: [] },
  );
  shown.clear();

  const total = totalOf(Object.values(state.rows));
  const signal = total.cases < cases ? interrupt.caught() : undefined;
  for (const fault of state.faults) note(`${faultText(fault, seed)}\n`);
  if (json) {
    const { seconds, rows, faults } = state;
    const date = new Date().toISOString().slice(0, 10);
    const result: Result = {
      ...total,
      seed,
      seconds: Math.round(seconds),
      date,
      senet: version,
      host: machineFacts(),
      readers: rows,
      faults,
    };
    note(tableOf(state));
    print(JSON.stringify(result));
  } else print(tableOf(state));
  if (signal === undefined) dropState(file);
  else note(`stopped: the same command with --seed ${seed} goes on from there (${file})`);
  process.exitCode = signal !== undefined ? exitCodeOf(signal) : faultsIn(total) > 0 ? 1 : 0;
}

function progressText({ rows, seconds }: State, cases: number): string {
  const total = totalOf(Object.values(rows));
  const left = ((cases - total.cases) * seconds) / total.cases;
  return `${thousands(total.cases)} of ${thousands(cases)} cases, ${thousands(faultsIn(total))} faults, ${duration(left)} left`;
}

/** One case again; what it is given stays to be looked at. */
async function runOne(reader: keyof typeof readers, seed: number, index: number): Promise<void> {
  const folder = join('runs', `fuzz-${reader}-${seed}-${index}`);
  const { make } = await readers[reader].open();
  for (const [name, bytes] of Object.entries(make(new Draw(reader, seed, index)))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  await using supervisor = supervise({ readers: table, patienceMs });
  const { read, faults } = await supervisor.run({ reader, seed, from: index, to: index + 1 });
  print(
    `${folder}: ${faults.length === 0 ? (read > 0 ? 'read' : 'refused') : faults.map(({ kind, what }) => `${kind}: ${what}`).join('\n')}`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}

/** A run that another program began is not resumed. */
function programHash(): string {
  const hash = createHash('sha256');
  for (const folder of ['../src/', './']) {
    const url = new URL(folder, import.meta.url);
    const files = readdirSync(url, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
    for (const file of files.sort()) hash.update(file).update(readFileSync(new URL(file, url)));
  }
  return hash.digest('hex');
}
