import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from './case.js';
import { covered, excluded } from './names.js';

/**
 * `npm run test:onnx [-- FOLDER]`: ONNX's backend tests of single operators on the reference, by ONNX's own tolerance, and on the kernels, by our bounds.
 * FOLDER is where they are; of Debian's libonnx-testdata if none is given.
 */
const debian = '/usr/lib/python3/dist-packages/onnx/backend/test/data/node';
const folder = process.argv[2] ?? debian;

if (!existsSync(folder)) {
  process.stderr.write(`${folder} is not there: apt-get install libonnx-testdata, or give the folder of onnx's backend/test/data/node\n`);
  process.exit(2);
}

const known = new Set([...covered, ...Object.values(excluded).flat()]);
const unlisted = readdirSync(folder).filter((name) => !known.has(name.replace(/^test_/, '')));
let [failed, worst, worstOf] = [0, 0, ''];
for (const name of covered) {
  const path = join(folder, `test_${name}`);
  const { flaws, ratio } = existsSync(path) ? await runNode(path) : { flaws: [`is not in ${folder}`], ratio: 0 };
  if (ratio > worst) [worst, worstOf] = [ratio, name];
  if (flaws.length === 0) continue;
  failed++;
  process.stdout.write(`${name}: ${flaws.join('; ')}\n`);
}
process.stdout.write(
  `${covered.length - failed} of ${covered.length} pass; the kernels are at most ${worst.toFixed(2)} of a bound off (${worstOf})\n`,
);
for (const [reason, names] of Object.entries(excluded)) process.stdout.write(`${names.length} are not run: ${reason}\n`);
if (unlisted.length > 0) process.stdout.write(`${unlisted.length} of the folder are in no list\n`);
process.exitCode = failed > 0 ? 1 : 0;
