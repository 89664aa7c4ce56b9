import { abi, type Kernel } from '../plan/abi.js';
import { type Arg, blockRows, blocksOf, type Plan, type Step } from '../plan/plan.js';
import type { Kernels } from './kernels.js';

/** A step with its addresses filled in, for one thread. Plain data: it is posted to workers. */
export interface Call {
  readonly kernel: Kernel;
  /** As src/plan/abi.ts lists them; `begin` and `end` follow. */
  readonly args: readonly number[];
  readonly extent: number;
  readonly blocks: Blocks | undefined;
}

/** Iterations that are not alike: `count` panels for each block of an image's rows, the last of which may be short. */
interface Blocks {
  readonly rows: number;
  readonly count: number;
}

/** The plan's steps in order; `resolve` knows addresses. */
export function callsOf({ steps }: Plan, resolve: (arg: Arg) => number): readonly Call[] {
  return steps.map((step) => {
    const { kernel, args, extent } = step;
    return { kernel, args: abi[kernel].map((name) => resolve(args[name] as Arg)), extent, blocks: blocksOfStep(step) };
  });
}

function blocksOfStep({ kernel, args: { rows, count } }: Step): Blocks | undefined {
  return (kernel === 'conv' || kernel === 'conv8') && typeof rows === 'number' && typeof count === 'number' ? { rows, count } : undefined;
}

/**
 * Runs parts `first` to `last`, exclusive, of a call cut into `parts`; maybe none. Kernels compute each iteration alone, so results do not
 * depend on how an extent is cut.
 */
export function perform(kernels: Kernels, call: Call, first: number, last: number, parts: number): void {
  const begin = cut(call, first, parts);
  const end = cut(call, last, parts);
  if (begin < end) kernels[call.kernel](...call.args, begin, end);
}

/** The iteration at which slice `part` begins, so that slices are as much work as the others, within one iteration. */
export function cut({ extent, blocks }: Pick<Call, 'extent' | 'blocks'>, part: number, parts: number): number {
  if (blocks === undefined || part === parts) return Math.floor((extent * part) / parts);
  const { rows, count } = blocks;
  const full = blocksOf(rows) - 1; // blocks before an image's last
  const shortRows = rows - full * blockRows;
  const imageWork = (full * blockRows + shortRows) * count;
  const images = extent / ((full + 1) * count);

  const work = (images * imageWork * part) / parts;
  const image = Math.floor(work / imageWork);
  const withinImage = work - image * imageWork;
  const block = Math.min(Math.floor(withinImage / (blockRows * count)), full);
  const panel = Math.floor((withinImage - block * blockRows * count) / (block === full ? shortRows : blockRows));
  return (image * (full + 1) + block) * count + panel;
}
