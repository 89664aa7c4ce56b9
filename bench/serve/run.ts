import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { createClassifier } from '../../src/classifier/create.js';
import { count } from '../../src/cli/options.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { machineFacts } from '../../src/node/machine.js';
import { note, print } from '../../src/node/output.js';
import { writeWhole } from '../../src/node/writeWhole.js';
import { toOnnx } from '../../src/onnx/index.js';
import { machineLine } from '../../src/report/machine.js';
import { table } from '../../src/report/table.js';
import { resultName, rowsText } from '../result.js';
import { root } from '../runtimes.js';
import { measure, type ServedNetwork } from './measure.js';
import { type ServeResult, serveTables, serveText } from './table.js';

/**
 * `npm run bench:serve`: images a second of `POST /v1/classify` at saturation beside as many processes that classify the same picture with the library alone,
 * and beside servers around onnxruntime, in turns; and the latency at half of that load beside a lone request's.
 */

interface Flags {
  readonly rounds: number;
  readonly seconds: number;
  readonly workers: number;
  readonly out?: string;
}

/** As `--batch-delay` is by default, in milliseconds. */
const cap = 2;

/** The networks' files, in a folder. */
async function networksIn(folder: string): Promise<readonly ServedNetwork[]> {
  const resnet = join(folder, 'legacy_seresnet50.safetensors');
  await writeFile(resnet, saveSafetensors(syntheticWeights(createModel('legacy_seresnet50'), { seed: 1 })));
  const networks = [
    { name: 'the network that ships', weights: undefined, onnx: join(folder, 'shipped.onnx') },
    { name: 'legacy_seresnet50', weights: resnet, onnx: join(folder, 'legacy_seresnet50.onnx') },
  ];
  for (const { weights, onnx } of networks) await writeOnnx(weights, onnx);
  return networks;
}

async function writeOnnx(weights: string | undefined, file: string): Promise<void> {
  const classifier = await createClassifier(weights === undefined ? {} : { weights: await readFile(weights) });
  const { id, options, classes, preset, weights: tensors } = classifier.network;
  await writeFile(file, await toOnnx(createModel(id, { ...options, classes, size: preset.size }), tensors));
  classifier.dispose();
}

async function main({ rounds, seconds, workers, out }: Flags): Promise<void> {
  enableRelaxed(); // as all contestants of ours do; the machine's line tells so
  const folder = await mkdtemp(join(tmpdir(), 'senet-load-'));
  const rows: ServeResult['rows'][0][] = [];
  try {
    const options = { picture: join(root, 'assets/images/rocket.jpg'), rounds, seconds, workers, cap };
    for (const network of await networksIn(folder)) rows.push(...(await measure(network, options)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const result: ServeResult = {
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench:serve', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
    host: machineFacts(),
    rounds,
    seconds,
    workers,
    cap,
    rows,
  };
  const results = join(root, 'bench/results/serve');
  await mkdir(results, { recursive: true });
  const file = out ?? join(results, resultName(result));
  await writeWhole(file, rowsText(result));
  print(`${machineLine(result.host)}; ${workers} workers, ${rounds} rounds of ${seconds} s\n`);
  for (const one of serveTables(result)) print(`${table(one)}\n`);
  print(`${serveText(result)}\n${file}`);
}

new Command('bench:serve')
  .option('--rounds <number>', 'turns of each contestant', count, 3)
  .option('--seconds <number>', 'of each measurement', count, 10)
  .option('--workers <number>', 'processes of each contestant', count, availableParallelism())
  .option('--out <file>', 'where to write the result (default: DATE-CPU.json among the results)')
  .action(main)
  .parseAsync()
  .catch((error: Error) => {
    note(error.message);
    process.exitCode = 1;
  });
