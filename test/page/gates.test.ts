import { describe, expect, test } from 'vitest';
import { colourOf, shareOf } from '../../page/src/colours.js';
import { type Change, changed, reach, stageOf, stagesOf, type Target } from '../../page/src/gates.js';
import { createModel, listModels } from '../../src/models/index.js';

const gates = new Map([
  ['layer1.0.se.gate', Float32Array.of(0.25, 0.5, 0.75)],
  ['layer2.0.se.gate', Float32Array.of(0.125, 0.875)],
]);
const change = (target: Target, amount: number, kept: readonly string[] = []): Change => ({ target, amount, kept });

describe('gates on their way', () => {
  test('are as trained at first, and what they become at the end', () => {
    expect(changed(gates, change('one', 0))).toEqual(gates);
    expect([...changed(gates, change('one', 1)).values()].flatMap((values) => [...Array.from(values)])).toEqual([1, 1, 1, 1, 1]);
    expect(changed(gates, change('mean', 1)).get('layer2.0.se.gate')).toEqual(Float32Array.of(0.5, 0.5));
    expect(changed(gates, change('one', 0.5)).get('layer1.0.se.gate')).toEqual(Float32Array.of(0.625, 0.75, 0.875));
  });

  test('shuffled, a block keeps its values, and the order is the same each time', () => {
    const many = new Map([['layer1.0.se.gate', Float32Array.from({ length: 64 }, (_, c) => c / 64)]]);
    const [one, other] = [changed(many, change('shuffled', 1)), changed(many, change('shuffled', 1))].map((all) =>
      all.get('layer1.0.se.gate'),
    );
    expect(one).toEqual(other);
    expect(one).not.toEqual(many.get('layer1.0.se.gate'));
    expect(Float32Array.from(one as Float32Array).sort()).toEqual(many.get('layer1.0.se.gate'));
  });

  test('a stage that is kept stays', () => {
    const result = changed(gates, change('one', 1, ['layer1']));
    expect(result.get('layer1.0.se.gate')).toBe(gates.get('layer1.0.se.gate'));
    expect(result.get('layer2.0.se.gate')).toEqual(Float32Array.of(1, 1));
  });
});

test.each([
  ['layer2.1.se.gate', 'layer2'],
  ['features.4.block.2.scale_activation', 'features.4'],
  ['blocks.1.0.se.gate', 'blocks.1'],
  ['stages.unit1.se', 'stages.unit1'],
])('%s is in stage %s', (gate, stage) => expect(stageOf(gate)).toBe(stage));

test('every network of the zoo with gates has some stages, and fewer than it has blocks or as many', () => {
  for (const { id, se } of listModels().filter((model) => model.se)) {
    const names = [...createModel(id, { gates: true }).outputs.keys()].filter((name) => name !== 'logits');
    const stages = stagesOf(new Map(names.map((name) => [name, [0]])));
    expect(stages.length, `${id} ${se}`).toBeGreaterThan(0);
    expect(stages.length).toBeLessThanOrEqual(names.length);
  }
});

describe('colours', () => {
  test('reach as far as the gate that is furthest from one half', () => {
    expect(reach([gates])).toBe(0.375);
    expect(reach([])).toBe(0);
    expect([0.125, 0.5, 0.875].map((gate) => shareOf(gate, 0.375))).toEqual([0, 0.5, 1]);
    expect(shareOf(0.5, 0)).toBe(0.5);
  });

  test('are blue where shut, grey at one half, orange where open, and no other beyond the ends', () => {
    const [shut, half, open] = [colourOf(0), colourOf(0.5), colourOf(1)];
    expect(shut[2] > shut[0]).toBe(true);
    expect(Math.max(...half) - Math.min(...half)).toBeLessThan(16);
    expect(open[0] > open[2]).toBe(true);
    expect(colourOf(-1)).toEqual(shut);
    expect(colourOf(2)).toEqual(open);
  });
});
