import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { program } from '../../src/cli/program.js';
import { parameters } from '../../src/graph/count.js';
import { createModel } from '../../src/models/index.js';
import { shippedVectors } from '../../src/node/verify/file.js';
import { long } from '../support/length.js';
import { senet } from './senet.js';
import { senetHere } from './senetHere.js';

const folder = () => mkdtemp(join(tmpdir(), 'senet-'));

describe('wrong use', () => {
  test.each([[], ['start'], ['verify'], ['bench'], ['models'], ['plan'], ['preprocess']])(
    '%s --help explains and exits 0',
    async (...command) => {
      const { code, stdout } = await senetHere(...command, '--help');
      expect([code, stdout]).toEqual([0, expect.stringContaining('Usage: senet')]);
    },
  );

  test.each([
    [['frobnicate'], 'unknown command'],
    [['models', '--frobnicate'], 'unknown option'],
    [['models', '--family', 'resnets'], 'did you mean resnet'],
    [['models', '--source', 'keras'], 'Allowed choices are timm, torchvision'],
    [['models', '--max-params', '5 M'], 'Expected a number, or one with k, M or G'],
    [['plan', 'seresnet51'], 'did you mean seresnet50'],
    [['plan'], 'missing required argument'],
    [['bench', 'legacy_seresnet5'], 'did you mean legacy_seresnet50'],
    [['models', '--se', '--no-se'], '--se and --no-se contradict each other'],
    [['models', '--no-se', '--json', '--se'], '--se and --no-se contradict each other'],
    [['models', '--source', 'moskomule', '--max-params', '1', '--json'], 'no network is all that'],
    [['weights', 'nothing'], 'no published weights have nothing in their name'],
    [['weights', 'resnet51', '--json'], 'no published weights have resnet51 in their name'],
    [['classify', 'x.png', '--model', 'constructor', '--json'], 'unknown model constructor'],
    [['evaluate', 'x', '--model', '__proto__', '--json'], 'unknown model __proto__'],
    [['classify', 'x.png', '--model', 'seresnet50.constructor'], 'no weights are called seresnet50.constructor'],
    [['profile', 'toString', '--json'], 'unknown model toString'],
    [['plan', '__proto__'], 'unknown model __proto__'],
    [['convert', 'x', '-o', 'y', '--dtype', 'constructor'], 'Allowed choices are'],
    [['cache', 'rm', '__proto__'], 'is not in the cache'],
    [['bench', 'resnet18', '--batch', '0'], 'whole number above 0'],
    [['bench', 'resnet18', '--batch', '100000000'], 'more than the 4 GiB'],
    [['bench', 'resnet18', '--threads', '1e9'], 'whole number above 0'],
    [['bench', 'resnet18', '--threads', '1000000000'], 'threads is a whole number from 1'],
    [['bench', 'resnet18', '--threads', '1,,2'], 'whole number above 0'],
    [['bench', 'resnet18', '--rounds', '-1'], 'whole number above 0'],
    [['bench', 'resnet18', '--rounds', 'NaN'], 'whole number above 0'],
    [['profile', 'resnet18', '--size', '9999999'], 'more than the 4 GiB'],
    [['classify', 'x.png', '--max-bytes', '-1'], 'whole number above 0'],
    [['classify', 'x.png', '--timeout', '0'], 'Expected a number above 0'],
    [['bench', 'resnet18', '--against', 'torch'], 'Expected tfjs, ort'],
    [['bench', 'resnet18', '--threads', '64'], 'threads'],
    [['verify', '--engine', 'gpu'], 'Allowed choices are wasm, reference'],
  ])('%j exits 2 and says %j, with nothing on stdout', async (args, message) => {
    const { code, stdout, stderr } = await (args[0] === 'frobnicate' ? senet : senetHere)(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

describe('models and plan', () => {
  test('models --json lists every network with its counts', async () => {
    const { stdout } = await senetHere('models', '--json');
    const rows = JSON.parse(stdout) as { id: string }[];
    expect(rows.find(({ id }) => id === 'timm/legacy_seresnet50')).toEqual({
      id: 'timm/legacy_seresnet50',
      family: 'resnet',
      params: 28088024,
      macs: 3860488192,
      input: 224,
      se: true,
      variant: 'v1',
    });
    expect((await senetHere('models', '--source', 'torchvision')).stdout).toContain('torchvision/resnext50_32x4d');
  });

  test('models filters by source, family, gates and size', async () => {
    const ids = async (...flags: readonly string[]): Promise<string[]> => {
      const rows = JSON.parse((await senetHere('models', ...flags, '--json')).stdout) as { id: string }[];
      return rows.map(({ id }) => id);
    };
    expect(await ids('--source', 'moskomule')).toEqual(['moskomule/se_resnet50']);
    expect(await ids('--source', 'pytorchcv', '--family', 'senet')).toEqual(['pytorchcv/senet154']);
    expect(await ids('--source', 'senet', '--family', 'wrn', '--no-se')).toEqual(['senet/wrn16_8_cifar10']);
    expect(await ids('--source', 'senet', '--family', 'wrn', '--se')).toEqual(['senet/se_wrn16_8_cifar10']);
    expect(await ids('--source', 'timm', '--family', 'resnet', '--se', '--max-params', '28.1M', '--max-macs', '4G')).toEqual([
      'timm/legacy_seresnet18',
      'timm/legacy_seresnet34',
      'timm/legacy_seresnet50',
    ]);
  });

  test('plan prints one line a kernel call, which add up to the network', async () => {
    const { stdout } = await senetHere('plan', 'legacy_seresnet50', '--algorithms', 'direct', '--json');
    const { steps } = JSON.parse(stdout) as { steps: { macs: number; kernel: string }[] };
    expect(steps.reduce((sum, { macs }) => sum + macs, 0)).toBe(3860488192);
    expect(steps.filter(({ kernel }) => kernel === 'scaleAddRelu')).toHaveLength(16);
  });

  test('plan prints by default what compile runs by default, and its memory: at most twice the checkpoint, 1.25 times the least arena', async () => {
    const { stdout } = await senetHere('plan', 'legacy_seresnet50');
    expect(stdout).toContain('winogradInput');
    expect(stdout).toContain('layer1.0.conv1');
    const [, weights, arena] = /MiB, ([\d.]+) times the checkpoint's [\d.]+; arena [\d.]+ MiB, ([\d.]+) times the least/.exec(stdout) ?? [];
    expect([Number(weights) <= 2, Number(arena) <= 1.25]).toEqual([true, true]);
  });
});

const photograph = fileURLToPath(new URL('../../assets/images/chelsea.png', import.meta.url));

test.each(['verify', 'classify', 'evaluate'])(
  '%s --revectorize is refused where V8 has no such flag, and harmless where it has',
  async (command) => {
    const list = join(await folder(), 'list.txt');
    await writeFile(list, `${photograph} 3\n`);
    const { code, stderr } = await senet(
      command,
      ...({ verify: [], classify: [photograph], evaluate: [list] }[command] as string[]),
      '--revectorize',
    );
    if (Number.parseInt(process.versions.v8, 10) < 12) {
      expect(code).toBe(2);
      expect(stderr).toContain('--revectorize needs V8 12 or later');
    } else expect(code).toBe(0);
  },
);

test.each(['classify', 'evaluate', 'detect', 'verify', 'bench', 'profile', 'quantize', 'train'])(
  '%s runs a network, and takes what commands take that do',
  (name) => {
    const options = program().commands.find((command) => command.name() === name)?.options ?? [];
    const flags = options.map(({ long }) => long);
    expect(flags).toEqual(expect.arrayContaining(['--kernels', '--algorithms', '--threads', '--revectorize']));
  },
);

/** Of a network of few weights, the logits that another program has for it. */
async function smallVector() {
  const { cases } = JSON.parse(await readFile(new URL('../fixtures/logits.json', import.meta.url), 'utf8'));
  const { seed, input, logits } = cases.find(({ id }: { id: string }) => id === 'pytorchcv/seresnet20_cifar10');
  const source = 'PyTorchCV  (0.0.67) seresnet20_cifar10 (5 classes)';
  return { model: 'x', source, seed, gain: 1, input, parameters: 274_847 - 5 * 65, logits: logits as readonly number[], gates: {} };
}

describe('verify', () => {
  test('--json prints a verdict a vector and nothing else', async () => {
    const { code, stdout } = await senetHere('verify', '--json');
    const verdicts = JSON.parse(stdout) as Record<string, unknown>[];
    expect(code).toBe(0);
    expect(verdicts.map(({ model, parameters, pass }) => [model, parameters, pass])).toEqual([
      ['torchvision/resnet50', 25557032, true],
      ['timm/legacy_seresnet50', 28088024, true],
      ['timm/legacy_seresnext50_32x4d', 27559896, true],
    ]);
    expect(Object.keys(verdicts[1]?.gates as object)).toEqual(['layer1.2.se_module.sigmoid', 'layer4.2.se_module.sigmoid']);
  });

  test('a wrong expectation fails and exits 1; what cannot run is an entry with its reason, and exits 2', async () => {
    const at = await folder();
    const vector = JSON.parse(await readFile(shippedVectors[0] as string, 'utf8'));
    const small = await smallVector();
    const files = {
      'wrong.json': { ...small, logits: small.logits.map((value) => -value) },
      'parameters.json': { ...small, parameters: 1 },
      'unknown.json': { ...vector, source: 'timm resnet51' },
      'gate.json': { ...vector, gates: { 'layer1.0.se.gate': [0.5] } },
      'nan.json': { ...vector, logits: [null] },
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(at, name), JSON.stringify(content));
    await writeFile(join(at, 'broken.json'), '{');

    const failing = await senet('verify', join(at, 'wrong.json'), join(at, 'parameters.json'), '--json');
    expect(failing.code).toBe(1);
    expect(JSON.parse(failing.stdout)).toMatchObject([{ pass: false }, { pass: false, parameters: small.parameters }]);

    const names = ['unknown.json', 'gate.json', 'nan.json', 'broken.json', 'absent.json'];
    const unusable = await senetHere('verify', ...names.map((name) => join(at, name)), '--json');
    expect(unusable.code).toBe(2);
    expect(JSON.parse(unusable.stdout)).toMatchObject([
      { pass: false, error: expect.stringContaining('did you mean timm/resnet50') },
      { pass: false, error: expect.stringContaining('no gate is called layer1.0.se.gate') },
      { pass: false, error: expect.stringContaining('logits: expected a list of numbers') },
      { pass: false, error: expect.stringContaining('is not JSON') },
      { pass: false, error: expect.stringContaining('cannot be read') },
    ]);
  });
});

test('verify finds a network by its source, and compares its tensors with those listed beside the vector', async () => {
  const at = await folder();
  const vector = JSON.stringify(await smallVector());
  const listed = parameters(createModel('seresnet20_cifar10', { classes: 5 })).map(({ name, shape }) => [name, shape]);
  const lists = {
    same: listed,
    swapped: [listed[1], listed[0], ...listed.slice(2)],
    longer: [...listed, ['more.weight', [1]]],
    shorter: listed.slice(0, -1),
    text: 'features',
  };
  const files = Object.keys(lists).map((name) => join(at, `${name}.json`));
  for (const file of files) await writeFile(file, vector);
  for (const [name, list] of Object.entries(lists)) await writeFile(join(at, `${name}.names.json`), JSON.stringify(list));

  const { code, stdout } = await senetHere('verify', ...files, '--json');
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject([
    { model: 'pytorchcv/seresnet20_cifar10', pass: true },
    {
      pass: false,
      error: expect.stringMatching(/tensor 0 is \["features\.init_block\.conv\.weight",\[16,3,3,3\]\], and in .*swapped\.names\.json \[/),
    },
    { pass: false, error: expect.stringMatching(/tensor 143 is missing, and in .*longer\.names\.json \["more\.weight",\[1\]\]/) },
    { pass: false, error: expect.stringMatching(/tensor \d+ is \["output\.bias",\[5\]\], and in .*shorter\.names\.json missing/) },
    { pass: false, error: expect.stringContaining('expected a list of names and shapes') },
  ]);
});

describe('bench', () => {
  test('rows of every engine agree with ours, and a twin without gates gives the cost of SE', { timeout: 240_000 }, async () => {
    const others = long ? ['tfjs', 'ort'] : ['ort'];
    const { code, stdout } = await senetHere(
      'bench',
      'se_resnet8_cifar10',
      '--against',
      others.join(),
      '--without-se',
      '--rounds',
      '9',
      '--json',
    );
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as Record<string, number | string | boolean | { low: number; high: number; pairs: number }>[];
    expect(rows.map(({ engine, variant, se }) => `${engine} ${variant} ${se}`)).toEqual(
      [true, false].flatMap((se) =>
        ['senet strict', 'senet relaxed', ...others.map((engine) => `${engine} strict`)].map((engine) => `${engine} ${se}`),
      ),
    );
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(
        expect.arrayContaining(['model', 'medianMs', 'p95Ms', 'minMs', 'gflops', 'version', 'agreement', 'threads', 'batch']),
      );
      expect(row.minMs).toBeLessThanOrEqual(row.medianMs as number);
      if (row.se) expect(row.seCostPercent).toMatchObject({ pairs: 9 });
    }
  });
});
