import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { senet } from '../cli/senet.js';

/** What `npm run fetch:networks` fetches: a trained MobileNetV3-Small of three classes, and two photographs of each. */
const folder = join(import.meta.dirname, '../../networks/qvac');
const labels = { meal: 'food', report: 'report', other: 'other' } as const;

let made: string;
beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'senet-quantised-'));
});
afterAll(() => rm(made, { recursive: true }));

test("QVAC's three classes: in 8 bits, every layer of it, all six photographs are answered as their names say", {
  timeout: 300_000,
}, async () => {
  const weights = join(folder, 'mobilenetv3_3class_v3_fp16.gguf');
  const file = join(made, 'int8.safetensors');
  const written = await senet('quantize', '--weights', weights, '--images', folder, '-o', file, '--json');
  expect([written.code, JSON.parse(written.stdout)]).toEqual([0, expect.objectContaining({ kept: [], agreement: 1 })]);
  const pictures = Object.entries(labels).flatMap(([name, label]) =>
    [1, 2].map((i) => ({ path: join(folder, `${name}_${i}.jpg`), label })),
  );
  const { stdout } = await senet('classify', ...pictures.map(({ path }) => path), '--weights', file, '--json');
  const answers = JSON.parse(stdout) as readonly { readonly top: readonly { readonly label: string }[] }[];
  expect(answers.map(({ top }) => top[0]?.label)).toEqual(pictures.map(({ label }) => label));
});
