import { readFile } from 'node:fs/promises';
import { createClassifier } from '../../src/classifier/create.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { quantile, sorted } from '../../src/stats/timing.js';

/** A network that classifies a picture again and again, as a worker does. */
export interface CapacityTask {
  readonly model: string;
  readonly weights: string;
  readonly picture: string;
  /** As `senet evaluate` has it by default, or so that the bits are the same everywhere. */
  readonly kernels: 'fastest' | 'same bits';
  readonly seconds: number;
}

export interface Capacity {
  readonly medianMs: number;
  /** The most memory that the process held, in bytes. */
  readonly peak: number;
}

/** Linux counts what the parent held when it started this process as part of `maxRSS`, and the parent has whole networks. */
async function peakBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const own = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  return 1024 * (own === undefined ? process.resourceUsage().maxRSS : Number(own));
}

/** A child of `capacity.ts`. */
const { model, weights, picture, kernels, seconds } = JSON.parse(process.argv[2] as string) as CapacityTask;
enableRelaxed();
const same = kernels === 'same bits' ? ({ kernels: 'strict', algorithms: 'direct' } as const) : {};
const classifier = await createClassifier({ model, weights: await readFile(weights), ...same });
const bytes = await readFile(picture);
await classifier.classify(bytes);
const times: number[] = [];
const start = performance.now();
while (times.length < 5 || performance.now() - start < 1000 * seconds) {
  const from = performance.now();
  await classifier.classify(bytes);
  times.push(performance.now() - from);
}
const found: Capacity = { medianMs: quantile(sorted(times), 0.5), peak: await peakBytes() };
process.stdout.write(JSON.stringify(found));
