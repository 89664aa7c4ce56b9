import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { long } from '../support/length.js';

const driver = fileURLToPath(new URL('../../tooling/kills.js', import.meta.url));
const run = (...flags: readonly string[]) => promisify(execFile)(process.execPath, [driver, ...flags]);

/** The short form of `npm run kills`; of this seed each work is killed once, after its first trace. Tests of each command kill it in a plain run. */
if (long)
  test('train, evaluate, convert and download lose nothing when they are killed', { timeout: 240_000 }, async () => {
    const { stdout } = await run('--kills', '4', '--seed', '308', '--json').catch((failed: { readonly stdout: string }) => failed); // which says what was lost
    const { kills, lost, works } = JSON.parse(stdout);
    expect(kills).toBeGreaterThanOrEqual(4);
    expect([lost, works.flatMap(({ faults }: { faults: readonly string[] }) => faults)]).toEqual([0, []]);
  });

test.each([
  ['--kills', '0'],
  ['--seed', 'one'],
])('%s %s is refused before anything is started', async (...flags) => {
  await expect(run(...flags)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('--kills and --seed are whole numbers') });
});
