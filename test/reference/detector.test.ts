import { expect, test } from 'vitest';
import { openOrt } from '../../reference/engines/ort.js';
import { splitGraph } from '../../reference/engines/splitGraph.js';
import { InputError, ShapeError } from '../../src/errors.js';
import { parameters } from '../../src/graph/count.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { findDetector } from '../../src/models/detection/index.js';
import { relativeError } from '../../src/stats/error.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { conformanceLimits } from '../../src/verify/vector.js';
import { some } from '../support/length.js';

const inputsOf = ({ nodes }: Graph): readonly string[] => nodes.flatMap((node) => (node.op === 'input' ? [node.attrs.name] : []));
const float64 = ({ shape, data }: Tensor): Tensor => ({ shape, data: Float64Array.from(data) });
const namesOf = (graph: Graph): readonly string[] => parameters(graph).map(({ name }) => name);

/** Of both maps of the smallest detector, one in reverse, and one of no map. */
const regions = tensor([4, 6], [1, 0, 0, 0, 48, 32, 0, 0, 8, 4, 40, 60, -1, 0, 0, 0, 0, 0, 0, 0, 60.5, 2.25, 3, 30.125].map(Math.fround));

test('a detector’s graph is split where its regions come in: what is computed before, and what from them', () => {
  const graph = findDetector('fasterrcnn_resnet50_fpn').create({ size: [64, 64], regions: 4, classes: 5 });
  const { before, after } = splitGraph(graph, 'regions');
  const maps = ['0', '1', '2', '3', 'pool'];
  const handed = ['fpn.0', 'fpn.1', 'fpn.2', 'fpn.3'];
  expect(inputsOf(before)).toEqual(['input']);
  expect([...before.outputs.keys()].sort()).toEqual([...maps.flatMap((map) => [`deltas.${map}`, `objectness.${map}`]), ...handed].sort());
  expect(inputsOf(after).toSorted()).toEqual([...handed, 'regions']);
  expect([...after.outputs.keys()]).toEqual(['classLogits', 'boxDeltas']);
  expect([...namesOf(before), ...namesOf(after)].sort()).toEqual(namesOf(graph).toSorted());
  expect(namesOf(after).every((name) => name.startsWith('roi_heads.'))).toBe(true);
  expect(() => splitGraph(graph, 'rois')).toThrow(InputError);
  expect(() => splitGraph(graph, 'rois')).toThrow('expected the name of an input to split the graph at, found rois');
});

test.each(some(['fasterrcnn_mobilenet_v3_large_320_fpn', 'fasterrcnn_seresnet50_fpn'], 2))(
  '%s in two on onnxruntime: both parts agree with the reference in float64',
  { timeout: 120_000 },
  async (name) => {
    const graph = findDetector(name).create({ size: [32, 64], regions: 4, classes: 5 });
    const weights = syntheticWeights(graph, { seed: 7 });
    const image = syntheticTensor('input', [1, 3, 32, 64], 7);
    const exact = evaluate(
      graph,
      reference(new Map([...weights].map(([key, value]) => [key, float64(value)])), { input: float64(image), regions: float64(regions) }),
    );
    const { before, after } = splitGraph(graph, 'regions');
    const [trunk, heads] = [await openOrt(before, weights, 1), await openOrt(after, weights, 1)];
    const early = await trunk.run({ input: image });
    const late = await heads.run({ ...Object.fromEntries(early), regions });
    await expect(heads.run({ regions })).rejects.toThrow(ShapeError);
    await trunk.dispose();
    await heads.dispose();
    for (const [output, { shape, data }] of exact) {
      const found = (early.get(output) ?? late.get(output)) as Tensor;
      expect(found.shape).toEqual(shape);
      expect(relativeError(found.data, data), output).toBeLessThanOrEqual(conformanceLimits.direct);
    }
  },
);
