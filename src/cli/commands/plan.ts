import { Command, Option } from 'commander';
import { createModel, findModel } from '../../models/index.js';
import { kernelsText } from '../../node/engine.js';
import { print, printJson } from '../../node/output.js';
import { memoryText, planBytes, stepLines } from '../../plan/print.js';
import { table } from '../../report/table.js';
import { type KernelsBuild, supports } from '../../wasm/features.js';
import { type TileName, tileNames } from '../../wasm/options.js';
import { planOf } from '../../wasm/session.js';
import { algorithmsOption, count, kernelsOption } from '../options.js';

interface PlanFlags {
  readonly kernels?: KernelsBuild;
  readonly batch: number;
  readonly size?: number;
  readonly se: boolean;
  readonly algorithms: 'direct' | 'fast';
  readonly tile?: TileName;
  readonly json?: true;
}

/** `senet plan MODEL`: every kernel call of an inference. */
export function planCommand(): Command {
  return new Command('plan')
    .description("print a network's kernel calls: shapes, tile, multiply-adds, bytes")
    .argument('<model>', 'a network of `senet models`')
    .option('--batch <images>', 'images a run', count, 1)
    .option('--size <pixels>', "side of the image (default: the network's own)", count)
    .option('--no-se', 'without its gates')
    .addOption(algorithmsOption('fast'))
    .addOption(new Option('--tile <name>', 'register tile, rows by columns').choices(tileNames))
    .addOption(kernelsOption())
    .option('--json', 'print the steps as JSON')
    .action((model: string, { kernels, batch, size = findModel(model).size, se, algorithms, tile, json }: PlanFlags) => {
      const graph = createModel(model, { batch, size, se });
      const variant = kernels ?? (supports('relaxed') ? 'relaxed' : 'strict');
      const plan = planOf(graph, { kernels: variant, algorithms, ...(tile && { tile }) });
      const steps = stepLines(graph, plan);
      const bytes = planBytes(graph, plan);
      if (json) return printJson({ model, kernels: variant, steps, bytes });
      const kib = (size: number): string => (size / 1024).toFixed(1);
      const rows = steps.map(({ kernel, tile, ops, layer, from, to, macs, bytes }, i) => [
        String(i),
        kernel,
        tile,
        layer,
        ops,
        from,
        to,
        macs > 0 ? (macs / 1e6).toFixed(2) : '',
        kib(bytes),
      ]);
      print(table([['#', 'kernel', 'tile', 'layer', 'covers', 'from', 'to', 'MMAC', 'KiB'], ...rows]));
      const macs = steps.reduce((sum, step) => sum + step.macs, 0);
      print(`\n${steps.length} calls, ${(macs / 1e6).toFixed(1)} MMAC, ${kernelsText(variant)} kernels, ${algorithms} algorithms`);
      print(memoryText(bytes));
    });
}
