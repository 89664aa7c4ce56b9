import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { findDetector, listDetectors } from '../../src/models/detection/index.js';
import { publishedDetectors } from '../../src/pretrained/detectors.js';
import { senet } from './senet.js';
import { senetHere } from './senetHere.js';

const network = 'torchvision/fasterrcnn_mobilenet_v3_large_320_fpn';
const weights = syntheticWeights(findDetector(network).create({ size: [64, 64], regions: 1, classes: 4 }), { seed: 5 });

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-detectors-'));
  file = join(folder, 'few.safetensors');
  await writeFile(file, saveSafetensors(weights));
});
afterAll(() => rm(folder, { recursive: true }));

describe('detectors where networks are', () => {
  test('models lists them after the networks, with what torchvision publishes of them', async () => {
    const rows = JSON.parse((await senetHere('models', '--json', '--family', 'fasterrcnn')).stdout) as { readonly id: string }[];
    expect(rows.map(({ id }) => id)).toEqual(listDetectors().map(({ id }) => id));
    expect(publishedDetectors.map(({ network }) => network)).toEqual(
      rows.map(({ id }) => id).filter((id) => id.startsWith('torchvision/')),
    );
    expect(rows.find(({ id }) => id === network)).toEqual({
      id: network,
      family: 'fasterrcnn',
      params: 19_386_354, // as torchvision's documentation has it
      macs: expect.any(Number),
      input: [320, 640],
      se: true,
      variant: null,
      weights: 'https://download.pytorch.org/models/fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth',
    });
    const { stdout } = await senet('models');
    expect(stdout.indexOf(network)).toBeGreaterThan(stdout.indexOf('A bare name is looked up'));
    const ids = JSON.parse((await senetHere('models', '--json', '--source', 'senet', '--se', '--max-params', '50M')).stdout) as {
      readonly id: string;
    }[];
    expect(ids.map(({ id }) => id)).toContain('senet/fasterrcnn_seresnet50_c4');
    expect(ids.map(({ id }) => id)).not.toContain('senet/fasterrcnn_resnet50_c4');
  });

  test('plan prints calls and memory for a size, of its own the largest', async () => {
    const plan = async (...flags: readonly string[]) =>
      JSON.parse((await senetHere('plan', network, '--json', ...flags)).stdout) as {
        readonly size: readonly number[];
        readonly steps: readonly { readonly macs: number; readonly kernel: string }[];
        readonly bytes: { readonly arena: number; readonly weights: number };
      };
    const [usual, less] = [await plan('--algorithms', 'direct'), await plan('--algorithms', 'direct', '--size', '320x321')];
    expect([usual.size, less.size]).toEqual([
      [320, 640],
      [320, 321],
    ]);
    expect(usual.steps.filter(({ kernel }) => kernel === 'roiAlign')).toHaveLength(2); // one per map
    expect([less.bytes.arena < usual.bytes.arena, less.bytes.weights < usual.bytes.weights]).toEqual([true, true]);
    const { stdout } = await senetHere('plan', network, '--size', '64');
    expect(stdout).toContain('For an image that is resized to 64x64');
    expect(stdout).toMatch(/MMAC \([\d.]+ GFLOP\).*\nMemory: packed weights and tables/);
    const square = await senetHere('plan', 'resnet18', '--size', '64x65');
    expect([square.code, square.stderr]).toEqual([2, expect.stringContaining('images of resnet18 are square, found 64x65')]);
    const wrong = await senetHere('plan', network, '--size', '64x64x64');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('two with an x between them')]);
  });

  test('inspect says which a file is of, or what differs from the nearest', async () => {
    const { code, stdout } = await senet('inspect', file, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      file,
      format: 'safetensors',
      entry: null,
      family: "torchvision's detectors",
      because: 'a tensor is called backbone.body.0.0.weight',
      takenFrom: null,
      alsoIn: [],
      network: 'torchvision/fasterrcnn_mobilenet_v3_large_fpn',
      same: [],
      candidates: ['torchvision/fasterrcnn_mobilenet_v3_large_fpn', network],
      classes: 4,
      classifier: null,
      parameters: expect.any(Number),
      dtypes: { F32: { tensors: weights.size, elements: [...weights.values()].reduce((sum, { data }) => sum + data.length, 0) } },
      metadata: {},
      missing: [],
      extra: [],
      ignored: [],
      misshapen: [],
    });
    expect((await senetHere('inspect', file, '--model', network)).stdout).toContain(`${network}: \`senet detect\` runs it`);
    const other = await senetHere('inspect', file, '--model', 'fasterrcnn_resnet50_fpn', '--json');
    const { network: none, missing, misshapen } = JSON.parse(other.stdout);
    expect([other.code, none, missing[0]]).toEqual([1, null, 'backbone.body.conv1.weight']);
    expect(misshapen[0]).toEqual({ name: 'backbone.fpn.inner_blocks.0.0.weight', expected: [256, 256, 1, 1], found: [256, 160, 1, 1] });
  });
});
