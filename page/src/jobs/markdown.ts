import type { EngineTiming } from '#senet/measure/bench.js';
import { costText, ratioText } from '#senet/report/bench.js';

/** The rows of a measurement for an issue or a message, with the browser that they are of. */
export function asMarkdown(rows: readonly EngineTiming[], agent = navigator.userAgent): string {
  const cells = rows.map(({ model, se, engine, version, variant, medianMs, minMs, seCostPercent, timesOurs }) => [
    `${model}${se ? '' : ' without gates'}`,
    `${engine} ${version}${engine === 'senet' ? ` ${variant}` : ''}`,
    medianMs.toFixed(1),
    minMs.toFixed(1),
    seCostPercent ? costText(seCostPercent) : '',
    timesOurs ? ratioText(timesOurs) : '',
  ]);
  const lines = [
    ['network', 'engine', 'median ms', 'min ms', 'cost of SE', 'times ours'],
    ['---', '---', '---:', '---:', '---', '---'],
    ...cells,
  ];
  return `${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n\n${agent}\n`;
}
