import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { abi } from '../../src/plan/abi.js';

/** Parameter names of every exported function in kernels/, read from the source. */
function signatures(): ReadonlyMap<string, readonly string[]> {
  const folder = new URL('../../kernels/', import.meta.url);
  const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  const functions = source.matchAll(/^export function (\w+)\(([^)]*)\)/gm);
  return new Map(
    [...functions].map(([, name = '', list = '']) => [name, [...list.matchAll(/(\w+):/g)].map(([, parameter = '']) => parameter)]),
  );
}

test('the table of kernel parameters is what the kernels declare, in order', () => {
  const declared = signatures();
  for (const [kernel, names] of Object.entries(abi)) expect([kernel, declared.get(kernel)]).toEqual([kernel, [...names, 'begin', 'end']]);
});
