import { type Call, perform } from './calls.js';
import { Control } from './control.js';
import { bindKernels, type Kernels } from './kernels.js';
import { connect } from './threads.js';

/** All that a worker needs to walk its slices: the kernels, the memory, and its own list of calls. */
export interface Job {
  readonly modules: readonly WebAssembly.Module[];
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  readonly calls: readonly Call[];
  readonly thread: number;
  readonly threads: number;
}

/** What a worker tells its session: that it waits for its job, for the first run; that a run is done; that all is over. */
export type WorkerReport = 'listening' | 'ready' | 'done' | 'failed';

/**
 * Each thread has a slice of every step, in pieces of a half, a quarter, and so on to two of a thirty-second. A thread that is done with its own takes
 * what others have not begun: with static halves one core waits for the other at every step, since it is never quite as fast as its neighbour, and
 * now and then something else's. Late pieces are small, so the last one to work is not waited for long; early ones are large, so a slice stays
 * in the cache of its thread.
 */
const shares = 32;
const pieces = [0, 16, 24, 28, 30, 31, shares];

/** All of a step that this thread can get. */
function work(kernels: Kernels, call: Call, control: Control, thread: number, threads: number): void {
  for (let i = 0; i < threads; i++) {
    const owner = (thread + i) % threads;
    const slice = owner * shares;
    for (let piece = control.claim(owner); piece < pieces.length - 1; piece = control.claim(owner))
      perform(kernels, call, slice + (pieces[piece] as number), slice + (pieces[piece + 1] as number), threads * shares);
  }
}

/** Walks one run after another. Thread 0 also keeps the time and reports the end. */
async function walk(
  { modules, memory, control: shared, calls, thread, threads }: Job,
  report: (report: WorkerReport) => void,
): Promise<void> {
  const control = new Control(shared, threads);
  try {
    const kernels = await bindKernels(modules, memory);
    report('ready');
    for (let run = control.nextRun(0); run !== undefined; run = control.nextRun(run)) {
      let before = performance.now();
      const [from, to] = control.steps;
      for (let step = from; step < to; step++) {
        work(kernels, calls[step] as Call, control, thread, threads);
        if (!control.meet()) return;
        if (thread !== 0) continue;
        const now = performance.now();
        control.stepMs[step] = now - before;
        before = now;
      }
      if (thread === 0 && control.finish(run)) report('done');
    }
  } catch (error) {
    control.fail(`thread ${thread}: ${error instanceof Error ? error.message : String(error)}`);
    report('failed');
  }
}

connect((job, report) => void walk(job as Job, report));
