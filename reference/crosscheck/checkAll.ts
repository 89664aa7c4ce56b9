import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { isDeep } from '../properties/deep.js';
import { type PropertyName, properties } from '../properties/properties.js';
import type { Checked } from './checked.js';
import type { Engines } from './engines.js';
import { measure } from './measure.js';
import { machineFacts, originOf, root, slug, today } from './place.js';
import { replay, reportMarkdown } from './report.js';
import type { Finding, Result, Row } from './result.js';

export interface Run {
  readonly ops: readonly PropertyName[];
  readonly seed: number;
  readonly cases: number;
  /** For each adapter. */
  readonly gpuMinutes: number;
}

/** Every op on every engine. */
export async function checkAll(
  { engines, missing }: Engines,
  { ops, seed, cases, gpuMinutes }: Run,
  progress: (text: string) => void,
): Promise<Result> {
  const rows: Row[] = [];
  const findings: Finding[] = [];
  const gpuMs = gpuShare(engines, gpuMinutes, ops.length);
  for (const op of ops) {
    const found = await measure(op, engines, { seed, cases, gpuMs }, progress);
    rows.push(...found.rows);
    findings.push(...found.findings);
    progress(`${op}: ${cases} cases`);
    for (const { engine, fault, cases: many, what, path } of found.findings)
      progress(`  ${engine}, ${fault} in ${many}: ${what}\n         ${replay(op, engine, seed, path)}`);
  }
  return {
    date: today(),
    command: ['npm run crosscheck', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
    seed,
    host: machineFacts(),
    engines: engines.map(({ engine }) => originOf(engine)),
    missing,
    deep: deepShares(ops, seed, cases),
    rows,
    findings,
  };
}

/** The engines of an adapter share its minutes, and so do the ops. In milliseconds. */
function gpuShare(engines: readonly Checked[], minutes: number, ops: number): number {
  const adapters = engines.flatMap(({ engine: { adapter } }) => adapter ?? []);
  const sharing = Math.max(1, ...adapters.map((adapter) => adapters.filter((other) => other === adapter).length));
  return (minutes * 60_000) / sharing / ops;
}

function deepShares(ops: readonly PropertyName[], seed: number, cases: number): Result['deep'] {
  const products = ops.filter((op) => op === 'conv2d' || op === 'conv3x3' || op === 'linear');
  const drawn = (op: PropertyName) => fc.sample(properties[op](), { seed, numRuns: cases });
  return Object.fromEntries(products.map((op) => [op, { cases: drawn(op).filter(isDeep).length, of: cases }]));
}

/** Writes the result and the report. @returns the files */
export async function keep(result: Result): Promise<readonly [string, string]> {
  const results = join(root, 'reference/results');
  const docs = join(root, 'docs');
  await mkdir(results, { recursive: true });
  await mkdir(docs, { recursive: true });
  const file = join(results, `${result.date}-${slug(result.host.cpu)}.json`);
  const report = join(docs, 'accuracy.md');
  await writeFile(file, `${JSON.stringify(result, null, 1)}\n`);
  await writeFile(report, reportMarkdown(result));
  return [file, report];
}
