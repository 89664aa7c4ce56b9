import { expect, test } from 'vitest';
import { documented } from '../support/documentedBits.js';

const load = <T>(path: string): Promise<T> => import(new URL(`../../dist/bench/matrix/${path}`, import.meta.url).href);
const { inRuntime } = await load<typeof import('../../bench/matrix/processes.js')>('processes.js');
const { shortTask } = await load<typeof import('../../bench/matrix/task.js')>('task.js');

test.each(['node', 'node26', 'deno', 'bun'] as const)(
  'docs/runtimes.md has the strict bits of %s, on one thread and on two',
  async (name) => {
    const { answer } = await inRuntime(shortTask, name, [], {});
    expect(answer.bits).toMatchObject(documented(shortTask.networks));
    expect(answer.threads).toMatchObject(documented(shortTask.threaded, { threads: 2 }));
  },
);
