import { count, parameters } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { findDetector } from '../models/detection/index.js';
import { createModel } from '../models/index.js';
import { pretrainedOf } from '../pretrained/index.js';
import { fullName } from '../pretrained/names.js';
import { sizeOf } from '../tensor.js';
import type { MeasuredResults } from './measured.js';
import { paperTables } from './paper.js';
import type { CountedAs, PaperRow, PaperTable } from './table.js';

/** A row of the paper, and what there is of it here. */
export interface FilledRow {
  readonly name: string;
  /** The paper's figures by column, as it prints them; null where it prints none, or it is not known. */
  readonly paper: Readonly<Record<string, string | null>>;
  /** The network or detector here, `source/name`; null where there is none. */
  readonly model: string | null;
  readonly options: CountedAs;
  /** Counted as the table says. */
  readonly parameters: number | null;
  /** Of one image of the network's own size; of detectors the largest. */
  readonly multiplyAdds: number | null;
  /** Of the same comparison on CIFAR-10: the mean of some seeds, in per cent, and its 95 % interval. */
  readonly cifar10: CifarError | null;
  /** Medians of milliseconds, and on what. */
  readonly inferenceMs: readonly Timing[];
  readonly trainingStepMs: readonly Timing[];
  /** What would fill the row, or more of it, given data. */
  readonly commands: readonly string[];
}

export interface CifarError {
  readonly error: number;
  readonly low: number;
  readonly high: number;
  readonly seeds: number;
  readonly network: string;
  readonly command: string;
  readonly file: string;
}

export interface Timing {
  readonly milliseconds: number;
  readonly on: string;
  readonly command: string;
  readonly file: string;
}

export interface FilledTable extends Pick<PaperTable, 'number' | 'title' | 'columns'> {
  readonly notes: readonly string[];
  readonly rows: readonly FilledRow[];
}

/** The paper's tables with what is counted now, and what was measured before. */
export const filledTables = (measured: MeasuredResults): readonly FilledTable[] =>
  paperTables.map((table) => ({
    number: table.number,
    title: table.title,
    columns: table.columns,
    notes: table.notes ?? [],
    rows: table.rows.map((row) => filledRow(row, table, measured)),
  }));

function filledRow(row: PaperRow, table: PaperTable, measured: MeasuredResults): FilledRow {
  const { name, paper, model, detector, options = {} } = row;
  const figure = (i: number): string | null => (paper[i] === undefined || paper[i] === '-' ? null : paper[i]);
  const cifar10 = cifarError(row, measured);
  return {
    name,
    paper: Object.fromEntries(table.columns.map((column, i) => [column, figure(i)])),
    model: model ?? detector ?? null,
    options,
    ...counted(row, table.counted ?? 'learned'),
    cifar10,
    ...timings(row, measured),
    commands: [...commandsOf(row, table), ...(row.cifar && cifar10 === null ? [experimentOf(row.cifar.finding)] : [])],
  };
}

function counted(row: PaperRow, what: 'learned' | 'stored'): Pick<FilledRow, 'parameters' | 'multiplyAdds'> {
  const graph = graphOf(row);
  if (graph === undefined) return { parameters: null, multiplyAdds: null };
  const { params, macs } = count(graph);
  const stored = (): number => parameters(graph).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return { parameters: what === 'learned' ? params : stored(), multiplyAdds: macs };
}

function graphOf({ model, detector, options = {} }: PaperRow): Graph | undefined {
  if (model !== undefined) return createModel(model, options);
  if (detector === undefined) return undefined;
  const { create, settings } = findDetector(detector);
  return create({ size: [settings.minSize, settings.maxSize] });
}

function cifarError({ cifar }: PaperRow, { ablations }: MeasuredResults): CifarError | null {
  const result = ablations.find(({ finding }) => finding === cifar?.finding);
  const variant = result?.variants.find(({ name }) => name === cifar?.name);
  if (result === undefined || variant === undefined) return null;
  const error = (share: number): number => Number((100 * (1 - share)).toFixed(3)); // five digits of a share were written
  const { network, command, file } = result;
  return { error: error(variant.mean), low: error(variant.high), high: error(variant.low), seeds: variant.seeds, network, command, file };
}

function timings(
  { timed, options, model }: PaperRow,
  { times, steps }: MeasuredResults,
): Pick<FilledRow, 'inferenceMs' | 'trainingStepMs'> {
  const ofRow = (row: { readonly model: string; readonly se: boolean }): boolean =>
    timed === true && row.model === model && row.se === (options?.se ?? true);
  return {
    inferenceMs: times
      .filter(ofRow)
      .map(({ milliseconds, cpu, runtime, command, file }) => ({ milliseconds, on: `${cpu}, one thread, ${runtime}`, command, file })),
    trainingStepMs: steps.filter(ofRow).map(({ milliseconds, cpu, batch, threads, command, file }) => ({
      milliseconds,
      on: `${cpu}, batch ${batch}, ${threads} thread${threads === 1 ? '' : 's'}`,
      command,
      file,
    })),
  };
}

/** Of weights that nobody publishes, or that are fetched by hand, the user has a file. */
function commandsOf({ commands, weights, model }: PaperRow, { images, flags }: PaperTable): readonly string[] {
  if (commands !== undefined) return commands;
  if (model === undefined) return [];
  const entry = pretrainedOf(model).find((known) => fullName(known) === weights);
  const which = weights !== undefined && entry?.origin.kind !== 'page' ? weights : `${model} --weights FILE`;
  return [['senet evaluate', images, '--model', which, flags].filter((part) => part !== undefined).join(' ')];
}

const experimentOf = (finding: string): string => `npm run experiment:ablations -- ${finding} --data cifar10`;
