import { Option } from 'commander';
import { paceOf } from '../node/pace.js';
import { progress } from '../node/progress.js';

/** `--progress`: how far an evaluation is, for people or for programs. */
export type ProgressForm = 'text' | 'json';

export const progressOption = (): Option =>
  new Option('--progress <form>', 'how far it is, on stderr: text, or json for a line of JSON each second (default: text)').choices([
    'text',
    'json',
  ]);

export interface EvaluationProgress {
  /** One image more is done; `done` are, of all. */
  next(done: number): void;
  /** No more are done now. @returns how fast it went, in words; undefined where there was none, and where programs listen */
  end(): string | undefined;
}

/** @param earlier images that were done before this process came */
export const evaluationProgress = (form: ProgressForm | undefined, images: number, earlier: number): EvaluationProgress =>
  form === 'json' ? forPrograms(images, earlier) : forPeople(images, earlier);

function forPeople(images: number, earlier: number): EvaluationProgress {
  const shown = progress();
  const pace = paceOf(images - earlier);
  return {
    next: (done) => shown.show(`${done} of ${images} images, ${pace.next()}`),
    end() {
      shown.clear();
      return pace.done();
    },
  };
}

const everyMs = 1000;

/** `{"done":320,"images":10000,"earlier":64,"seconds":2.5}`: the first line at the beginning, the last at the end. */
function forPrograms(images: number, earlier: number): EvaluationProgress {
  const start = performance.now();
  let [done, last] = [earlier, start];
  const write = (): void => {
    last = performance.now();
    const seconds = Number(((last - start) / 1000).toFixed(3));
    process.stderr.write(`${JSON.stringify({ done, images, earlier, seconds })}\n`);
  };
  write();
  return {
    next(now) {
      done = now;
      if (performance.now() - last >= everyMs) write();
    },
    end() {
      write();
      return undefined;
    },
  };
}
