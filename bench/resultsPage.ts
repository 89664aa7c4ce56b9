import { htmlTable, page } from '../src/report/html.js';
import { type Machine, machineLine } from '../src/report/machine.js';
import { trainingCostReport } from '../src/report/trainingCost.js';
import { type ApResult, apCharts, apTable } from './apChart.js';
import { seCostSvg, timesSvg } from './charts.js';
import { type DetectResult, detectTable, detectText } from './detect/table.js';
import { type FirstLabelResult, firstLabelTable, firstLabelText } from './firstLabelTable.js';
import { type ImportedResult, importedTable } from './imported/table.js';
import { type Int8Result, int8Table } from './int8/table.js';
import { footnotes, startsTable, startsText, type Table, timesTable } from './markdown.js';
import type { Result } from './result.js';
import { type ScaleResult, scaleSvg, scaleTable } from './scaleChart.js';
import { type ServeResult, serveTables, serveText } from './serve/table.js';
import { type TuningResult, tuningTable } from './tuningTable.js';

/** A committed file of results: where it lies under bench/results, and what it holds. */
export interface Committed {
  readonly file: string;
  readonly result: { readonly date: string; readonly command: string; readonly host: Machine };
}

/** What lies in each folder of bench/results, in the page's order. */
const kinds: readonly {
  readonly folder: string;
  readonly heading: string;
  readonly render: (result: unknown, file: string) => string | Promise<string>;
}[] = [
  { folder: '', heading: "The paper's comparison", render: (result) => renderSuite(result as Result) },
  { folder: 'descendants', heading: 'Networks after SENet', render: (result) => renderSuite(result as Result) },
  { folder: 'scale', heading: 'Time against work', render: (result) => renderScale(result as ScaleResult) },
  { folder: 'tuning', heading: 'Which tile a start chooses', render: (result) => html(tuningTable(result as TuningResult)) },
  { folder: 'tuning-loaded', heading: 'The same on a busy machine', render: (result) => html(tuningTable(result as TuningResult)) },
  {
    folder: 'first-label',
    heading: 'From navigation to the first label',
    render: (result) => renderFirstLabel(result as FirstLabelResult),
  },
  { folder: 'detect', heading: 'Detectors', render: (result) => renderDetect(result as DetectResult) },
  { folder: 'imported', heading: 'ONNX files of others', render: (result) => html(importedTable(result as ImportedResult)) },
  { folder: 'int8', heading: 'Eight-bit networks', render: (result) => renderInt8(result as Int8Result) },
  { folder: 'serve', heading: 'Answers of a server', render: (result) => renderServe(result as ServeResult) },
  { folder: 'training', heading: 'A step of training', render: renderTraining },
  { folder: 'ap', heading: "COCO's average precision", render: (result) => renderAp(result as ApResult) },
];

const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');

/** `bench/results/index.html`: every committed result, of every machine, the newest first. */
export async function resultsPage(committed: readonly Committed[]): Promise<string> {
  const contents: string[] = [];
  const sections: string[] = [];
  for (const { folder, heading, render } of kinds) {
    const mine = committed.filter(({ file }) => folderOf(file) === folder).sort((a, b) => (a.file < b.file ? 1 : -1));
    if (mine.length === 0) continue;
    const id = folder || 'paper';
    contents.push(`<li><a href="#${id}">${heading}</a>: ${mine.map(({ result }) => `${result.host.cpu}, ${result.date}`).join('; ')}</li>`);
    sections.push(`<h2 id="${id}">${heading}</h2>`);
    for (const { file, result } of mine)
      sections.push(
        `<h3>${result.host.cpu}, ${result.date}</h3><p>${machineLine(result.host)}<br><code>${result.command}</code>, <a href="${file}">${file}</a></p>`,
        await render(result, file),
      );
  }
  return page({
    title: 'senet: what was measured',
    heading: 'What was measured',
    facts: [
      [
        'how',
        'Engines agree on the outputs first, then run in turns in one process. Medians, the least in brackets; 95 % intervals of paired ratios.',
      ],
      ['limits', 'docs/speed.md says what limits these numbers, and what was tried.'],
    ],
    sections: [`<ul>${contents.join('\n')}</ul>`, ...sections],
  });
}

const html = ([head = [], ...body]: Table): string => htmlTable(head, body);

/** Markdown's italics as a stroke before. */
const plain = (cell: string): string => cell.replace(/_([\d.]+)_/, '/ $1');

async function renderSuite(result: Result): Promise<string> {
  const batches = [...new Set(result.rows.map(({ batch }) => batch))].sort((a, b) => a - b);
  const tables = batches.map((batch) => {
    const table = timesTable(result.rows.filter((row) => row.batch === batch));
    return `<p>Milliseconds an image, batch ${batch}; behind the stroke without gates.</p>${html(table.map((cells) => cells.map(plain)))}`;
  });
  const starts =
    result.starts.length > 0 ? `<p>${startsText(result.starts).replaceAll('`', '')}</p>${html(startsTable(result.starts))}` : '';
  const notes = footnotes(result).map((note) => `<p>${note.replace(/^- /, '')}</p>`);
  return [...tables, starts, ...notes, await timesSvg(result), await seCostSvg(result)].join('\n');
}

const renderFirstLabel = (result: FirstLabelResult): string => `<p>${firstLabelText(result)}</p>${html(firstLabelTable(result))}`;

const renderDetect = (result: DetectResult): string => `<p>${detectText(result).replaceAll('`', '')}</p>${html(detectTable(result))}`;

const renderInt8 = (result: Int8Result): string => `<p>Products of bytes: ${result.byteInstructions}.</p>${html(int8Table(result))}`;

const renderServe = (result: ServeResult): string =>
  [
    ...serveText(result)
      .split('\n')
      .map((line) => `<p>${line}</p>`),
    ...serveTables(result).map(html),
  ].join('\n');

const renderScale = async (result: ScaleResult): Promise<string> =>
  `${await scaleSvg(result.rows, result.model)}\n${html(scaleTable(result.rows))}`;

const renderAp = (result: ApResult): string => `${apCharts(result)}\n${html(apTable(result))}`;

function renderTraining(result: unknown, file: string): string {
  const own = file.replace(/\.json$/, '.html');
  return `${trainingCostReport(result).pictures['']}\n<p>Its table: <a href="${own}">${own}</a></p>`;
}
