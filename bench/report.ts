import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { print } from '../src/node/output.js';
import { writeWhole } from '../src/node/writeWhole.js';
import { seCostSvg, timesSvg } from './charts.js';
import { type DetectResult, detectTable, detectText } from './detect/table.js';
import { suites } from './jobs.js';
import { insert, markdownTable, reportMarkdown, summaryMarkdown } from './markdown.js';
import type { Result } from './result.js';
import { type Committed, resultsPage } from './resultsPage.js';
import { root } from './runtimes.js';
import { type ServeResult, serveMarkdown } from './serve/table.js';

/**
 * `npm run bench:report`: the charts, the tables of bench/results/README.md, the short one of README.md, that of detectors in docs/speed.md and those of the server in docs/serving.md, from the newest result
 * of each; and bench/results/index.html, of all of them.
 */

const tables = join(root, 'bench/results/README.md');
const readme = join(root, 'README.md');

async function rewrite(file: string, part: string, text: string): Promise<void> {
  await writeWhole(file, insert(await readFile(file, 'utf8'), part, text));
}

/** Names begin with the date. */
async function newest<T = Result>(folder: string): Promise<T> {
  const name = (await readdir(folder))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .at(-1);
  if (name === undefined) throw new Error(`${folder} is empty: npm run bench`);
  print(join(folder, name));
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as T;
}

for (const [name, { folder }] of Object.entries(suites)) {
  const result = await newest(join(root, folder));
  const charts = { 'times.svg': await timesSvg(result), 'se-cost.svg': await seCostSvg(result) };
  for (const [file, svg] of Object.entries(charts)) await writeWhole(join(root, folder, file), svg);
  const images = Object.keys(charts).map(
    (file) => `![${file.replace('.svg', '')}](${relative(dirname(tables), join(root, folder, file))})`,
  );
  await rewrite(tables, name, `\n${reportMarkdown(result)}\n\n${images.join('\n')}\n`);
  if (name === 'paper') await rewrite(readme, 'summary', `\n${summaryMarkdown(result, 'timm/legacy_seresnet50')}\n`);
}

const results = join(root, 'bench/results');
const detect = await newest<DetectResult>(join(results, 'detect'));
await rewrite(join(root, 'docs/speed.md'), 'detect', `\n${markdownTable(detectTable(detect))}\n\n${detectText(detect)}\n`);
await rewrite(join(root, 'docs/serving.md'), 'serve', `\n${serveMarkdown(await newest<ServeResult>(join(results, 'serve')))}\n`);

const names = (await readdir(results, { recursive: true })).filter((file) => file.endsWith('.json')).sort();
const committed = await Promise.all(
  names.map(async (file) => ({ file, result: JSON.parse(await readFile(join(results, file), 'utf8')) as Committed['result'] })),
);
await writeWhole(join(results, 'index.html'), await resultsPage(committed));
