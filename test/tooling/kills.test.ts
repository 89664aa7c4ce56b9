import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const driver = fileURLToPath(new URL('../../tooling/kills.js', import.meta.url));

/** The short form of `npm run kills`; of this seed each work is killed once, after its first trace. */
test('train, evaluate, convert and download lose nothing when they are killed', { timeout: 240_000 }, async () => {
  const run = promisify(execFile)(process.execPath, [driver, '--kills', '4', '--seed', '308', '--json']);
  const { stdout } = await run.catch((failed: { readonly stdout: string }) => failed); // which says what was lost
  const { kills, lost, works } = JSON.parse(stdout);
  expect(kills).toBeGreaterThanOrEqual(4);
  expect([lost, works.flatMap(({ faults }: { faults: readonly string[] }) => faults)]).toEqual([0, []]);
});
