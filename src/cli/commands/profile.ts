import { Command } from 'commander';
import { InputError, UnsupportedError } from '../../errors.js';
import { count as countGraph } from '../../graph/count.js';
import type { EngineAlgorithms } from '../../measure/engines.js';
import { measure } from '../../measure/measure.js';
import { measurePeak, type Peak } from '../../measure/peak.js';
import { traceOf } from '../../measure/trace.js';
import { enablePairedVectors, kernelsText, notPaired } from '../../node/engine.js';
import { givenNetwork, isOnnx } from '../../node/given.js';
import { machineFacts } from '../../node/machine.js';
import { note, print, printJson } from '../../node/output.js';
import { writeWhole } from '../../node/writeWhole.js';
import { machineLine } from '../../report/machine.js';
import { productsOf, profileText, summarise } from '../../report/profile.js';
import { type KernelsBuild, supports } from '../../wasm/features.js';
import { checkOutput } from '../checkOutput.js';
import { algorithmsOption, count, kernelsOption, revectorizeOption, type Sides, sides, threadsOption } from '../options.js';

interface Flags {
  readonly kernels?: KernelsBuild;
  readonly algorithms: EngineAlgorithms;
  readonly batch: number;
  readonly threads: number;
  readonly size?: Sides;
  readonly se: boolean;
  readonly rounds: number;
  readonly revectorize?: true;
  readonly json?: true;
  readonly trace?: string;
  readonly roofline?: string;
}

/** `senet profile MODEL`: where the time of an inference goes. */
export function profileCommand(): Command {
  return new Command('profile')
    .description("time each kernel call of a network, beside this machine's measured peak")
    .argument('<model>', 'a network of `senet models`, a file of weights, or an ONNX file')
    .addOption(kernelsOption())
    .addOption(algorithmsOption('fast'))
    .addOption(revectorizeOption())
    .option('--batch <images>', 'images a run', count, 1)
    .addOption(threadsOption())
    .option('--size <pixels>', "side of the image, or of an ONNX file's HEIGHTxWIDTH (default: the network's own)", sides)
    .option('--no-se', 'without its gates')
    .option('--rounds <number>', 'timed runs', count, 21)
    .option('--json', 'print steps, totals and host as JSON')
    .option('--trace <file>', 'write one run in the Chrome trace format')
    .option('--roofline <file>', 'draw the products under the roof of peak and bandwidth, as SVG')
    .action(profile);
}

async function profile(model: string, flags: Flags): Promise<void> {
  const { algorithms, batch, threads, se, rounds } = flags;
  if (flags.revectorize) enablePairedVectors();
  await checkOutput('--trace', flags.trace, ['.json'], [model]);
  await checkOutput('--roofline', flags.roofline, ['.svg'], [model]);
  const network = await givenNetwork(model);
  const [height, width] = flags.size ?? network.size;
  if (height !== width && !isOnnx(network.name))
    throw new InputError(`expected --size to be one number, since images of ${network.name} are square, found ${height}x${width}`);
  const built = network.build({ batch, size: [height, width], se });
  const size = height === width ? height : [height, width];
  const kernels = flags.kernels ?? (supports('relaxed') ? 'relaxed' : 'strict');
  const drawRoofline = flags.roofline === undefined ? undefined : (await loadCharts()).rooflineSvg; // before the timing: it may be missing
  note(`${model}: timing ${rounds} runs`);
  const measured = await measure(built, { kernels, algorithms, threads, rounds });
  if (flags.revectorize && !measured.pairedVectors) note(notPaired);
  const peak = await measurePeak(kernels, threads);
  const report = summarise(measured, peak, countGraph(built.graph).macs);
  if (flags.trace !== undefined) await writeWhole(flags.trace, `${JSON.stringify(traceOf(measured))}\n`);
  if (flags.roofline !== undefined && drawRoofline !== undefined)
    await writeWhole(
      flags.roofline,
      await drawRoofline({
        title: `${model}, batch ${batch}, ${kernelsText(kernels)} kernels, ${algorithms}`,
        products: productsOf(report),
        peak,
      }),
    );
  const host = machineFacts();
  if (flags.json) return printJson({ model, se, kernels, algorithms, batch, threads, size, rounds, host, ...report });
  print(`${machineLine(host)}\n`);
  print(profileText(report));
}

/** What is used of `senet/engines`. */
interface ChartsPart {
  rooflineSvg(roofline: { readonly title: string; readonly products: ReturnType<typeof productsOf>; readonly peak: Peak }): Promise<string>;
}

/** Loaded by the package's own name, and only when a chart is drawn. */
async function loadCharts(): Promise<ChartsPart> {
  try {
    return await import('senet/engines');
  } catch (cause) {
    throw new UnsupportedError(`--roofline needs the package's own senet/engines (${(cause as Error).message})`, { cause });
  }
}
