import { expect, test } from 'vitest';
import type { Engine } from '../../reference/crosscheck/engine.js';
import { tfjsEngines } from '../../reference/crosscheck/tfjs.js';
import { ourNetworkEngines } from '../../reference/networks/engines.js';
import { growthOf, median } from '../../reference/networks/growth.js';
import { withPoints } from '../../reference/networks/points.js';
import { growthSvg, networksMarkdown, ratioToBestTfjs } from '../../reference/networks/report.js';
import { createModel } from '../../src/models/index.js';
import { group } from '../../src/plan/group.js';
import { map } from '../../src/tensor.js';
import { long } from '../support/length.js';

const here = { version: '0', runtime: 'Node' };
const size = 32;
/** They have blocks of the same names; of the smaller one the reference computes a tenth. */
const name = long ? 'legacy_seresnet18' : 'se_resnet14_cifar10';

test('asking for every point takes no kernel apart', () => {
  const graph = createModel('legacy_seresnet18', { size, gates: true });
  const watched = withPoints(graph);
  expect(group(watched).map((members) => members.length)).toEqual(group(graph).map((members) => members.length));
  for (const name of ['layer0.conv1', 'layer1.0.conv1', 'layer4.1.se_module.sigmoid', 'logits'])
    expect([...watched.outputs.keys()]).toContain(name);
});

test('errors along a network: ours direct stay within every bound, and a spoilt layer is the first beyond its own', async () => {
  const [good] = ourNetworkEngines(here) as readonly [Engine];
  /** Computes the second block's first convolution with weights one part in a thousand too large. */
  const spoilt: Engine = {
    ...good,
    engine: 'spoilt',
    run: (graph, weights, inputs) => {
      const parameter = 'layer1.1.conv1.weight';
      const wrong = map(weights.get(parameter) as Parameters<typeof map>[0], (value) => value * 1.001);
      return good.run(graph, new Map([...weights, [parameter, wrong]]), inputs);
    },
  };
  const peers = (await tfjsEngines(here)).map(({ engine }) => engine).filter(({ engine }) => engine === 'tfjs-wasm');
  const engines = [good, ...peers, spoilt];
  const network = await growthOf(name, engines, { size, seeds: 2, gpuSeeds: 0, progress: () => {} });

  expect(network.engines.map(({ engine, seeds }) => [engine, seeds])).toEqual(engines.map(({ engine }) => [engine, 2]));
  for (const { engine, errors, local } of network.engines) {
    expect(errors).toHaveLength(network.points.length);
    if (engine.endsWith('direct')) expect(local).toMatchObject({ firstBeyond: null });
    if (engine === 'spoilt') expect(local.firstBeyond).toBe('layer1.1.conv1');
  }
  const result = { networks: [{ ...network, date: '2026-11-24', command: 'test' }] };
  expect(
    networksMarkdown(result)
      .split('\n')
      .filter((line) => line.startsWith(`| ${name}`)),
  ).toHaveLength(engines.length);
  expect(await growthSvg(result)).toContain('<path');
  expect(ratioToBestTfjs(network.engines[0] as never, network)).toBeGreaterThan(0);
});

test('the median of an even number of values is the mean of the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
});
