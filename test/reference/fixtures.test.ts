import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findEngines } from '../../reference/crosscheck/engines.js';
import { prepare } from '../../reference/crosscheck/examine.js';
import { between, type Fixture, fixtureText, record, recordedOutput } from '../../reference/crosscheck/fixture.js';
import { judge } from '../../reference/crosscheck/judge.js';
import { ourEngines } from '../../reference/crosscheck/ours.js';
import { here, root } from '../../reference/crosscheck/place.js';
import { caseText } from '../../reference/properties/case.js';
import { type PropertyName, properties } from '../../reference/properties/properties.js';
import { UnsupportedError } from '../../src/errors.js';
import type { Tensor } from '../../src/tensor.js';
import { faulty } from './faulty.js';

const ops = Object.keys(properties) as PropertyName[];

/** Ours against what an engine computed elsewhere: no further off than both bounds together. @returns how many results were compared */
async function replay({ cases }: Fixture): Promise<number> {
  let compared = 0;
  for (const recorded of cases) {
    const prepared = prepare(recorded.case);
    const output = recordedOutput(recorded);
    for (const checked of ourEngines(here)) {
      const { engine, filtering } = checked;
      const result = await engine.run(prepared.graph, prepared.numbers.weights, prepared.numbers.inputs).catch((error: unknown) => {
        if (error instanceof UnsupportedError) return undefined;
        throw error;
      });
      if (result === undefined) continue;
      const bound = between(output, prepared.truth('direct'), prepared.truth(filtering));
      const { kind, ...rest } = judge(recorded.case, result.get('logits') as Tensor, bound, filtering);
      expect(kind, `${engine.engine}: ${caseText(recorded.case)}: ${JSON.stringify(rest)}`).toBe('within');
      compared++;
    }
  }
  return compared;
}

describe('recording', () => {
  test('what tfjs-wasm computed, once through a file, agrees with ours', async () => {
    const { engines } = await findEngines(['tfjs-wasm'], false);
    const wasm = engines[0] ?? expect.fail('no tfjs-wasm');
    const fixture = await record(wasm, ops, 1, '2026-01-01');
    expect(fixture.provenance).toEqual({ engine: 'tfjs-wasm', version: wasm.engine.version, runtime: here.runtime });
    for (const { op } of fixture.cases.map((recorded) => recorded.case)) expect(op in properties).toBe(true);
    expect(new Set(fixture.cases.map((recorded) => recorded.case.op)).size).toBe(ops.length - 1);

    const folder = await mkdtemp(join(tmpdir(), 'senet-fixtures-'));
    const file = join(folder, 'tfjs-wasm.json');
    await writeFile(file, fixtureText(fixture));
    const read = JSON.parse(readFileSync(file, 'utf8')) as Fixture;
    await rm(folder, { recursive: true });
    expect(read).toEqual(fixture);
    expect(await replay(read)).toBeGreaterThan(3 * fixture.cases.length - 1);
  });

  test('leaves out what is outside its bound', async () => {
    const wrong = faulty('wrong', (y, { nodes }) => {
      if (nodes.at(-1)?.op !== 'relu') return y;
      y.data[0] = Number.isNaN(y.data[0]) ? 0 : NaN;
      return y;
    });
    const { cases } = await record(wrong, ['relu', 'concat'], 1, '2026-01-01');
    expect(cases.map((recorded) => recorded.case.op)).toEqual(Array(12).fill('concat'));
  });

  test('a recorded value that is off is noticed', async () => {
    const reference = faulty('right', (y) => y);
    const fixture = await record(reference, ['multiply'], 1, '2026-01-01');
    const first = fixture.cases[0] ?? expect.fail('nothing recorded');
    const output = recordedOutput(first);
    output.data[0] = (output.data[0] as number) * 1.001 + 2 ** -100;
    const damaged = { ...first, output: Buffer.from((output.data as Float32Array).buffer).toString('base64') };
    await expect(replay({ ...fixture, cases: [damaged, ...fixture.cases.slice(1)] })).rejects.toThrow('multiply of input');
  });
});

const folder = join(root, 'reference/fixtures');
describe('recorded on GPUs', () => {
  test.each(readdirSync(folder))('%s agrees with ours', async (file) => {
    const fixture = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Fixture;
    expect(fixture.provenance).toMatchObject({ engine: expect.stringMatching(/^tfjs-web(gl|gpu)$/), adapter: expect.any(String) });
    expect(await replay(fixture)).toBeGreaterThan(3 * fixture.cases.length - 1);
  });
});
