import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BoxSet, unmatched } from '../../bench/detect/agreement.js';
import { choose, foundIn, type Scene } from '../../bench/detect/scene.js';
import { besidesShare, type DetectResult, detectTable, detectText, type Parts, roiAndNmsShare } from '../../bench/detect/table.js';
import { transformImages, transformRule320 } from '../../src/detect/transform.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { findDetector } from '../../src/models/detection/index.js';
import { anyBoxes, fewScores } from '../detect/drawn.js';
import { seeds } from '../support/arbitraries.js';

const drawn = (count: number, seed: number): BoxSet => ({
  boxes: anyBoxes(count, seed),
  scores: fewScores(count, seed + 1),
  labels: Int32Array.from(fewScores(count, seed + 2, 3), (value) => value * 3),
});

const turned = ({ boxes, scores, labels }: BoxSet, by: number, pixels: number, score: number): BoxSet => ({
  boxes: Float64Array.from(boxes, (_, i) => (boxes[(i + 4 * by) % boxes.length] as number) + pixels),
  scores: scores.map((_, i) => (scores[(i + by) % scores.length] as number) + score),
  labels: labels.map((_, i) => labels[(i + by) % labels.length] as number),
});

test('sets of boxes agree in any order, as far as is allowed, and no farther', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(20), seeds(), (count, by, seed) => {
      const set = drawn(count, seed);
      expect(unmatched(set, turned(set, by, 0, 0), { pixels: 0, score: 0 })).toBe(0);
      expect(unmatched(set, turned(set, by, 0.5, 0.25), { pixels: 0.75, score: 0.5 })).toBe(0);
      expect(unmatched(set, turned(set, by, 0, 4), { pixels: 1000, score: 1.5 })).toBe(2 * count);
      expect(unmatched(set, turned(set, by, 1000, 0), { pixels: 100, score: 2 })).toBe(2 * count);
      const others = { ...set, labels: set.labels.map((label) => label + 3) };
      expect(unmatched(set, others, { pixels: 1000, score: 2 })).toBe(2 * count);
    }),
  );
});

test('a box is the partner of one other alone', () => {
  const one: BoxSet = { boxes: Float64Array.of(0, 0, 1, 1), scores: Float64Array.of(1), labels: Int32Array.of(1) };
  const two: BoxSet = { boxes: Float64Array.of(0, 0, 1, 1, 0, 0, 1, 1), scores: Float64Array.of(1, 1), labels: Int32Array.of(1, 1) };
  expect(unmatched(one, two, { pixels: 1, score: 1 })).toBe(1);
  expect(unmatched(two, one, { pixels: 1, score: 1 })).toBe(1);
});

const parts: Parts = { trunk: 60, proposals: 1, roiAlign: 2, heads: 36, detections: 1, suppression: 0.5 };
const ratio = { median: 2.5, low: 2.25, high: 2.75, pairs: 15 };
const row = {
  model: 'senet/fasterrcnn_seresnet50_fpn',
  runtime: 'Node 20',
  version: '0.1.0',
  size: [320, 512],
  regions: 150,
  found: 7,
  medianMs: 100,
  minMs: 90,
} as const;
const result: DetectResult = {
  date: '2026-11-29',
  command: 'npm run bench:detect',
  host: { cpu: 'A CPU', cores: 2, memoryGiB: 4, node: '20', v8: '11', instructions: 'SIMD' },
  rounds: 15,
  rows: [
    {
      ...row,
      se: true,
      engine: 'senet',
      variant: 'relaxed',
      algorithms: 'fast',
      parts,
      seCostPercent: { ...ratio, median: 1, low: 0.5, high: 1.5 },
    },
    { ...row, se: false, engine: 'senet', variant: 'relaxed', algorithms: 'fast', parts },
    {
      ...row,
      se: true,
      engine: 'ort',
      variant: 'strict',
      medianMs: 250,
      parts: { trunk: 150, proposals: 1, heads: 98, detections: 1 },
      agreement: 1.25e-6,
      timesOurs: ratio,
    },
  ],
};

test('the table has each part, the shares beside the layers and of RoIAlign and suppression alone, the ratio and what SE costs', () => {
  expect(besidesShare({ parts })).toBe(0.04);
  expect(roiAndNmsShare({ parts })).toBe(0.025);
  const { suppression: _, ...before } = parts;
  expect(roiAndNmsShare({ parts: before })).toBeUndefined();
  const [, gated, bare, other] = detectTable(result).map((cells) => cells.join(' | '));
  expect(gated).toBe(
    'fasterrcnn_seresnet50_fpn | senet relaxed fast | Node 20 | 100.0 (90.0) | 60.0 | 1.0 | 2.0 | 36.0 | 1.0 | 4.0 % | 2.5 % |  | +1.00 % (+0.50 to +1.50)',
  );
  expect(bare).toMatch(/^fasterrcnn_seresnet50_fpn without SE \|/);
  expect(other).toBe(
    'fasterrcnn_seresnet50_fpn | onnxruntime-web | Node 20 | 250.0 (90.0) | 150.0 | 1.0 | in heads | 98.0 | 1.0 |  |  | 2.50 (2.25 to 2.75) | ',
  );
  expect(detectText(result)).toContain('fasterrcnn_seresnet50_fpn 512×320 and 150');
  expect(detectText(result)).toContain('agreed to 1.3e-6 of the largest');
});

test('what stands between and behind the layers chooses as many regions as there are places, and finds what the layers say', () => {
  const published = findDetector('fasterrcnn_mobilenet_v3_large_320_fpn');
  const model = { ...published, settings: { ...published.settings, postNms: 3 } };
  const graph = model.create({ size: [32, 48], regions: 3, classes: 4 });
  const picture = { width: 48, height: 32, data: Uint8Array.from({ length: 48 * 32 * 3 }, (_, i) => (i * 37) % 256) };
  const batch = transformImages([picture], { ...transformRule320, minSize: 32, maxSize: 64 });
  const weights = syntheticWeights(graph, { seed: 7 });
  const scene: Scene = { model, graph, weights, batch, regions: 3 };
  let chosen: ReturnType<typeof choose> | undefined;
  const outputs = evaluate(graph, reference(weights, { input: batch.images }), {
    late: {
      regions: (early) => {
        chosen = choose(scene, early);
        return chosen.regions;
      },
    },
  });
  expect(chosen?.regions.shape).toEqual([3, 6]);
  expect(chosen?.proposals[0]?.scores).toHaveLength(3);
  const found = foundIn(scene, outputs, chosen as NonNullable<typeof chosen>);
  expect(found.dropped).toBe(0);
  expect(found.boxes.every((value, i) => value >= 0 && value <= (i % 2 === 0 ? 48 : 32))).toBe(true);
  for (const label of found.labels) expect([1, 2, 3]).toContain(label);
});
