import { Command, InvalidArgumentError, Option } from 'commander';
import { bench, type EngineTiming } from '../../measure/bench.js';
import { type EngineAlgorithms, type EngineName, presentBuilds } from '../../measure/engines.js';
import type { MeasuredNetwork } from '../../measure/network.js';
import { enablePairedVectors, notPaired } from '../../node/engine.js';
import { givenNetwork } from '../../node/given.js';
import { machineFacts } from '../../node/machine.js';
import { note, print, printJson } from '../../node/output.js';
import { version } from '../../node/package.js';
import { shippedLogits } from '../../node/truth.js';
import { benchTable } from '../../report/bench.js';
import { machineLine } from '../../report/machine.js';
import type { KernelsBuild } from '../../wasm/features.js';
import { algorithmsOption, count, counts, revectorizeOption } from '../options.js';
import { benchTiles } from './tiles.js';

interface Flags {
  readonly batch: number;
  readonly threads: readonly number[];
  readonly rounds?: number;
  readonly kernels?: KernelsBuild;
  readonly algorithms: EngineAlgorithms;
  readonly against?: readonly Exclude<EngineName, 'senet'>[];
  readonly withoutSe?: true;
  readonly revectorize?: true;
  readonly tiles?: true;
  readonly json?: true;
}

const defaultModels = ['resnet50', 'legacy_seresnet50', 'legacy_seresnext50_32x4d'];

/** `senet bench`: engines side by side, or a network beside itself without gates. */
export function benchCommand(): Command {
  return new Command('bench')
    .description(`time networks: engines agree on the output first, then run interleaved (default: ${defaultModels.join(', ')})`)
    .argument('[model...]', 'networks of `senet models`, files of weights, or ONNX files')
    .option('--batch <images>', 'images a run', count, 1)
    .option('--threads <numbers>', 'threads of every engine; several of ours, separated by commas, beside each other', counts, [1])
    .option('--rounds <number>', 'timed runs of each contender (default: 15; with --without-se 51)', count)
    .addOption(new Option('--kernels <name>', 'only these of our kernels (default: all that run here)').choices(['strict', 'relaxed']))
    .option('--against <engines>', 'tfjs, ort and litert, separated by commas', engineList)
    .addOption(algorithmsOption('fast'))
    .addOption(revectorizeOption())
    .option('--without-se', "add each SE network's twin without gates, and SE's cost in paired runs")
    .option('--tiles', 'instead of networks, every register tile of the matrix product')
    .option('--json', 'print rows as JSON')
    .action(async (models: string[], flags: Flags) => {
      const { batch, threads, kernels, algorithms, against = [], withoutSe = false, json } = flags;
      if (flags.revectorize) enablePairedVectors();
      if (flags.tiles) return benchTiles(json === true);
      const builds = kernels ? [kernels] : presentBuilds();
      const options = {
        version,
        truthOf: shippedLogits,
        progress: note,
        batch,
        threads,
        builds,
        algorithms: [algorithms],
        against,
        withoutSe,
        rounds: flags.rounds ?? (withoutSe ? 51 : 15),
      };
      const networks: MeasuredNetwork[] = [];
      for (const name of models.length > 0 ? models : defaultModels) networks.push(await givenNetwork(name));
      const rows: EngineTiming[] = [];
      for (const network of networks) rows.push(...(await bench(network, options)));
      if (flags.revectorize && !rows.some(({ pairedVectors }) => pairedVectors)) note(notPaired);
      if (json) return printJson(rows);
      print(`${machineLine(machineFacts())}\n`);
      print(benchTable(rows));
    });
}

const contenders = ['tfjs', 'ort', 'litert'] as const;

function engineList(text: string): readonly Exclude<EngineName, 'senet'>[] {
  return text.split(',').map((name) => {
    const known = contenders.find((engine) => engine === name);
    if (known === undefined) throw new InvalidArgumentError(`Expected ${contenders.join(', ')}, or several of them separated by commas.`);
    return known;
  });
}
