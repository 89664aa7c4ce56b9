import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { count } from '../src/cli/options.js';
import { saveSafetensors } from '../src/io/safetensors.js';
import { syntheticWeights } from '../src/io/synthetic.js';
import { createModel, findModel } from '../src/models/index.js';
import { enableRelaxed, notPaired } from '../src/node/engine.js';
import { machineFacts } from '../src/node/machine.js';
import { note, print } from '../src/node/output.js';
import { writeWhole } from '../src/node/writeWhole.js';
import { toOnnx } from '../src/onnx/index.js';
import { quantile, sorted } from '../src/stats/timing.js';
import { defaultRounds, type Job, type Start, type Suite, type SuiteName, suites } from './jobs.js';
import { runScript } from './process.js';
import { type BenchRow, type Result, resultName, resultText, type StartRow, type TimedRow } from './result.js';
import { findRuntime, root } from './runtimes.js';
import { packageBytes } from './size.js';

/** `npm run bench`: every engine and runtime that is installed, each in its own process, into bench/results/. */

interface Flags {
  readonly suite: SuiteName;
  readonly models?: readonly string[];
  readonly batches: readonly number[];
  readonly rounds?: number;
  readonly starts: number;
  readonly out?: string;
}

const list = (text: string): readonly string[] => text.split(',');
const notInstalled = 'not installed: npm run bench:setup';
const began = performance.now();
const progress = (text: string): void => note(`[${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s] ${text}`);
const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function runJob(
  { runtime, kind, threads, builds, against }: Job,
  model: string,
  batch: number,
  rounds: number,
): Promise<readonly BenchRow[]> {
  const found = findRuntime(runtime);
  const label = found?.label ?? runtime;
  progress(
    `${kind === 'native' ? 'onnxruntime-node' : ['senet', ...against].join(', ')} on ${label}: ${model}, batch ${batch}, threads ${threads.join(' and ')}, ${rounds} rounds`,
  );
  try {
    if (found === undefined) throw new Error(notInstalled);
    const { text } = await runScript(found, 'child.js', { model, kind, threads, builds, against, batch, rounds });
    const rows = JSON.parse(text) as readonly (Omit<TimedRow, 'runtime'> & { readonly runtime?: string })[];
    if (runtime === 'paired' && !rows.every(({ engine, pairedVectors }) => engine !== 'senet' || pairedVectors)) throw new Error(notPaired);
    return rows.map((row) => ({ runtime: label, ...row }));
  } catch (error) {
    const engines = kind === 'native' ? ['ort-native'] : ['senet', ...against];
    progress(`  ${message(error)}`);
    const id = findModel(model).id;
    return engines.map((engine) => ({
      model: id,
      engine,
      variant: '',
      runtime: label,
      threads: threads.at(-1) as number,
      batch,
      error: message(error),
    }));
  }
}

async function runStart({ runtime, engine, variant, packed }: Start, model: string, folder: string, times: number): Promise<StartRow> {
  const found = findRuntime(runtime);
  const row = { model: findModel(model).id, engine, variant, ...(packed && { packed }), runtime: found?.label ?? runtime };
  progress(`cold start: ${engine} ${variant}${packed ? ' packed' : ''} on ${row.runtime}`);
  try {
    if (found === undefined) throw new Error(notInstalled);
    const task = { engine, variant, packed, model, folder };
    if (packed) await runScript(found, 'cold.js', { ...task, save: true });
    const runs = [];
    for (let i = 0; i < times; i++) {
      const { text, firstMs } = await runScript(found, 'cold.js', task);
      runs.push({ firstMs, ...(JSON.parse(text) as { peakMiB: number }) });
    }
    const median = (values: readonly number[]): number => quantile(sorted(values), 0.5);
    const coldStartMs = median(runs.map(({ firstMs }) => firstMs));
    return { ...row, coldStartMs, peakMiB: median(runs.map(({ peakMiB }) => peakMiB)), packageBytes: packageBytes(engine) };
  } catch (error) {
    progress(`  ${message(error)}`);
    return { ...row, error: message(error) };
  }
}

async function coldStarts(starts: readonly Start[], model: string, times: number): Promise<readonly StartRow[]> {
  if (starts.length === 0) return [];
  const folder = await mkdtemp(join(tmpdir(), 'senet-bench-'));
  try {
    const graph = createModel(model);
    const weights = syntheticWeights(graph, { seed: 7 });
    await writeFile(join(folder, 'weights.safetensors'), saveSafetensors(weights));
    await writeFile(join(folder, 'model.onnx'), await toOnnx(graph, weights));
    const rows: StartRow[] = [];
    for (const start of starts) rows.push(await runStart(start, model, folder, times));
    return rows;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function main({ suite, batches, rounds, starts: times, out, ...flags }: Flags): Promise<void> {
  const { jobs, starts, folder: results, ...usual }: Suite = suites[suite];
  const models = flags.models ?? usual.models;
  enableRelaxed(); // so that the host is described as its children find it
  for (const model of models) findModel(model); // a wrong name fails now, not after minutes
  const rows: BenchRow[] = [];
  for (const job of jobs)
    for (const batch of job.batches.filter((size) => batches.includes(size)))
      for (const model of models) rows.push(...(await runJob(job, model, batch, rounds ?? defaultRounds(batch))));
  const gated = models.find((model) => findModel(model).se) ?? (models[0] as string);
  const result: Result = {
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
    host: machineFacts(),
    rounds: Object.fromEntries([...new Set(rows.map(({ batch }) => batch))].map((batch) => [batch, rounds ?? defaultRounds(batch)])),
    rows,
    starts: await coldStarts(starts, gated, times),
  };
  const folder = join(root, results);
  await mkdir(folder, { recursive: true });
  const file = out ?? join(folder, resultName(result));
  await writeWhole(file, resultText(result));
  progress(`done; npm run bench:report renders it`);
  print(file);
}

await new Command('bench')
  .description('every engine and runtime that is installed, each in its own process')
  .addOption(
    new Option('--suite <name>', 'the networks of the paper in every runtime, or what lives on SE since')
      .choices(Object.keys(suites))
      .default('paper' satisfies SuiteName),
  )
  .option('--models <names>', 'networks, separated by commas', list)
  .option('--batches <sizes>', 'of 1 and 8', (text: string) => list(text).map(count), [1, 8])
  .option('--rounds <number>', 'timed runs of each contender (default: 21; 3 with more than one image)', count)
  .option('--starts <number>', 'cold starts of each engine', count, 3)
  .option('--out <file>', 'where to write the result (default: DATE-CPU.json among the results)')
  .action(main)
  .parseAsync();
