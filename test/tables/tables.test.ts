import { readFileSync } from 'node:fs';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { ablations } from '../../experiments/ablationVariants.js';
import { program } from '../../src/cli/program.js';
import { count } from '../../src/graph/count.js';
import { findDetector } from '../../src/models/detection/index.js';
import { findModel } from '../../src/models/index.js';
import { findPretrained } from '../../src/pretrained/index.js';
import { fullName } from '../../src/pretrained/names.js';
import { tablesHtml, tablesMarkdown, tablesText } from '../../src/report/tables.js';
import { type FilledRow, type FilledTable, filledTables } from '../../src/tables/filled.js';
import { type MeasuredResults, measuredResults } from '../../src/tables/measured.js';
import { paperTables } from '../../src/tables/paper.js';

const project = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, project), 'utf8');
/** Of docs/spec. */
const specification = (name: string): string => read(`docs/spec/${name}.md`);
const json = (path: string) => JSON.parse(read(path));
const measured = measuredResults.read(json('assets/results.json'), '');
const filled = filledTables(measured);
const rows = paperTables.flatMap(({ rows }) => rows);
const rowOf = (number: string, name: string, tables: readonly FilledTable[] = filled): FilledRow =>
  tables.find((table) => table.number === number)?.rows.find((row) => row.name === name) as FilledRow;

describe('the paper’s figures', () => {
  /** The tables of docs/spec/paper.md §8, in their order: head and rows. */
  const [, section = ''] = specification('paper').split('\n## 8. ');
  const documented = [...section.matchAll(/(?:^\|.*\|\n)+/gm)].map(([text]) =>
    text
      .trim()
      .split('\n')
      .filter((line) => !/^\| ---/.test(line))
      .map((line) => line.slice(2, -2).split(' | ')),
  );

  test('are tables 2 to 16, and the cost', () => {
    expect(paperTables.map(({ number }) => number)).toEqual([...Array.from({ length: 15 }, (_, i) => String(i + 2)), 'cost']);
    expect(documented).toHaveLength(paperTables.length);
  });

  test.each(paperTables.map((table, i) => [table.number, table, i] as const))('table %s is as documented', (_, { columns, rows }, i) => {
    const [head, ...documentedRows] = documented[i] as string[][];
    expect(head?.slice(1)).toEqual(columns);
    const ofThePaper = rows.filter(({ paper }) => paper.some((figure) => figure !== '-'));
    expect(ofThePaper.map(({ name, paper }) => [name, ...paper])).toEqual(documentedRows);
  });
});

describe('ours', () => {
  test('parameters and multiply-adds are those of docs/spec/zoo.md §7.2 and §8, with running statistics where the paper counts them', () => {
    const running = 53_120; // means and variances of ResNet-50
    expect(rowOf('2', 'SE-ResNet-50')).toMatchObject({ parameters: 28_088_024, multiplyAdds: 3_860_488_192 });
    expect(rowOf('2', 'ResNet-152')).toMatchObject({ parameters: 60_192_808, multiplyAdds: 11_282_415_616 });
    expect(rowOf('3', 'SE-ShuffleNet (3 groups)')).toMatchObject({ parameters: 2_484_533, multiplyAdds: 138_071_088 });
    expect(rowOf('6', 'SE-ResNet-152').parameters).toBe(66_821_848 - 635 * 2049);
    expect(rowOf('14', 'SE-PRE').parameters).toBe(27_548_200 + running);
    expect(rowOf('15', 'SE_3x3').parameters).toBe(25_714_216 + running);
    expect(rowOf('16', 'NoSqueeze')).toMatchObject({ parameters: 28_071_976 + running, multiplyAdds: 4_269_015_040 });
  });

  test('detectors are counted for the largest image that they take', () => {
    const { create, settings } = findDetector('senet/fasterrcnn_seresnet50_c4');
    const { params, macs } = count(create({ size: [settings.minSize, settings.maxSize] }));
    expect(rowOf('7', 'SE-ResNet-50, basic')).toMatchObject({ parameters: params, multiplyAdds: macs });
  });

  test('where the paper prints millions in its ablations, ours round to them, but for a reduction of 8', () => {
    const other = filled.slice(8).flatMap(({ number, rows }) =>
      rows.flatMap(({ name, paper, parameters }) => {
        const printed = paper['parameters, M'];
        const ours = ((parameters as number) / 1e6).toFixed(1);
        return printed === undefined || printed === ours ? [] : [[number, name, printed, ours]];
      }),
    );
    expect(other).toEqual([['10', 'reduction 8', '30.7', '30.6']]);
  });

  test('errors on CIFAR-10 are those of the experiments, with their seeds and intervals', () => {
    const { variants, command } = json('experiments/results/se.json');
    const { runs, mean, low, high } = variants[1];
    const found = rowOf('4', 'SE-ResNet-8').cifar10;
    expect(found).toMatchObject({ seeds: runs.length, command, file: 'experiments/results/se.json', network: 'ResNet-8 for CIFAR' });
    expect([found?.error, found?.low, found?.high]).toEqual([mean, high, low].map((share) => Number((100 - 100 * share).toFixed(3))));
  });

  test('milliseconds are those of the committed timings, of each machine', () => {
    const { rows: timed, host } = json('bench/results/2026-11-24-amd-epyc.json');
    const [gated] = timed.filter(
      ({ model, se, engine, variant, algorithms, threads, batch, runtime }: Record<string, unknown>) =>
        `${model} ${se} ${engine} ${variant} ${algorithms} ${threads} ${batch} ${runtime}` ===
        'timm/legacy_seresnet50 true senet relaxed fast 1 1 Node 20.20.2',
    );
    const { inferenceMs, trainingStepMs } = rowOf('cost', 'SE-ResNet-50');
    expect(inferenceMs[0]).toMatchObject({ milliseconds: gated.medianMs, on: `${host.cpu}, one thread, Node 20.20.2` });
    expect(new Set(inferenceMs.map(({ file }) => file)).size).toBe(2);
    const steps = json('bench/results/training/2026-11-28-intel-r-xeon-r-processor.json').rows;
    const step = steps.find(({ model, engine }: Record<string, unknown>) => model === 'timm/legacy_seresnet50' && engine === 'senet');
    expect(trainingStepMs.map(({ milliseconds }) => milliseconds)).toContain(step.medianMs);
    expect(rowOf('2', 'SE-ResNet-50').inferenceMs).toEqual([]);
  });

  test('what ships is what tooling/results.js makes of the repository’s results', async () => {
    const { resultsText } = (await import(new URL('tooling/results.js', project).href)) as { readonly resultsText: () => string };
    expect(read('assets/results.json')).toBe(resultsText());
  });

  test('an ablation that was run since takes the place of its command', () => {
    const variants = ablations.squeeze.map(({ name, options }) => ({ name, options, seeds: 3, mean: 0.9, low: 0.89, high: 0.91 }));
    const origin = { file: 'x.json', date: '2026-12-01', command: 'npm run x', network: 'n', images: 'i', recipe: 'r' };
    const later: MeasuredResults = { ...measured, ablations: [...measured.ablations, { ...origin, finding: 'squeeze', variants }] };
    const command = 'npm run experiment:ablations -- squeeze --data cifar10';
    const without = { ...measured, ablations: measured.ablations.filter(({ finding }) => finding !== 'squeeze') };
    expect(rowOf('11', 'maximum', filledTables(without)).commands).toContain(command);
    const { commands, cifar10 } = rowOf('11', 'maximum', filledTables(later));
    expect(commands).not.toContain(command);
    expect(cifar10).toMatchObject({ error: 10, low: 9, high: 11, seeds: 3 });
  });
});

test('a row and the network that an experiment trains for it are the same variant', () => {
  const bare = ({ gateBias: _, ...options }: { readonly gateBias?: boolean }) => options;
  for (const { cifar, options = {}, name } of rows.filter(({ cifar }) => cifar !== undefined)) {
    const { finding, name: variant } = cifar as NonNullable<typeof cifar>;
    const trained =
      finding in ablations
        ? ablations[finding as keyof typeof ablations].find(({ name }) => name === variant)
        : json(`experiments/results/${finding}.json`).variants.find(({ name }: { readonly name: string }) => name === variant);
    expect(trained, `${name}: ${finding}, ${variant}`).toBeDefined();
    if (finding === 'se') continue; // rows of ours, whose networks are those of the experiment by name
    const { se, ...others } = bare(options) as { readonly se?: boolean };
    expect(trained.model.startsWith('se_')).toBe(se !== false);
    expect(bare(trained.options), name).toEqual(others);
  }
});

describe('commands', () => {
  const root = program();
  const commands = [...new Set(filled.flatMap(({ rows }) => rows.flatMap(({ commands }) => commands)))];
  const { scripts } = json('package.json');

  test.each(commands.filter((command) => command.startsWith('senet ')))('%s', (command) => {
    const [, name, ...words] = command.split(' ');
    const found = root.commands.find((one) => one.name() === name);
    expect(found).toBeDefined();
    for (const word of words.filter((one) => one.startsWith('--'))) expect(found?.options.map(({ long }) => long)).toContain(word);
    const model = words[words.indexOf('--model') + 1] as string;
    if (!words.includes('--model')) return;
    if (words.includes('--detection')) expect(findDetector(model).id).toBe(model);
    if (model.includes('.')) expect(fullName(findPretrained(model))).toBe(model);
    else expect(words).toContain('--weights');
  });

  test('of the repository are its scripts', () => {
    const run = commands.filter((command) => command.startsWith('npm run ')).map((command) => command.split(' ')[2] as string);
    expect(run.length).toBeGreaterThan(0);
    expect(run.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('are there for every network that is here, and weights are of the row’s network', () => {
    for (const { model, weights, commands } of rows) {
      if (model !== undefined) expect(findModel(model).id).toBe(model);
      if (weights !== undefined) expect(findPretrained(weights).network).toBe(model);
      if (model === undefined && commands === undefined) expect(weights).toBeUndefined();
    }
    expect(filled.flatMap(({ rows }) => rows.filter(({ model, commands }) => model === null && commands.length > 0))).toEqual([]);
  });
});

describe('as', () => {
  const titles = filled.map(({ title }) => title);

  test('Markdown: every row has as many cells as its head', () => {
    const markdown = tablesMarkdown(filled);
    const blocks = [...markdown.matchAll(/(?:^\|.*\|$\n?)+/gm)].map(([text]) => text.trim().split('\n'));
    expect(blocks.slice(0, -1).map((lines) => lines.length - 2)).toEqual(filled.map(({ rows }) => rows.length));
    const timings = filled.at(-1)?.rows.at(-1);
    expect(blocks.at(-1)).toHaveLength(2 + (timings?.inferenceMs.length ?? 0) + (timings?.trainingStepMs.length ?? 0));
    for (const lines of blocks) expect(new Set(lines.map((line) => line.split(/(?<!\\)\|/).length)).size).toBe(1);
    for (const title of titles) expect(markdown).toContain(title);
  });

  test('HTML: a table each, with the paper’s figures in its cells', () => {
    const { document } = parseHTML(tablesHtml(filled, [['printed by', 'a test']]));
    const tables = [...document.querySelectorAll('table')];
    expect([...document.querySelectorAll('h2')].map(({ textContent }) => textContent)).toHaveLength(filled.length);
    expect(tables).toHaveLength(filled.length + 1); // what was timed has one of its own
    tables.slice(0, -1).forEach((table, i) => {
      const cells = [...table.querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent));
      const { columns, rows } = filled[i] as FilledTable;
      expect(cells.map((row) => row.slice(0, columns.length + 1))).toEqual(
        rows.map(({ name, paper }) => [name, ...columns.map((column) => paper[column] ?? '')]),
      );
    });
    expect(document.documentElement.outerHTML).not.toMatch(/https?:\/\/|<script|<link/);
  });

  test('text: no line is cut', () => {
    const text = tablesText(filled);
    for (const title of titles) expect(text).toContain(title);
    expect(text).not.toContain('characters more');
  });
});
