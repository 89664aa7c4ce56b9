import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { InputError } from '../../errors.js';
import { objectWith, oneOf } from '../../io/schema.js';
import { readJsonAs } from '../../node/json.js';
import { print } from '../../node/output.js';
import { readConfigFile, runFiles } from '../../node/runs/folder.js';
import { readMetrics } from '../../node/runs/metrics.js';
import { writeWhole } from '../../node/writeWhole.js';
import { ablationHeadings, ablationReport } from '../../report/ablation.js';
import { gatesReport } from '../../report/gates.js';
import { lastStageReport } from '../../report/lastStage.js';
import type { Rendered } from '../../report/result.js';
import { runReport } from '../../report/training.js';
import { trainingCostReport } from '../../report/trainingCost.js';

/** `senet report`: pages and pictures of what was measured. */
export function reportCommand(): Command {
  return new Command('report')
    .description('render results as HTML and SVG, beside them')
    .argument('<path...>', "JSON files of findings or of `npm run bench:training`, or folders of `senet train`'s runs")
    .action(async (paths: readonly string[]) => {
      for (const path of paths) for (const file of await render(path)) print(file);
    });
}

/** By the `finding` that a result says it is. */
const renderers = {
  se: ablationReport(ablationHeadings.se),
  reduction: ablationReport(ablationHeadings.reduction),
  squeeze: ablationReport(ablationHeadings.squeeze),
  excitation: ablationReport(ablationHeadings.excitation),
  placement: ablationReport(ablationHeadings.placement),
  stages: ablationReport(ablationHeadings.stages),
  gates: gatesReport,
  'last-stage': lastStageReport,
  'training-cost': trainingCostReport,
} as const satisfies Readonly<Record<string, (result: unknown) => Rendered>>;

const findings = Object.keys(renderers) as (keyof typeof renderers)[];
const result = objectWith({ finding: oneOf(...findings) });

/** A result as pages and pictures. @throws InputError naming the key that is not what a result has */
export const rendered = (value: unknown): Rendered => renderers[result.read(value, '').finding](value);

/** @returns the files written */
async function render(path: string): Promise<readonly string[]> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return renderRun(path);
  const { html, pictures } = await readJsonAs(path, { what: 'a result', read: rendered });
  const stem = path.replace(/\.json$/, '');
  const files = [[`${stem}.html`, html], ...Object.entries(pictures).map(([end, svg]) => [`${stem}${end}.svg`, svg])] as [string, string][];
  for (const [file, content] of files) await writeWhole(file, content);
  return files.map(([file]) => file);
}

async function renderRun(folder: string): Promise<readonly string[]> {
  const file = join(folder, runFiles.config);
  if (!existsSync(file)) throw new InputError(`${folder}: expected the folder of a run of \`senet train\`, found no ${runFiles.config}`);
  const config = await readConfigFile(file);
  const report = join(folder, runFiles.report);
  await writeWhole(report, runReport(basename(folder), config, readMetrics(join(folder, runFiles.metrics))));
  return [report];
}
