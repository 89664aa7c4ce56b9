import type { CifarError, FilledRow, FilledTable, Timing } from '../tables/filled.js';
import { escapeMarkup, giga, thousands } from './format.js';
import { type Fact, htmlTable, page } from './html.js';
import { table } from './table.js';
import { visible } from './visible.js';

/** The paper's tables beside what there is of them here, as text, Markdown and HTML. */

const heading = 'Squeeze-and-Excitation Networks: the paper’s tables, and what there is of them here';
const sentences: readonly string[] = [
  'Columns without a remark are the paper’s (Hu 2018, version 4). An empty cell of theirs is a figure that the paper does not have, or that is not known here.',
  'Columns called “here” are counted when this is printed, or were measured by the command that is named.',
  'Multiply-adds are those of convolutions and fully connected layers, of one image. Commands want data: ImageNet, CIFAR, Places365 or COCO. FILE is a checkpoint of yours, as `senet train` writes one.',
  'CIFAR-10 here is re-encoded as JPEG: close to the published images, but not the same.',
];

const titleOf = ({ number, title }: FilledTable): string => (number === 'cost' ? title : `Table ${number}. ${title}`);

/** What a column of ours says of a row; it is left out of a table whose rows all say nothing. */
const ours: readonly (readonly [head: string, text: (row: FilledRow) => string])[] = [
  ['network here', ({ model, options }) => [model ?? '', optionsText(options)].filter((part) => part !== '').join(' ')],
  ['parameters here', ({ parameters }) => (parameters === null ? '' : thousands(parameters))],
  ['G multiply-adds here', ({ multiplyAdds }) => (multiplyAdds === null ? '' : giga(multiplyAdds))],
  ['CIFAR-10 error here, %', ({ cifar10 }) => (cifar10 === null ? '' : cifarText(cifar10))],
  ['what fills it', ({ commands, model }) => (commands.length === 0 && model === null ? 'no such network here' : commands.join('; '))],
];

const optionsText = (options: FilledRow['options']): string => (Object.keys(options).length === 0 ? '' : JSON.stringify(options));

const cifarText = ({ error, low, high, seeds, network }: CifarError): string =>
  `${error.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}; ${seeds} seeds, ${network})`;

/** A table's cells, the head first. */
function cellsOf({ columns, rows }: FilledTable): readonly (readonly string[])[] {
  const said = ours.filter(([, text]) => rows.some((row) => text(row) !== ''));
  return [
    ['', ...columns, ...said.map(([head]) => head)],
    ...rows.map((row) => [row.name, ...columns.map((column) => row.paper[column] ?? ''), ...said.map(([, text]) => text(row))]),
  ];
}

const kinds = [
  ['inference', 'inferenceMs'],
  ['training step', 'trainingStepMs'],
] as const;

/** Milliseconds, a line for each thing that was timed on each machine, with a column for each row of the table; undefined where nothing was. */
function timingsOf({ rows }: FilledTable): readonly (readonly string[])[] | undefined {
  const lines = kinds.flatMap(([what, key]) => {
    const keyOf = ({ on, file }: Timing): string => `${on}\n${file}`;
    const each = new Map(rows.flatMap((row) => row[key].map((timing) => [keyOf(timing), timing])));
    const of = (row: FilledRow, { on, file }: Timing): string =>
      row[key].find((timing) => timing.on === on && timing.file === file)?.milliseconds.toString() ?? '';
    return [...each.values()].map((timing) => [
      `${what}, ${timing.on}`,
      ...rows.map((row) => of(row, timing)),
      `${timing.command} (${timing.file})`,
    ]);
  });
  return lines.length === 0 ? undefined : [['here, ms', ...rows.map(({ name }) => name), 'measured by'], ...lines];
}

/** The files and commands that a table's errors are of. */
const sourcesOf = ({ rows }: FilledTable): readonly string[] => [
  ...new Set(rows.flatMap(({ cifar10 }) => (cifar10 ? [`Measured: ${cifar10.command} (${cifar10.file}).`] : []))),
];

const remarksOf = (filled: FilledTable): readonly string[] => [...filled.notes, ...sourcesOf(filled)];

/** A table's own cells, and those of its timings. */
const blocksOf = (filled: FilledTable): readonly (readonly (readonly string[])[])[] => [
  cellsOf(filled),
  ...[timingsOf(filled) ?? []].filter(({ length }) => length > 0),
];

/** Parts with an empty line between them. */
const paragraphs = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n\n');

export const tablesText = (tables: readonly FilledTable[]): string =>
  paragraphs([
    [heading, ...sentences].join('\n'),
    ...tables.map((filled) => paragraphs([titleOf(filled), ...blocksOf(filled).map(table), remarksOf(filled).join('\n')])),
  ]);

export const tablesMarkdown = (tables: readonly FilledTable[]): string =>
  paragraphs([
    `# ${heading}`,
    sentences.join('\n'),
    ...tables.map((filled) => paragraphs([`## ${titleOf(filled)}`, ...blocksOf(filled).map(markdownTable), remarksOf(filled).join('\n')])),
  ]);

function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => visible(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, i) => (i > 0 && rows.every((cells) => /^[\d,.]*$/.test(cells[i] as string)) ? '---:' : '---'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** @param facts what the page says of where it was made */
export const tablesHtml = (tables: readonly FilledTable[], facts: readonly Fact[]): string =>
  page({
    title: heading,
    heading,
    facts,
    sections: [
      textsHtml(sentences),
      ...tables.map((filled) =>
        [
          `<h2>${escapeMarkup(titleOf(filled))}</h2>`,
          ...blocksOf(filled).map(([head = [], ...rows]) => htmlTable(head, rows)),
          textsHtml(remarksOf(filled)),
        ].join('\n'),
      ),
    ],
  });

const textsHtml = (texts: readonly string[]): string => texts.map((text) => `<p>${escapeMarkup(text)}</p>`).join('\n');
