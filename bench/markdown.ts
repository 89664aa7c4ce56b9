import { costText, ratioText } from '../src/report/bench.js';
import type { Paired } from '../src/stats/paired.js';
import { hasInterval } from '../src/stats/timing.js';
import { type BenchRow, type Contestant, isTimed, type Result, type StartRow, type TimedRow } from './result.js';

/** One suite of bench/results/README.md: who was timed how, the tables, and why what is missing is missing. */
export function reportMarkdown(result: Result): string {
  const { date, host, command, rounds, rows } = result;
  const batches = [...new Set(rows.map(({ batch }) => batch))].sort((a, b) => a - b);
  const counts = Object.entries(rounds).map(([batch, runs]) => `${runs} at batch ${batch}`);
  const parts = [
    `${host.cpu}, ${host.cores} cores, one thread unless a row names more, float32, 224×224, synthetic weights; ${date}, \`${command}\`. Engines agree on the logits first, then those`,
    `in one process run in turns; medians of ${counts.join(', ')}, the least in brackets. _Italics_: the same network without its gates. Cost of SE: the median of paired`,
    "ratios and its 95 % interval; the paper's is +1.8 %. Error: of the logits against PyTorch's float64, relative to the largest. `fast`: Winograd's filtering where it pays; `direct`: never. `relaxed`: fused",
    'multiply-add; `strict`: without.',
    '',
    markdownTable(timesTable(rows.filter(({ batch }) => batch === batches[0]))),
  ];
  for (const batch of batches.slice(1))
    parts.push('', `Batch ${batch}, milliseconds an image:`, '', markdownTable(timesTable(rows.filter((row) => row.batch === batch))));
  if (result.starts.length > 0) parts.push('', startsText(result.starts), '', markdownTable(startsTable(result.starts)));
  const gains = speedups(rows);
  if (gains.length > 0) parts.push('', ...gains);
  const notes = footnotes(result);
  if (notes.length > 0) parts.push('', ...notes);
  return parts.join('\n');
}

/** The contestants of the project's README: ours by default, ours at its fastest, and the others, one thread each. */
const shown: readonly ((row: Contestant) => boolean)[] = [
  ({ engine, variant, algorithms, runtime }) => ours(engine, variant, algorithms) && /^Node 20\b/.test(runtime),
  ({ engine, variant, algorithms, runtime }) => ours(engine, variant, algorithms) && /paired vectors/.test(runtime),
  ({ engine }) => engine === 'tfjs',
  ({ engine }) => engine === 'ort',
  ({ engine }) => engine === 'litert',
  ({ engine }) => engine === 'ort-native',
];

const ours = (engine: string, variant: string, algorithms: string | undefined): boolean =>
  engine === 'senet' && variant === 'relaxed' && (algorithms ?? 'fast') === 'fast';

/** The README's table: `model` in five engines, milliseconds an image at batch 1, error, and what each takes to install. */
export function summaryMarkdown({ date, host, rows, starts }: Result, model: string): string {
  const body = shown.flatMap((fits) => {
    const row = rows.filter(isTimed).find((timed) => timed.model === model && timed.se && timed.batch === 1 && one(timed) && fits(timed));
    const bytes = starts.find((start) => start.packageBytes !== undefined && start.engine === row?.engine)?.packageBytes;
    return row === undefined
      ? []
      : [[engineLabel(row), row.runtime, row.medianMs.toFixed(1), errorText(row), bytes === undefined ? '' : (bytes / 1e6).toFixed(1)]];
  });
  const table = markdownTable([['engine', 'runtime', `${shortName(model)}, ms`, 'error', 'to install, MB'], ...body]);
  return `${table}\n\n${host.cpu}, one thread, ${date}. Error: of the logits against PyTorch's float64, relative to the largest.`;
}

const one = ({ threads }: Contestant): boolean => (threads ?? 1) === 1;

/** `timm/legacy_seresnet50` → `legacy_seresnet50`. */
export const shortName = (model: string): string => model.slice(model.lastIndexOf('/') + 1);

const engines: Readonly<Record<string, string>> = {
  tfjs: 'tfjs-wasm',
  ort: 'onnxruntime-web',
  litert: 'LiteRT.js',
  'ort-native': 'onnxruntime-node (native)',
};

/** `senet relaxed fast`, `tfjs-wasm`. */
export const engineLabel = ({ engine, variant, algorithms }: Contestant): string =>
  engines[engine] ?? [engine, variant, algorithms].filter(Boolean).join(' ');

/** `senet relaxed fast, not fused, 2 threads`: one is not said. */
const threadedLabel = (row: Contestant): string =>
  [engineLabel(row), row.notFused && 'not fused', (row.threads ?? 1) > 1 && `${row.threads} threads`].filter(Boolean).join(', ');

/** Those that stand in one line: an engine with its kernels and threads in a runtime. */
export const contestantKey = (row: Contestant): string => `${threadedLabel(row)} | ${row.runtime}`;

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];

/** A head and its lines. */
export type Table = readonly (readonly string[])[];

export function markdownTable([head, ...body]: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const columns = head ?? [];
  return [line(columns), line(columns.map((_, i) => (i < 2 ? '---' : '---:'))), ...body.map(line)].join('\n');
}

/** One line per contestant, and for each network its milliseconds an image, the twin's, and the cost of SE. */
export function timesTable(rows: readonly BenchRow[]): Table {
  const models = unique(rows.map(({ model }) => model));
  const gated = (model: string): boolean => rows.some((row) => row.model === model && isTimed(row) && row.se);
  const known = (model: string): boolean => rows.some((row) => row.model === model && isTimed(row) && row.relativeError !== undefined);
  const head = [
    'engine',
    'runtime',
    ...models.flatMap((model) => [`${shortName(model)}, ms`, ...(known(model) ? ['error'] : []), ...(gated(model) ? ['cost of SE'] : [])]),
  ];
  const body = unique(rows.map(contestantKey)).map((key) => {
    const [first, ...others] = rows.filter((row) => contestantKey(row) === key) as [BenchRow, ...BenchRow[]];
    const mine = [first, ...others];
    const cells = models.flatMap((model) => {
      const of = mine.filter((row): row is TimedRow => row.model === model && isTimed(row));
      const timed = of.find(({ se }) => se) ?? of[0];
      const twin = gated(model) ? of.find(({ se }) => !se) : undefined;
      return [timesText(timed, twin), ...(known(model) ? [errorText(timed)] : []), ...(gated(model) ? [seCostText(timed)] : [])];
    });
    return [threadedLabel(first), first.runtime, ...cells];
  });
  return [head, ...body];
}

const errorText = (timed: TimedRow | undefined): string => timed?.relativeError?.toExponential(1) ?? '';

function timesText(timed: TimedRow | undefined, twin: TimedRow | undefined): string {
  if (timed === undefined) return 'failed';
  const text = ({ medianMs, batch }: TimedRow): string => (medianMs / batch).toFixed(1);
  return `${text(timed)} (${(timed.minMs / timed.batch).toFixed(1)})${timed.composed ? '†' : ''}${twin === undefined ? '' : ` _${text(twin)}_`}`;
}

/** Nothing is claimed from an engine that composes an op it lacks. */
const seCostText = (timed: TimedRow | undefined): string => {
  const cost = timed?.seCostPercent;
  if (cost === undefined || timed?.composed) return '';
  return hasInterval(cost.pairs) ? costText(cost) : `${cost.median < 0 ? '' : '+'}${cost.median.toFixed(1)} % of ${cost.pairs} pairs`;
};

/** A line a network and kernels: how much faster several threads are than one, run in turns. */
function speedups(rows: readonly BenchRow[]): readonly string[] {
  const gained = rows
    .filter(isTimed)
    .filter(
      ({ se, speedup, model }) => speedup !== undefined && (se || !rows.some((row) => row.model === model && isTimed(row) && row.se)),
    );
  if (gained.length === 0) return [];
  return [
    `${gained[0]?.threads} threads against one, in turns, the median of paired ratios and its 95 % interval:`,
    '',
    ...gained.map((row) => `- ${shortName(row.model)} ${row.algorithms} ${ratioText(row.speedup as Paired)}`),
  ];
}

export const startsText = ([first]: readonly StartRow[]): string =>
  `From a process's start to the first logits of ${shortName(first?.model ?? '')}, weights read from a file. Beside it the process's peak memory, and the engine's npm packages unpacked, without the runtime. Packed: from what \`session.save()\` gave.`;

export function startsTable(starts: readonly StartRow[]): Table {
  const fixed = (value: number | undefined, digits: number): string => value?.toFixed(digits) ?? 'failed';
  const body = starts.map((row) => [
    row.packed ? `${engineLabel(row)}, packed` : engineLabel(row),
    row.runtime,
    fixed(row.coldStartMs, 0),
    fixed(row.peakMiB, 0),
    row.packageBytes === undefined ? 'failed' : fixed(row.packageBytes / 1e6, 1),
  ]);
  return [['engine', 'runtime', 'cold start, ms', 'peak memory, MiB', 'packages, MB'], ...body];
}

export function footnotes({ rows, starts }: Result): readonly string[] {
  const failures = unique(
    [...rows, ...starts].flatMap((row) =>
      'error' in row && row.error !== undefined ? [`${threadedLabel(row)} on ${row.runtime}: ${row.error}`] : [],
    ),
  );
  const composed = rows.some((row) => isTimed(row) && row.composed);
  return [
    ...(composed ? ['† grouped convolutions composed of others, since the engine has none: no ratio is claimed from these.'] : []),
    ...failures.map((failure) => `- ${failure}`),
  ];
}

/** The text with what is between the suite's markers replaced. @throws Error if it lacks a marker */
export function insert(page: string, suite: string, report: string): string {
  const [begin, end] = [`<!-- bench:${suite}:start -->`, `<!-- bench:${suite}:end -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`expected ${begin} … ${end}, found neither or one`);
  return `${page.slice(0, from + begin.length)}\n${report}\n${page.slice(to)}`;
}
