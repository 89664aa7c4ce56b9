import { Command, Option } from 'commander';
import { InputError } from '../../errors.js';
import type { Graph } from '../../graph/graph.js';
import { detectorNamed } from '../../models/detection/index.js';
import { kernelsText } from '../../node/engine.js';
import { givenNetwork, isOnnx } from '../../node/given.js';
import { print, printJson } from '../../node/output.js';
import { memoryText, planBytes, stepLines } from '../../plan/print.js';
import { table } from '../../report/table.js';
import { type KernelsBuild, supports } from '../../wasm/features.js';
import { type TileName, tileNames } from '../../wasm/options.js';
import { planOf } from '../../wasm/planOf.js';
import { algorithmsOption, count, kernelsOption, type Sides, sides } from '../options.js';

interface PlanFlags {
  readonly kernels?: KernelsBuild;
  readonly batch: number;
  readonly size?: Sides;
  readonly se: boolean;
  readonly algorithms: 'direct' | 'fast';
  readonly tile?: TileName;
  readonly json?: true;
}

/** `senet plan MODEL`: every kernel call of an inference. */
export function planCommand(): Command {
  return new Command('plan')
    .description("print a network's kernel calls: shapes, tile, multiply-adds, bytes")
    .argument('<model>', 'a network or detector of `senet models`, a file of weights, or an ONNX file')
    .option('--batch <images>', 'images a run', count, 1)
    .option(
      '--size <pixels>',
      "side of the image, or of a detector the resized image's HEIGHTxWIDTH (default: the network's own; of a detector the largest)",
      sides,
    )
    .option('--no-se', 'without its gates')
    .addOption(algorithmsOption('fast'))
    .addOption(new Option('--tile <name>', 'register tile, rows by columns').choices(tileNames))
    .addOption(kernelsOption())
    .option('--json', 'print the steps as JSON')
    .action(async (model: string, flags: PlanFlags) => {
      const { kernels, algorithms, tile, json } = flags;
      const { graph, size } = await planned(model, flags);
      const variant = kernels ?? (supports('relaxed') ? 'relaxed' : 'strict');
      const plan = planOf(graph, { kernels: variant, algorithms, ...(tile && { tile }) });
      const steps = stepLines(graph, plan);
      const bytes = planBytes(graph, plan);
      if (json) return printJson({ model, ...(size && { size }), kernels: variant, steps, bytes });
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
      if (size) print(`\nFor an image that is resized to ${size.join('x')}: the larger, the more memory and multiply-adds.`);
      print(
        `\n${steps.length} calls, ${(macs / 1e6).toFixed(1)} MMAC (${((2 * macs) / 1e9).toFixed(2)} GFLOP), ${kernelsText(variant)} kernels, ${algorithms} algorithms`,
      );
      print(memoryText(bytes));
    });
}

/** The graph, and of a detector the height and width of the resized image. @throws InputError for an unknown name, and for a network's image that is not square */
async function planned(name: string, { batch, size, se }: PlanFlags): Promise<{ readonly graph: Graph; readonly size?: Sides }> {
  const detector = detectorNamed(name);
  if (detector) {
    const { minSize, maxSize } = detector.settings;
    const sides = size ?? [minSize, maxSize];
    return { graph: detector.create({ size: sides, batch, se }), size: sides };
  }
  if (size && size[0] !== size[1] && !isOnnx(name))
    throw new InputError(`expected --size to be one number, since images of ${name} are square, found ${size.join('x')}`);
  return { graph: (await givenNetwork(name)).build({ batch, size, se }).graph };
}
