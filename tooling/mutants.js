// Do the tests find faults? Plants one at a time in a copy of the project, runs the tests that should fail, and writes docs/mutants.md.
// Arguments: numbers of mutants to run instead of all, which leaves the document as it is. Exit code 1 if a fault survives.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { mutants } from './mutantList.js';

const project = resolve(import.meta.dirname, '..');
const copy = mkdtempSync(join(tmpdir(), 'senet-mutants-'));
const note = (text) => process.stderr.write(`${text}\n`);

/** Runs a command in the copy; the tests' seed is the pinned one. */
function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, FC_SEED: undefined },
  });
  if (error) throw error;
  return { passed: status === 0, text: `${stdout}${stderr}` };
}

/** What the tests import: kernels as embedded binaries, and the built package. @throws if it does not compile, which is no verdict on tests */
function build(changed) {
  const compiled = changed.startsWith('kernels/') || changed.startsWith('tooling/tiles/');
  const commands = [...(compiled ? [['node', ['tooling/kernels.js']]] : []), ['npx', ['tsc', '-b', 'src/cli']]];
  for (const [command, args] of commands) {
    const { passed, text } = run(command, args);
    if (!passed) throw new Error(`${command} ${args.join(' ')} failed with ${changed} changed:\n${text}`);
  }
}

/** The first test that fails, as `file: name`; undefined if none does. */
function firstFailure(tests) {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const { passed, text } = run('npx', ['vitest', 'run', ...tests, '--bail=1', '--reporter=json', `--outputFile=${report}`]);
  if (passed) return undefined;
  for (const { name: file, assertionResults } of JSON.parse(readFileSync(report, 'utf8')).testResults)
    for (const { status, fullName } of assertionResults)
      if (status === 'failed') return `${relative(copy, file)}: ${fullName.replaceAll(`${copy}/`, '').trim()}`;
  throw new Error(`${tests.join(' ')} failed, but no test did:\n${text}`);
}

/** The text with the fault in it. @throws if `from` is not there exactly once: the list has fallen behind */
function planted(text, { name, file, from, to }) {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${name}: expected once in ${file}, found ${parts.length - 1} times: ${from}`);
  return parts.join(to);
}

const binaries = join(copy, 'src/wasm/binary');
const soundBinaries = join(copy, 'sound');

function tryOut(mutant) {
  const path = join(copy, mutant.file);
  const original = readFileSync(path, 'utf8');
  writeFileSync(path, planted(original, mutant));
  build(mutant.file);
  const failure = firstFailure(mutant.tests);
  writeFileSync(path, original);
  cpSync(soundBinaries, binaries, { recursive: true });
  return failure;
}

function document(verdicts, seconds) {
  const caught = verdicts.filter(({ failure }) => failure !== undefined).length;
  const cell = (text) => text.replaceAll('|', '\\|');
  const rows = verdicts.map(
    ({ name, file, failure }, i) =>
      `| ${i + 1} | ${cell(name)} | \`${file}\` | ${failure === undefined ? '**survived**' : cell(failure)} |`,
  );
  return `# Planted faults

Each of these was put into a copy of the project, one at a time, and the tests that concern it were run with the pinned seed. The copy without
a fault passes them. \`npm run mutants\` repeats it; the list is tooling/mutantList.js.

**${caught} of ${verdicts.length} caught**, ${new Date().toISOString().slice(0, 10)}, ${Math.round(seconds)} s.

| # | fault | in | first test that failed |
| ---: | --- | --- | --- |
${rows.join('\n')}
`;
}

const wanted = process.argv.slice(2).map(Number);
const chosen = wanted.length > 0 ? wanted.map((number) => mutants[number - 1]) : mutants;
const start = performance.now();
const left = ['node_modules', '.git', 'dist', 'bench/engines'];
try {
  if (chosen.includes(undefined)) throw new Error(`mutants are numbered from 1 to ${mutants.length}`);
  cpSync(project, copy, { recursive: true, filter: (path) => !left.includes(relative(project, path)) });
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
  for (const mutant of chosen) planted(readFileSync(join(copy, mutant.file), 'utf8'), mutant);

  note('the copy without a fault');
  build('kernels/');
  cpSync(binaries, soundBinaries, { recursive: true });
  const sound = firstFailure([...new Set(chosen.flatMap(({ tests }) => tests))]);
  if (sound !== undefined) throw new Error(`fails without any fault: ${sound}`);

  const verdicts = chosen.map((mutant, i) => {
    const failure = tryOut(mutant);
    note(
      `${i + 1} of ${chosen.length} ${failure === undefined ? 'SURVIVED' : 'caught'}: ${mutant.name}${failure === undefined ? '' : ` (${failure})`}`,
    );
    return { ...mutant, failure };
  });
  if (wanted.length === 0) writeFileSync(join(project, 'docs/mutants.md'), document(verdicts, (performance.now() - start) / 1000));
  process.exitCode = verdicts.every(({ failure }) => failure !== undefined) ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
