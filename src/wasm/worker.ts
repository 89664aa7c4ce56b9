import { type Call, perform } from './calls.js';
import { Control } from './control.js';
import { bindKernels } from './kernels.js';
import { connect } from './threads.js';

/** All that a worker needs to walk its slices: the kernels, the memory, and its own list of calls. */
export interface Job {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  readonly calls: readonly Call[];
  readonly thread: number;
  readonly threads: number;
}

/** What a worker tells its session: that it waits for its job, for the first run; that a run is done; that all is over. */
export type Report = 'listening' | 'ready' | 'done' | 'failed';

/** Walks one run after another. Thread 0 also keeps the time and reports the end. */
async function work({ module, memory, control: shared, calls, thread, threads }: Job, report: (report: Report) => void): Promise<void> {
  const control = new Control(shared, threads);
  try {
    const kernels = await bindKernels(module, memory);
    report('ready');
    for (let run = control.nextRun(0); run !== undefined; run = control.nextRun(run)) {
      let before = performance.now();
      for (const [step, call] of calls.entries()) {
        perform(kernels, call, thread, threads);
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

connect((job, report) => void work(job as Job, report));
