import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveSafetensors } from '../src/io/safetensors.js';
import { syntheticWeights } from '../src/io/synthetic.js';
import { findDetector } from '../src/models/detection/index.js';
import { type Tensor, tensor } from '../src/tensor.js';
import { long } from './support/length.js';

/** Every program of docs/library.md, as it stands, in a folder where the package is installed. */
const project = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
let programs: readonly string[];
/** With a cache that has the detector, as it is downloaded by its name. */
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-library-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(project, join(folder, 'node_modules/senet'), 'dir');
  await copyFile(join(project, 'test/fixtures/onnx/senext-dynamic.onnx'), join(folder, 'model.onnx'));
  for (const file of ['weights.safetensors', 'dump.safetensors'])
    await copyFile(join(project, 'test/fixtures/library', file), join(folder, file));
  const weights = saveSafetensors(catsEverywhere());
  const digits = createHash('sha256').update(weights).digest('hex').slice(0, 8);
  const kept = join(folder, 'cache', 'torchvision', `${detector}.COCO_V1`);
  await mkdir(kept, { recursive: true });
  await writeFile(join(kept, `${detector}-${digits}.pth`), weights);
  environment = {
    ...process.env,
    SENET_CACHE: join(folder, 'cache'),
    SENET_TEST_PUBLISHED: JSON.stringify({ '907ea3f9': digits }),
    NODE_OPTIONS: `--import=${new URL('support/publishedHere.mjs', import.meta.url).href}`,
  };
  const page = await readFile(join(project, 'docs/library.md'), 'utf8');
  programs = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, program]) => program as string);
  await runAll();
}, 240_000);
afterAll(() => rm(folder, { recursive: true }));

const detector = 'fasterrcnn_mobilenet_v3_large_320_fpn';

/** Weights of chance by which a detector takes every region for a cat: none ships. */
function catsEverywhere(): ReadonlyMap<string, Tensor> {
  const graph = findDetector(detector).create({ size: [64, 64], regions: 1 });
  const bias = tensor(
    [91],
    Array.from({ length: 91 }, (_, index) => (index === 17 ? 20 : 0)),
  );
  return new Map([...syntheticWeights(graph, { seed: 1 }), ['roi_heads.box_predictor.cls_score.bias', bias]]);
}

/** Runs a program, or several, each after the one before. @returns what each prints */
async function run(...names: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['run.mjs', ...names], { cwd: folder, env: environment });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const runner = `
  const { write } = process.stdout;
  const printed = [];
  for (const name of process.argv.slice(2)) {
    let text = '';
    process.stdout.write = (chunk) => ((text += chunk), true);
    await import('./' + name).catch((error) => (text += error.stack));
    printed.push(text);
  }
  process.stdout.write = write;
  console.log(JSON.stringify(printed));
`;

/** By a piece of a program. In the long form each runs in a process of its own. */
const outputs = new Map<string, string>();
async function runAll(): Promise<void> {
  const names = expected.map((_, i) => `program${i}.mjs`);
  for (const [i, [has]] of expected.entries())
    await writeFile(join(folder, names[i] as string), programs.find((text) => text.includes(has)) as string);
  await writeFile(join(folder, 'run.mjs'), runner);
  const printed: string[] = [];
  for (const some of long ? names.map((name) => [name]) : [names]) printed.push(...(await run(...some)));
  for (const [i, [has]] of expected.entries()) outputs.set(has, printed[i] as string);
}

/** A piece of each program, and what it prints. */
const expected: readonly (readonly [string, RegExp])[] = [
  ['classifyAll', /^\{ index: 3, label: 'cat', probability: 0\.\d+ \}\n10 9\ncat\ncat\n$/],
  ['worker: true', /^cat 10 2\n$/],
  ['createEnsemble', /^30 4732869120\ncat 10\n$/],
  ['createDetector', /^451 300\n(cat 1\.00 [\d.e-]+ [\d.e-]+ [\d.]+ [\d.]+\n)+$/],
  ['values.map(() => 1)', /^layer1\.0\.se\.gate 32 8 32\ncat -> \w+\n$/],
  ['count(graph)', /^\{ params: 28088024, macs: 3860488192 \}\n\[ 1, 1000 \]\n$/],
  ['progress', /^10 %\n[\s\S]*100 %\n\d+ million multiply-adds a second\n$/],
  ['const asset =', /^cat\n$/],
  ['saveQuantised', /^logits \d\d\.\d dB \[ 'features.init_block.conv' \]\n\d{6} \w+\n$/],
  ['first.save()', /^\{ rows: \d, columns: \d+ \} \d{7}\n$/],
  ['readOnnx', /^\[ 1, 10 \] 5\n$/],
  ['createAp', /^12 0\.80 1\.00\n$/],
  ['featureInfo', /name: 'layer4', channels: 2048, reduction: 32[\s\S]*\[ 1, 512, 8, 8 \] \[ 1, 2048, 2, 2 \]\n$/],
  [
    'squeezeExcite',
    /^\[ 'logits', 'se1.gate', 'se2.gate', 'se1', 'se2' \]\nall 13 modules agree\nstep 0: loss [\d.]+\nstep 10: loss [\d.]+\nstep 20: loss [\d.]+\n$/,
  ],
];

test.each(expected)('the program of %s prints what it says', (has, output) => {
  expect(outputs.get(has)).toMatch(output);
});

test("the network of one's own learns", () => {
  const losses = [...(outputs.get('squeezeExcite') as string).matchAll(/loss ([\d.]+)/g)].map(([, loss]) => Number(loss));
  expect(losses[2]).toBeLessThan((losses[0] as number) / 2);
});

test('no program of the page is left out', () => {
  expect(programs.length).toBe(expected.length);
});
