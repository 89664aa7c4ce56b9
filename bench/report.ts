import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { print } from '../src/cli/output.js';
import { writeWhole } from '../src/cli/writeWhole.js';
import { seCostSvg, timesSvg } from './charts.js';
import { suites } from './jobs.js';
import { insert, reportMarkdown } from './markdown.js';
import type { Result } from './result.js';
import { root } from './runtimes.js';

/** `npm run bench:report`: README's numbers and the charts, from the newest result of each suite. */

const readme = join(root, 'README.md');

/** Names begin with the date. */
async function newest(folder: string): Promise<Result> {
  const name = (await readdir(folder))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .at(-1);
  if (name === undefined) throw new Error(`${folder} is empty: npm run bench`);
  print(join(folder, name));
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as Result;
}

for (const [name, { folder }] of Object.entries(suites)) {
  const result = await newest(join(root, folder));
  const charts = { 'times.svg': await timesSvg(result), 'se-cost.svg': await seCostSvg(result) };
  for (const [file, svg] of Object.entries(charts)) await writeWhole(join(root, folder, file), svg);
  const images = Object.keys(charts).map((file) => `![${file.replace('.svg', '')}](${folder}/${file})`);
  const report = `\n${reportMarkdown(result)}\n\n${images.join('\n')}\n`;
  await writeWhole(readme, insert(await readFile(readme, 'utf8'), name, report));
}
