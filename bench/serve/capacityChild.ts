import { readFile } from 'node:fs/promises';
import { createClassifier } from '../../src/classifier/create.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { peakBytes } from '../../src/node/peakBytes.js';
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
const found: Capacity = { medianMs: quantile(sorted(times), 0.5), peak: peakBytes() };
process.stdout.write(JSON.stringify(found));
