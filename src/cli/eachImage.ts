import { InputError } from '../errors.js';
import { complain } from '../node/output.js';
import { progress } from '../node/progress.js';

/** How many images were answered, and in what time. */
export interface ImagesDone {
  readonly done: number;
  readonly seconds: number;
}

/**
 * Takes one image after another. One that cannot be read is named on stderr: the others go on, and the exit code is 2.
 *
 * @param take answers for a file; it calls `answered` before it prints, so that the line of progress is out of the way and the image counts
 */
export async function eachImage(
  files: readonly string[],
  take: (file: string, answered: () => void) => Promise<void>,
): Promise<ImagesDone> {
  const shown = progress();
  const start = performance.now();
  let done = 0;
  const answered = (): void => {
    shown.clear();
    done++;
  };
  for (const file of files) {
    try {
      await take(file, answered);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      shown.clear();
      complain(error.message);
      process.exitCode = 2;
    }
    shown.show(`${done} of ${files.length} images`);
  }
  shown.clear();
  return { done, seconds: (performance.now() - start) / 1000 };
}
