import { expect, test } from 'vitest';
import { createDetector, findDetector, saveSafetensors, syntheticWeights } from '../../src/index.js';

test('createDetector tells how far its file is read', async () => {
  const graph = findDetector('fasterrcnn_mobilenet_v3_large_320_fpn').create({ size: [64, 64], regions: 1, classes: 3 });
  const weights = saveSafetensors(syntheticWeights(graph, { seed: 1 }), { dtype: 'F16' });
  const told: { readonly received: number; readonly total: number | undefined }[] = [];
  using detector = await createDetector({ weights, onProgress: (progress) => told.push(progress) });
  expect(detector.network.classes).toBe(3);
  const received = told.map((progress) => progress.received);
  expect(received.length).toBeGreaterThan(graph.nodes.filter(({ op }) => op === 'conv2d').length);
  expect(received).toEqual(received.toSorted((a, b) => a - b));
  expect(told.at(-1)).toEqual({ received: weights.length, total: weights.length });
});
