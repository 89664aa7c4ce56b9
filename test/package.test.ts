import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

test('npm pack holds what users need and nothing else', { timeout: 180_000 }, () => {
  const [{ files }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }),
  ) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  const allowed =
    /^(dist\/(src|reference)\/(?!(browsers|crosscheck|networks|pixels|properties)\/).*\.(js|d\.ts)|dist\/(node|web)\/[\w-]+\.js|assets\/.*|README\.md|ARCHITECTURE\.md|CHANGELOG\.md|LICENSE|package\.json)$/;
  expect(paths.filter((path) => !allowed.test(path))).toEqual([]);
  for (const needed of [
    'dist/src/index.js',
    'dist/src/index.d.ts',
    'dist/node/cli.js',
    'dist/node/index.js',
    'dist/node/worker.js',
    'dist/web/index.js',
    'dist/web/worker.js',
    'dist/web/classifierWorker.js',
    'dist/reference/engines/index.js',
    'assets/conformance/se-resnet-50.json',
    'assets/images/chelsea.png',
  ])
    expect(paths).toContain(needed);
});

test('the library is importable by its name, with nothing but its own code', async () => {
  const name = 'senet';
  const { createModel, count } = (await import(name)) as typeof import('../src/index.js');
  expect(count(createModel('seresnet50'))).toEqual({ params: 28088024, macs: 4091699200 });
});
