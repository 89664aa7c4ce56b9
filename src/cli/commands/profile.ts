import { Command } from 'commander';
import { InputError, UnsupportedError } from '../../errors.js';
import { count as countGraph } from '../../graph/count.js';
import type { EngineAlgorithms } from '../../measure/engines.js';
import { type Measured, type MeasuredStep, measure, total } from '../../measure/measure.js';
import { measurePeak, type Peak } from '../../measure/peak.js';
import { traceOf } from '../../measure/trace.js';
import { enablePairedVectors, kernelsText, notPaired } from '../../node/engine.js';
import { givenNetwork, isOnnx } from '../../node/given.js';
import { machineFacts } from '../../node/machine.js';
import { note, print, printJson } from '../../node/output.js';
import { writeWhole } from '../../node/writeWhole.js';
import { memoryText, type PlanBytes } from '../../plan/print.js';
import { percent } from '../../report/format.js';
import { machineLine } from '../../report/machine.js';
import { table } from '../../report/table.js';
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
    .action(async (model: string, flags: Flags) => {
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
    });
}

interface Row extends MeasuredStep {
  readonly gflops: number;
  /** Of the tile's measured peak. */
  readonly peakShare: number;
  readonly gigabytesPerSecond: number;
  /** Of all steps' time. */
  readonly share: number;
}

interface Part {
  readonly name: string;
  readonly calls: number;
  readonly ms: number;
  readonly share: number;
  readonly macs: number;
}

export interface Report {
  readonly pairedVectors: boolean;
  readonly memory: PlanBytes;
  readonly peak: Peak;
  readonly steps: readonly Row[];
  readonly totals: {
    readonly ms: number;
    /** Multiply-adds made, and those of the network's definition. */
    readonly macs: number;
    readonly networkMacs: number;
    readonly bytes: number;
    readonly gflops: number;
    readonly peakShare: number;
  };
  /** The steps that exist for gates only. */
  readonly gates: Part;
  readonly byKernel: readonly Part[];
}

export function summarise({ steps, pairedVectors, memory }: Measured, peak: Peak, networkMacs: number): Report {
  const ms = total(steps.map((step) => step.ms));
  const macs = total(steps.map((step) => step.macs));
  const rate = (products: number, time: number): number => (2 * products) / time / 1e6;
  const part = (name: string, of: readonly MeasuredStep[]): Part => {
    const time = total(of.map((step) => step.ms));
    return { name, calls: of.length, ms: time, share: time / ms, macs: total(of.map((step) => step.macs)) };
  };
  return {
    pairedVectors,
    memory,
    peak,
    steps: steps.map((step) => ({
      ...step,
      gflops: rate(step.macs, step.ms),
      peakShare: rate(step.macs, step.ms) / peak.gflops,
      gigabytesPerSecond: step.bytes / step.ms / 1e6,
      share: step.ms / ms,
    })),
    totals: {
      ms,
      macs,
      networkMacs,
      bytes: total(steps.map(({ bytes }) => bytes)),
      gflops: rate(macs, ms),
      peakShare: rate(macs, ms) / peak.gflops,
    },
    gates: part(
      'gates',
      steps.filter(({ gate }) => gate),
    ),
    byKernel: [...new Set(steps.map(({ kernel }) => kernel))]
      .map((name) =>
        part(
          name,
          steps.filter(({ kernel }) => kernel === name),
        ),
      )
      .sort((a, b) => b.ms - a.ms),
  };
}

const mega = (macs: number): string => (macs === 0 ? '' : (macs / 1e6).toFixed(2));

function profileText({ peak, steps, totals, gates, byKernel, pairedVectors, memory }: Report): string {
  const rows = steps.map((step, i) => [
    String(i),
    step.kernel,
    step.tile,
    step.layer,
    step.to,
    step.ms.toFixed(3),
    percent(step.share, 1),
    mega(step.macs),
    step.macs === 0 ? '' : step.gflops.toFixed(1),
    step.macs === 0 ? '' : percent(step.peakShare, 1),
    (step.bytes / 1e6).toFixed(2),
    step.gigabytesPerSecond.toFixed(1),
  ]);
  const parts = [...byKernel, gates].map(({ name, calls, ms, share, macs }) => [
    name,
    String(calls),
    ms.toFixed(2),
    percent(share, 1),
    mega(macs),
    macs === 0 ? '' : ((2 * macs) / ms / 1e6).toFixed(1),
  ]);
  return `${table([['#', 'kernel', 'tile', 'layer', 'to', 'ms', 'share', 'MMAC', 'GFLOP/s', 'of peak', 'MB', 'GB/s'], ...rows])}

${table([['kernel', 'calls', 'ms', 'share', 'MMAC', 'GFLOP/s'], ...parts])}

All: ${totals.ms.toFixed(1)} ms, ${totals.gflops.toFixed(1)} GFLOP/s, ${percent(totals.peakShare, 1)} of the peak; ${mega(totals.macs)} MMAC made for the network's ${mega(totals.networkMacs)}.
Peak: ${peak.gflops.toFixed(1)} GFLOP/s, by these kernels' own register tile in the first cache${pairedVectors ? ', vectors paired' : ''}; memory ${peak.gigabytesPerSecond.toFixed(1)} GB/s.
${memoryText(memory)}
MB are the buffers and weights that a call names, each once.${gates.calls === 0 ? '' : `\n${gatesRemark}`}`;
}

const gatesRemark = `gates: squeeze, mean, dense and scaleAddRelu, which makes the
block's addition and ReLU too, which the plain network makes elsewhere. What SE really costs is two networks' difference:
senet bench MODEL --without-se.`;

/** The products, each a point of the roofline. */
const productsOf = ({ steps }: Report) =>
  steps
    .filter(({ macs }) => macs > 0)
    .map(({ product, layer, gflops, macs, bytes, ms }) => ({ kind: product, layer, gflops, macsPerByte: macs / bytes, ms }));

/** Loaded by the package's own name, and only when a chart is drawn. */
async function loadCharts(): Promise<typeof import('../../../reference/engines/index.js')> {
  try {
    return await import('senet/engines');
  } catch (cause) {
    throw new UnsupportedError(`--roofline needs the package's own senet/engines (${(cause as Error).message})`, { cause });
  }
}
