import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseOptions, usage } from '../../serve/src/options.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'senet-serve-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test('without arguments it is the network that ships, on this machine alone, without a token', () => {
  expect(parseOptions([], {})).toMatchObject({ host: '127.0.0.1', port: 8080, models: [{ name: 'default' }], token: undefined });
});

test('every flag is in the usage, and every default as it says', () => {
  const options = parseOptions([], {}) as unknown as Record<string, unknown>;
  const stated = [...usage.matchAll(/--([\w-]+) .*\(default (\w[\w.]*)/g)].map(([, flag, value]) => [flag, value]);
  const read = {
    port: options.port,
    host: options.host,
    'max-batch': options.maxBatch,
    'batch-delay': options.batchDelayMs,
    'max-queue': options.maxQueue,
    'max-pixels': options.maxPixels,
    'max-body': options.bodyLimit,
    'max-images': options.maxImages,
    timeout: options.timeout,
    drain: options.drain,
    'log-level': options.logLevel,
  };
  expect(Object.fromEntries(stated)).toEqual(Object.fromEntries(Object.entries(read).map(([flag, value]) => [flag, String(value)])));
});

test('networks are named by --model and --weights', () => {
  const names = (...args: readonly string[]) => (parseOptions(args, {}) as { models: readonly object[] }).models;
  expect(names('--model', 'timm/seresnet50.ra2_in1k')).toEqual([{ name: 'seresnet50.ra2_in1k', model: 'timm/seresnet50.ra2_in1k' }]);
  expect(names('--weights', '/a/b/mine.safetensors')).toEqual([{ name: 'mine', weights: '/a/b/mine.safetensors' }]);
  expect(names('--model', 'a', '--weights', 'x.pth', '--model', 'b', '--weights', 'y.pth')).toEqual([
    { name: 'a', model: 'a', weights: 'x.pth' },
    { name: 'b', model: 'b', weights: 'y.pth' },
  ]);
  expect(names('--labels', 'mine.txt')).toEqual([{ name: 'default', labels: 'mine.txt' }]);
  expect(names('--weights', 'x.pth', '--labels', 'x.txt', '--weights', 'y.pth', '--labels', 'y.json')).toEqual([
    { name: 'x', weights: 'x.pth', labels: 'x.txt' },
    { name: 'y', weights: 'y.pth', labels: 'y.json' },
  ]);
});

test('the token is of a file or the environment, the file first', () => {
  const token = (args: readonly string[], env = {}) => (parseOptions(args, env) as { token: string }).token;
  expect(token([], { SENET_SERVE_TOKEN: 'abc=' })).toBe('abc=');
  expect(token(['--token-file', file('token', 'open.sesame\n')], { SENET_SERVE_TOKEN: 'abc' })).toBe('open.sesame');
});

test.each([
  [['--nope'], /--nope.*senet-serve --help/],
  [['stray'], /stray/],
  [['--port'], /--port/],
  [['--port', '70000'], /--port is a whole number from 0 to 65535, not "70000"/],
  [['--workers', '0'], /--workers is a whole number from 1/],
  [['--max-batch', '1e2'], /--max-batch .* "1e2"/],
  [['--timeout', ''], /--timeout .* ""/],
  [['--log-level', 'loud'], /--log-level is one of fatal, error/],
  [['--model', 'a', '--model', 'a'], /two networks are called a/],
  [['--model', 'a', '--model', 'b', '--weights', 'x'], /2 --model and 1 --weights/],
  [['--labels', 'x', '--labels', 'y'], /2 --labels and one network: each has its own, or none has/],
  [['--model', 'a', '--model', 'b', '--labels', 'x'], /1 --labels and 2 networks/],
  [['--token-file', '/nowhere/token'], /--token-file \/nowhere\/token cannot be read: ENOENT/],
])('%j is refused', (args, message) => {
  expect(() => parseOptions(args, {})).toThrow(message);
});

test('a token that cannot be sent in a header is refused', () => {
  for (const text of ['', 'two words', 'ü'])
    expect(() => parseOptions(['--token-file', file('bad', text)], {})).toThrow(/a token is letters, digits/);
});
