import type { ClassScore, Confusion } from '../classifier/scores.js';
import type { Reading } from '../data/reading.js';
import type { Preset } from '../pretrained/preset.js';
import type { Rate } from '../stats/rate.js';
import { escapeMarkup, intervalText, percent, thousands } from './format.js';
import { type Fact, htmlTable, page } from './html.js';
import { costText, type ProtocolReport } from './protocol.js';
import { table } from './table.js';

/** A network that answered, alone or with others. */
export interface EvaluatedMember {
  readonly model: string;
  readonly weights: { readonly file: string; readonly takenFrom?: string; readonly sha256: string };
  readonly preset: Preset;
}

/** What `senet evaluate --json` prints. Errors are shares, from 0 to 1. */
export interface Evaluation extends Reading {
  /** The folder or list. */
  readonly data: string;
  readonly model: string;
  /** Of one network; null of an ensemble, which `members` tells of. */
  readonly weights: EvaluatedMember['weights'] | null;
  readonly preset: Preset | null;
  readonly members: readonly EvaluatedMember[];
  /** Which views of an image were taken, and what that costs. */
  readonly protocol: ProtocolReport;
  /** Those that could be read. */
  readonly images: number;
  readonly top1: Rate;
  readonly top5: Rate;
  /** What the publisher measured, and on which test images, made as these; null where nobody says. */
  readonly published: { readonly on: string; readonly top1: number; readonly top5: number } | null;
  readonly classes: readonly (ClassScore & { readonly name: string })[];
  readonly confusions: readonly (Confusion & { readonly labelName: string; readonly takenName: string })[];
  readonly failed: readonly { readonly file: string; readonly error: string }[];
}

const rateText = ({ error, interval: [low, high] }: Rate): string => intervalText(percent(error), low, high, percent);

/** So many rows of the longer tables are shown to people; JSON has them all. */
const mostRows = 10;

/** What a person reads on a terminal. */
export function evaluationText(evaluation: Evaluation): string {
  const { classes, confusions, failed } = evaluation;
  const worst = classes.toSorted((a, b) => b.top1.error - a.top1.error || b.top1.images - a.top1.images).slice(0, mostRows);
  const parts = [
    table([['', 'error', '95 % interval', publishedHead(evaluation)], ...summaryRows(evaluation)]),
    `${thousands(evaluation.images)} images of ${classes.length} classes, ${evaluation.model}, ${costText(evaluation.protocol)}${failed.length > 0 ? `; ${failed.length} could not be read` : ''}`,
    table([
      ['worst classes', 'images', 'top-1 error', 'top-5 error'],
      ...worst.map(({ name, top1, top5 }) => [name, thousands(top1.images), percent(top1.error), percent(top5.error)]),
    ]),
  ];
  if (confusions.length > 0)
    parts.push(
      table([
        ['taken for', 'instead of', 'images'],
        ...confusions.slice(0, mostRows).map(({ labelName, takenName, images }) => [takenName, labelName, thousands(images)]),
      ]),
    );
  return parts.join('\n\n');
}

const publishedHead = ({ published }: Evaluation): string => (published ? `published for ${published.on}` : 'published');

function summaryRows({ top1, top5, published }: Evaluation): string[][] {
  const row = (name: string, rate: Rate, theirs: number | undefined): string[] => {
    const [low, high] = rate.interval;
    return [name, percent(rate.error), `${percent(low)} to ${percent(high)}`, theirs === undefined ? '-' : percent(theirs)];
  };
  return [row('top-1', top1, published?.top1), row('top-5', top5, published?.top5)];
}

/** Up to so many classes the whole matrix of confusions can be read. */
const mostMatrix = 40;

/** A page that needs nothing beside itself. */
export function evaluationHtml(evaluation: Evaluation): string {
  const { data, model, members, protocol, images, classes, confusions, failed } = evaluation;
  const facts: Fact[] = [
    ['model', model],
    ...members.map(
      ({ weights }): Fact => [
        'weights',
        `${weights.file}${weights.takenFrom === undefined ? '' : `, ${weights.takenFrom}`}, SHA-256 ${weights.sha256}`,
      ],
    ),
    ['images', `${thousands(images)} of ${data}${failed.length > 0 ? `; ${failed.length} more could not be read` : ''}`],
    ...members.map(({ preset }, i): Fact => ['preprocessing', memberText(preset, protocol.members[i] as ProtocolReport['members'][0])]),
    ['protocol', `${costText(protocol)}, means of ${protocol.average}`],
  ];
  const sections = [
    htmlTable(['', 'error', '95 % interval (Wilson)', publishedHead(evaluation)], summaryRows(evaluation)),
    '<h2>Classes</h2>',
    htmlTable(
      ['index', 'class', 'images', 'top-1 error', 'top-5 error', 'others taken for it'],
      classes.map(({ index, name, top1, top5, wrongly }) => [
        String(index),
        name,
        thousands(top1.images),
        rateText(top1),
        rateText(top5),
        thousands(wrongly),
      ]),
    ),
    '<h2>Confusions</h2>',
    classes.length <= mostMatrix ? matrix(evaluation) : '',
    htmlTable(
      ['class', 'taken for', 'images'],
      confusions.slice(0, 200).map(({ labelName, takenName, images }) => [labelName, takenName, thousands(images)]),
    ),
    ...(failed.length > 0
      ? [
          '<h2>Not read</h2>',
          htmlTable(
            ['file', 'why'],
            failed.map(({ file, error }) => [file, error]),
          ),
        ]
      : []),
  ];
  return page({ title: `${model} on ${data}`, heading: model, facts, sections });
}

const memberText = ({ size, filter }: Preset, { scales, views, weight }: ProtocolReport['members'][0]): string =>
  `${size} pixels of a shorter side of ${scales.join(', ')}, ${filter}; ${views} view${views === 1 ? '' : 's'}, weight ${Number(weight.toFixed(4))}`;

/** Rows are what is on the images, columns what they were taken for; the darker, the larger a share of its row. */
function matrix({ classes, confusions }: Evaluation): string {
  const columns = [...new Set([...classes.map(({ index }) => index), ...confusions.map(({ taken }) => taken)])].sort((a, b) => a - b);
  const names = new Map([
    ...classes.map(({ index, name }) => [index, name] as const),
    ...confusions.map(({ taken, takenName }) => [taken, takenName] as const),
  ]);
  const counts = new Map(confusions.map(({ label, taken, images }) => [`${label} ${taken}`, images]));
  const rows = classes.map(({ index, name, top1 }) => {
    const cells = columns.map((column) => {
      const images = column === index ? top1.images - top1.errors : (counts.get(`${index} ${column}`) ?? 0);
      const colour = column === index ? '0, 114, 178' : '213, 94, 0';
      return images === 0
        ? '<td></td>'
        : `<td style="background: rgba(${colour}, ${(0.1 + (0.7 * images) / top1.images).toFixed(2)})">${images}</td>`;
    });
    return `<tr><th>${escapeMarkup(name)}</th>${cells.join('')}</tr>`;
  });
  const head = columns.map((column) => `<th>${escapeMarkup(names.get(column) as string)}</th>`);
  return `<table class="matrix"><thead><tr><th></th>${head.join('')}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}
