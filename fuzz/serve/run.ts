import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { count, whole } from '../../src/cli/options.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { machineFacts } from '../../src/node/machine.js';
import { note, print } from '../../src/node/output.js';
import { progress } from '../../src/node/progress.js';
import { thousands } from '../../src/report/format.js';
import { machineLine } from '../../src/report/machine.js';
import { table } from '../../src/report/table.js';
import { type CrowdResult, runCrowd } from './crowd.js';
import { type KillsResult, runKills } from './kills.js';
import { type MalformedResult, runMalformed } from './malformedRun.js';
import { isFlat, quarters } from './memory.js';
import { token } from './request.js';
import { type RunningServer, startServer } from './server.js';

/** `npm run serve:fuzz`: what clients that are wrong, slow or gone, and workers that die, do to `senet-serve`. Exit code 1 if it did anything it must not. */

async function trial<T extends { readonly faults: readonly string[] }>(
  run: (server: RunningServer) => Promise<T>,
  report: (result: T) => string,
  workers = availableParallelism(),
): Promise<void> {
  enableRelaxed(); // as workers do; the machine's line tells so
  const server = await startServer(['--workers', String(workers)], token);
  const began = performance.now();
  const result = await run(server);
  const seconds = Math.round((performance.now() - began) / 1000);
  const code = await server.stop();
  print(`${machineLine(machineFacts())}; ${workers} workers, ${seconds} s\n`);
  print(report(result));
  for (const fault of result.faults) note(fault);
  if (code !== 0) note(`senet-serve ended with ${code}`);
  print(`${thousands(result.faults.length)} faults`);
  process.exitCode = result.faults.length > 0 || code !== 0 ? 1 : 0;
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

function memoryText(samples: readonly number[]): string {
  const all = quarters(samples).map(({ least, most }) => `${megabytes(least)}-${megabytes(most)}`);
  return `memory of server and workers by quarters of the time, in MiB: ${all.join(', ')}: ${isFlat(samples) ? 'flat' : 'IT GROWS'}`;
}

function malformedText({ refused, unharmed, between, answers, memory }: MalformedResult): string {
  const words = [...new Set(Object.values(answers).flatMap(Object.keys))].sort();
  const rows = Object.entries(answers).map(([kind, row]) => [kind, ...words.map((word) => thousands(row[word] ?? 0))]);
  const text = `${thousands(refused)} malformed requests refused; ${thousands(unharmed)} that chance left sound, and ${thousands(between)} sound ones between them, answered`;
  return `${table([['what is wrong', ...words], ...rows])}\n\n${text}\n${memoryText(memory)}`;
}

const refusedText = (refused: Readonly<Record<string, number>>): string =>
  Object.entries(refused)
    .map(([word, times]) => `${thousands(times)} refused (${word})`)
    .join(', ') || 'none refused';

const crowdText = ({ right, refused, aborted, open, memory }: CrowdResult): string =>
  `${thousands(open)} connections open at a time: ${thousands(right)} answers, each of its picture; ${refusedText(refused)}; ${thousands(aborted)} aborted\n${memoryText(memory)}`;

const killsText = ({ kills, right, refused }: KillsResult): string =>
  `${thousands(kills)} workers killed: ${thousands(right)} answers, each of its picture; ${refusedText(refused)}`;

const program = new Command('serve:fuzz').description('what clients that are wrong, slow or gone, and workers that die, do to senet-serve');
program
  .command('malformed')
  .description('requests with malformed lines, headers, lengths, tensors and pictures')
  .option('--cases <number>', 'how many are to be refused', count, 100_000)
  .option('--seed <number>', 'what they are drawn by', whole, 1)
  .action(async ({ cases, seed }: { readonly cases: number; readonly seed: number }) => {
    const shown = progress();
    const told = (refused: number): void => shown.show(`${thousands(refused)} of ${thousands(cases)} refused`);
    await trial((server) => runMalformed(server, { cases, seed, told }).finally(shown.clear), malformedText);
  });
program
  .command('crowd')
  .description('many connections, of which some are slow, and some go away half way')
  .option('--connections <number>', 'how many; some are just gone at any time', count, 1100)
  .option('--seconds <number>', 'how long', count, 120)
  .option('--seed <number>', 'what they do is drawn by', whole, 1)
  .action(async (options: { readonly connections: number; readonly seconds: number; readonly seed: number }) => {
    await trial((server) => runCrowd(server, options), crowdText);
  });
program
  .command('kills')
  .description('the oldest worker is killed each second')
  .option('--seconds <number>', 'how long', count, 120)
  .option('--clients <number>', 'how many ask at a time', count, 16)
  .option('--workers <number>', 'processes: enough for some to be ready while others start', count, 4 * availableParallelism())
  .option('--seed <number>', 'which is drawn by', whole, 1)
  .action(
    async ({
      workers,
      ...options
    }: {
      readonly seconds: number;
      readonly clients: number;
      readonly workers: number;
      readonly seed: number;
    }) => {
      await trial((server) => runKills(server, { ...options, everyMs: 1000 }), killsText, workers);
    },
  );
await program.parseAsync();
