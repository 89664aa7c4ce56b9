import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { parameters } from '../../src/graph/count.js';
import type { Graph } from '../../src/graph/graph.js';
import { relu, sigmoid } from '../../src/models/layers.js';
import { type GateConfig, squeezedChannels, squeezeExcite } from '../../src/models/squeezeExcite.js';
import type { Node } from '../../src/ops/op.js';

const ops = (graph: Graph): Node['op'][] => graph.nodes.map(({ op }) => op).filter((op) => op !== 'param' && op !== 'input');

describe('squeezeExcite', () => {
  const gated = (config: GateConfig): Graph =>
    build([1, 8, 4, 4], (x) => squeezeExcite(x, 'se', config), { gates: ['se.scale_activation'] });
  const usual = { squeezed: 2, gate: 'scale_activation' };

  test('as the paper has it, stored as 1×1 convolutions with bias', () => {
    const graph = gated(usual);
    expect(ops(graph)).toEqual(['globalAvgPool', 'linear', 'relu', 'linear', 'sigmoid', 'scale']);
    expect(parameters(graph)).toEqual([
      { name: 'se.fc1.weight', shape: [2, 8, 1, 1] },
      { name: 'se.fc1.bias', shape: [2] },
      { name: 'se.fc2.weight', shape: [8, 2, 1, 1] },
      { name: 'se.fc2.bias', shape: [8] },
    ]);
    expect(graph.nodes[graph.outputs.get('se.scale_activation') as number]?.op).toBe('sigmoid');
  });

  test('as matrices without bias, under other names, with other activations', () => {
    const graph = gated({ ...usual, layers: ['fc.0', 'fc.2'], weight: 'matrix', bias: false, inner: sigmoid, activation: relu });
    expect(ops(graph)).toEqual(['globalAvgPool', 'linear', 'sigmoid', 'linear', 'relu', 'scale']);
    expect(parameters(graph)).toEqual([
      { name: 'se.fc.0.weight', shape: [2, 8] },
      { name: 'se.fc.2.weight', shape: [8, 2] },
    ]);
  });
});

describe('a wrong config is one error that names the layer', () => {
  test.each<[object | null, RegExp]>([
    [{ reduction: 16 }, /^se: expected squeezed, what a reduction leaves of the channels: squeezedChannels\(u, reduction\)$/],
    [{}, /^se: squeezed is a whole number from 1, not undefined$/],
    [{ squeezed: '2' }, /^se: squeezed is a whole number from 1, not '2'$/],
    [{ squeezed: 0 }, /^se: squeezed is a whole number from 1, not 0$/],
    [{ squeezed: 2, activaton: relu }, /^se: unknown option activaton \(did you mean activation\?\)$/],
    [null, /^se takes options, \{ weight, bias, squeezed/],
  ])('%#', (config, message) => {
    const model = () => build([1, 4, 6, 6], (x) => squeezeExcite(x, 'se', config as never));
    expect(model).toThrow(InputError);
    expect(model).toThrow(message);
  });

  test('squeezedChannels of a reduction that is none', () => {
    for (const reduction of [0, 5, Number.NaN, -1])
      expect(() => build([1, 4, 6, 6], (x) => squeezeExcite(x, 'se', { squeezed: squeezedChannels(x, reduction) }))).toThrow(InputError);
  });
});
