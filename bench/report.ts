import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { print } from '../src/cli/output.js';
import { writeWhole } from '../src/cli/writeWhole.js';
import { seCostSvg, timesSvg } from './charts.js';
import { insert, reportMarkdown } from './markdown.js';
import type { Result } from './result.js';
import { root } from './runtimes.js';

/** `npm run bench:report [-- FILE]`: README's numbers and the charts, from a result or the newest of them. */

const folder = join(root, 'bench/results');
const readme = join(root, 'README.md');

/** Names begin with the date. */
async function newest(): Promise<string> {
  const name = (await readdir(folder))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .at(-1);
  if (name === undefined) throw new Error(`${folder} is empty: npm run bench`);
  return join(folder, name);
}

const file = process.argv[2] ?? (await newest());
const result = JSON.parse(await readFile(file, 'utf8')) as Result;
const charts = { 'times.svg': await timesSvg(result), 'se-cost.svg': await seCostSvg(result) };
for (const [name, svg] of Object.entries(charts)) await writeWhole(join(folder, name), svg);
const images = Object.keys(charts).map((name) => `![${name.replace('.svg', '')}](bench/results/${name})`);
const report = `\n${reportMarkdown(result)}\n\n${images.join('\n')}\n`;
await writeWhole(readme, insert(await readFile(readme, 'utf8'), report));
print(`${file}: README.md, ${Object.keys(charts).join(', ')}`);
