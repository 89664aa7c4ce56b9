import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { count } from '../../src/graph/count.js';
import { gateNodes } from '../../src/measure/measure.js';
import { createModel } from '../../src/models/index.js';
import { senet } from './senet.js';
import { senetHere } from './senetHere.js';

interface Step {
  readonly kernel: string;
  readonly layer: string;
  readonly gate: boolean;
  readonly ms: number;
  readonly share: number;
  readonly macs: number;
  readonly layerMacs: number;
  readonly bytes: number;
}

interface Profile {
  readonly host: { readonly cpu: string };
  readonly peak: { readonly gflops: number; readonly gigabytesPerSecond: number };
  readonly steps: readonly Step[];
  readonly totals: { readonly ms: number; readonly macs: number; readonly networkMacs: number };
  readonly gates: { readonly calls: number };
  readonly byKernel: readonly { readonly name: string; readonly calls: number }[];
}

const name = 'senet/se_resnet14_cifar10'; // six blocks
const network = [name, '--size', '64', '--rounds', '2'];
const profile = async (run: typeof senet, ...args: readonly string[]): Promise<Profile> => {
  const { code, stdout } = await run('profile', ...network, '--json', ...args);
  expect(code).toBe(0);
  return JSON.parse(stdout); // and nothing else
};
/** What a profile of the network with its gates says, and a folder with the files that it wrote. */
let usual: Profile;
let at: string;
beforeAll(async () => {
  at = await folder();
  await writeFile(join(at, 'run.json'), 'old');
  usual = await profile(senet, '--trace', join(at, 'run.json'), '--roofline', join(at, 'roof.svg'));
});
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const folder = () => mkdtemp(join(tmpdir(), 'senet-'));

describe('--json', () => {
  test('steps add up to the network, and shares to the whole', () => {
    const { host, peak, steps, totals, byKernel } = usual;
    const { macs } = count(createModel(name, { size: 64 }));
    expect([sum(steps.map((step) => step.layerMacs)), totals.networkMacs]).toEqual([macs, macs]);
    expect(sum(steps.map((step) => step.macs))).toBe(totals.macs);
    expect(sum(steps.map((step) => step.share))).toBeCloseTo(1);
    expect(sum(byKernel.map(({ calls }) => calls))).toBe(steps.length);
    expect([peak.gflops > 0, peak.gigabytesPerSecond > 0, host.cpu !== '']).toEqual([true, true, true]);
    for (const step of steps)
      expect(step).toMatchObject({
        ms: expect.any(Number),
        gflops: expect.any(Number),
        peakShare: expect.any(Number),
        bytes: expect.any(Number),
      });
    expect(steps.map(({ layer }) => layer)).toContain('layer1.0.conv2');
  });

  test('gates are counted where there are any, one of each of their kernels a block', async () => {
    const { steps, gates } = usual;
    const names = steps.filter(({ gate }) => gate).map(({ kernel }) => kernel);
    expect(gates.calls).toBe(names.length);
    for (const kernel of ['squeeze', 'mean', 'scaleAddRelu']) expect(names.filter((name) => name === kernel)).toHaveLength(6);
    expect(names.filter((name) => name === 'dense')).toHaveLength(12); // two layers
    expect(steps.filter(({ kernel, gate }) => kernel === 'mean' && !gate)).toHaveLength(1); // the head's pool is no gate's

    const plain = await profile(senetHere, '--no-se');
    expect(plain.gates.calls).toBe(0);
  });
});

test('the nodes of gates are their pools, layers, sigmoids and scales, and nothing of the host', () => {
  const graph = createModel('legacy_seresnet18');
  const ops = [...gateNodes(graph)].map((id) => graph.nodes[id]?.op);
  expect(new Set(ops)).toEqual(new Set(['globalAvgPool', 'linear', 'relu', 'sigmoid', 'scale']));
  expect(ops).toHaveLength(8 * 6);
  expect(gateNodes(createModel('resnet18')).size).toBe(0);
});

describe('files', () => {
  test('--trace replaces a file by a run in the Chrome trace format, --roofline draws; no draft stays behind', async () => {
    const { traceEvents } = JSON.parse(await readFile(join(at, 'run.json'), 'utf8')) as {
      traceEvents: readonly { name: string; ph: string; ts: number; dur: number }[];
    };
    expect(traceEvents).toHaveLength(usual.steps.length);
    let end = 0;
    for (const { ph, ts, dur } of traceEvents) {
      expect([ph, ts]).toEqual(['X', end]);
      end += dur;
    }
    const svg = await readFile(join(at, 'roof.svg'), 'utf8');
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
    expect(svg).toContain(name);
    expect((await readdir(at)).sort()).toEqual(['roof.svg', 'run.json']);
  });

  test('something other than a file in the place of the trace stays, and exits 2', async () => {
    const taken = await folder();
    await mkdir(join(taken, 'run.json'));
    const { code, stdout, stderr } = await senetHere('profile', ...network, '--json', '--trace', join(taken, 'run.json'));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('something other than a file');
    expect(await readdir(taken)).toEqual(['run.json']);
  });
});

test.each([
  [['resnet51'], 'did you mean'],
  [['resnet18', '--rounds', '0'], 'whole number above 0'],
  [[], 'missing required argument'],
])('profile %j exits 2 and says why, with nothing on stdout', async (args, message) => {
  const { code, stdout, stderr } = await senetHere('profile', ...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});
