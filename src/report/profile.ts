import { type Measured, type MeasuredStep, total } from '../measure/measure.js';
import type { Peak } from '../measure/peak.js';
import { memoryText, type PlanBytes } from '../plan/print.js';
import { percent } from './format.js';
import { table } from './table.js';

/** A step with its rates and shares. */
interface ProfiledStep extends MeasuredStep {
  readonly gflops: number;
  /** Of the tile's measured peak. */
  readonly peakShare: number;
  readonly gigabytesPerSecond: number;
  /** Of all steps' time. */
  readonly share: number;
}

/** Steps together. */
interface Part {
  readonly name: string;
  readonly calls: number;
  readonly ms: number;
  readonly share: number;
  readonly macs: number;
}

/** Where the time of an inference went. */
export interface ProfileReport {
  readonly pairedVectors: boolean;
  readonly memory: PlanBytes;
  readonly peak: Peak;
  readonly steps: readonly ProfiledStep[];
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

/** @param networkMacs multiply-adds of the network's definition */
export function summarise({ steps, pairedVectors, memory }: Measured, peak: Peak, networkMacs: number): ProfileReport {
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

/** As a person reads it: each step, each kernel, and the sums. */
export function profileText({ peak, steps, totals, gates, byKernel, pairedVectors, memory }: ProfileReport): string {
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
export const productsOf = ({ steps }: ProfileReport) =>
  steps
    .filter(({ macs }) => macs > 0)
    .map(({ product, layer, gflops, macs, bytes, ms }) => ({ kind: product, layer, gflops, macsPerByte: macs / bytes, ms }));
