import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SenetError, UnsupportedError } from '../../src/errors.js';
import { writeWhole } from '../../src/node/writeWhole.js';
import { measurePixels } from './measure.js';
import { pixelsMarkdown } from './report.js';

/** `npm run pixels`: writes docs/pixels.md, of the browsers that are here. */

const root = dirname(createRequire(import.meta.url).resolve('senet/package.json'));
const note = (text: string): void => void process.stderr.write(`${text}\n`);

try {
  const result = await measurePixels(new Date().toISOString().slice(0, 10), note);
  if (result.browsers.length === 0) throw new UnsupportedError(`no browser is here: ${result.missing.join('; ')}`);
  const page = pixelsMarkdown(result);
  await writeWhole(join(root, 'docs/pixels.md'), page);
  process.stdout.write(page);
} catch (error) {
  if (!(error instanceof SenetError)) throw error;
  note(`pixels: ${error.message}`);
  process.exitCode = 1;
}
