import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a process notes of itself: what is global, what listens, what keeps it alive, and what WebAssembly and the network were asked for. */
const program = `
const facts = () => ({
  globals: Object.getOwnPropertyNames(globalThis).sort(),
  arrays: Object.getOwnPropertyNames(Array.prototype).sort(),
  listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]).sort(),
  alive: process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap' && kind !== 'TTYWrap').sort(),
  environment: { ...process.env },
  flags: [...process.execArgv],
  folder: process.cwd(),
});
const asked = [];
for (const [object, name] of [[WebAssembly, 'Module'], [WebAssembly, 'Memory'], [WebAssembly, 'compile'], [WebAssembly, 'instantiate'], [globalThis, 'fetch']]) {
  const own = object[name];
  object[name] = new Proxy(own, { apply: (f, self, args) => (asked.push(name), Reflect.apply(f, self, args)), construct: (f, args) => (asked.push(name), Reflect.construct(f, args)) });
}
const before = facts();
await import(process.argv[1]);
await new Promise((resolve) => setTimeout(resolve, 0));
console.log(JSON.stringify({ before, after: facts(), asked }));
`;

const entries = Object.keys(JSON.parse(await readFile(`${root}/package.json`, 'utf8')).exports)
  .filter((path) => !path.includes('*') && !/\.json$|assets/.test(path))
  .map((path) => path.replace(/^\./, 'senet'));

test('there are entries', () => {
  expect(entries).toContain('senet');
  expect(entries).toContain('senet/node');
});

test.each(entries)('nothing happens when %s is imported', async (entry) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, entry], { cwd: root });
  expect(stderr).toBe('');
  const { before, after, asked } = JSON.parse(stdout);
  expect(after).toEqual(before);
  expect(asked).toEqual([]);
});
