import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SenetError } from '../../src/errors.js';
import { writeWhole } from '../../src/node/writeWhole.js';
import { binaries, install, root, runtimePackages } from '../runtimes.js';
import { bundleWorkers } from './browsers.js';
import { measure } from './measure.js';
import { places } from './places.js';
import { matrixMarkdown } from './report.js';
import { wholeTask } from './task.js';

/** `npm run runtimes`: writes docs/runtimes.md, of the runtimes that are here; those of npm are installed where they are missing. */

const note = (text: string): void => void process.stderr.write(`${text}\n`);

try {
  if (!Object.values(binaries).every((path) => existsSync(path))) install(runtimePackages);
  await bundleWorkers();
  const task = await wholeTask();
  const result = await measure(places, task, new Date().toISOString().slice(0, 10), note);
  const page = matrixMarkdown(task, result);
  await writeWhole(join(root, 'docs/runtimes.md'), page);
  process.stdout.write(page);
} catch (error) {
  if (!(error instanceof SenetError)) throw error;
  note(`runtimes: ${error.message}`);
  process.exitCode = 1;
}
