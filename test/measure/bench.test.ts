import { describe, expect, test } from 'vitest';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { bench, DisagreementError, quantisedAgreement } from '../../src/measure/bench.js';
import type { MeasuredNetwork } from '../../src/measure/network.js';
import { createModel } from '../../src/models/index.js';
import { quantisedWith } from '../../src/quant/graph.js';
import { quantisationFor } from '../../src/quant/recipe.js';
import { quantisedWeights } from '../../src/quant/weights.js';
import type { Tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';

const float = createModel('senet/se_resnet8_cifar10', { size: 16 });
const floats = syntheticWeights(float, { seed: 2 });
const quantised = quantisedWith(float, (_, wide) => quantisationFor(-2, 2, wide), new Set());
const networkOf = (name: string, graph: Graph, weights: ReadonlyMap<string, Tensor>): MeasuredNetwork => ({
  ...{ name, se: true, size: [16, 16] },
  build: () => ({ graph, weights: () => weights }),
});
const integers = networkOf('of integers', quantised.graph, quantisedWeights(float, quantised, floats));

/** Another engine: ours, but that its logits are so many decibels off. */
async function off(decibels: number, graph: Graph, weights: ReadonlyMap<string, Tensor>) {
  const session = await compile(graph, weights, { kernels: 'strict' });
  const share = 10 ** (-decibels / 20);
  return {
    ...{ engine: 'ort' as const, version: '0', threads: 1, composed: false },
    run: async (image: unknown) => {
      const { shape, data } = session.run(image as Tensor).get('logits') as Tensor;
      return new Map([['logits', { shape, data: data.map((value: number) => value * (1 + share)) as Float32Array }]]);
    },
    dispose: async () => session.dispose(),
  };
}

const against = (network: MeasuredNetwork, decibels: number) => {
  const compileOrt = (graph: Graph, weights: ReadonlyMap<string, Tensor>) => off(decibels, graph, weights);
  return bench(network, {
    ...{ batch: 1, rounds: 1, withoutSe: false, threads: [1], builds: ['strict'], algorithms: ['direct'], against: ['ort'], version: '0' },
    truthOf: async () => undefined,
    progress: () => undefined,
    peers: async () => ({ compileOrt, compileTfjs: compileOrt, compileLitert: compileOrt }),
  });
};

describe('engines agree before they are timed', () => {
  test('on a quantised network as far as integers can that are rounded to either side', async () => {
    const [ours, theirs] = await against(integers, quantisedAgreement + 1);
    expect([ours?.engine, theirs?.engine]).toEqual(['senet', 'ort']);
    const refused = against(integers, quantisedAgreement - 1);
    await expect(refused).rejects.toThrow(DisagreementError);
    await expect(refused).rejects.toThrow(/^ort strict: logits are 19\.0 dB from ours, and 20 are agreement of integers$/);
  });

  test('on floats as far as float32 rounds', async () => {
    await expect(against(networkOf('of floats', float, floats), 120)).resolves.toHaveLength(2);
    await expect(against(networkOf('of floats', float, floats), 60)).rejects.toThrow(
      /differ from ours by 0\.00\d+ of the largest, more than/,
    );
  });
});
