import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cocoClasses } from '../../src/detector/cocoClasses.js';
import { createDetector } from '../../src/detector/create.js';
import type { Detector } from '../../src/detector/detector.js';
import { InputError, SenetError, WeightsError } from '../../src/errors.js';
import { parameters } from '../../src/graph/count.js';
import { decodeImage } from '../../src/io/image.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import { findDetector } from '../../src/models/detection/index.js';
import { tensor } from '../../src/tensor.js';

const chelsea = readFileSync(new URL('../../assets/images/chelsea.png', import.meta.url));
const model = 'torchvision/fasterrcnn_mobilenet_v3_large_320_fpn';
const labels = ['cat', 'cup', 'rocket'];
const run = { minSize: 96, maxSize: 160, score: 0.3 } as const;

/** Generated weights, of which the class predictor is sure of itself. */
function file(classes = 4, change: (name: string) => number | undefined = () => undefined): Uint8Array<ArrayBuffer> {
  const graph = findDetector(model).create({ size: [64, 64], regions: 1, classes });
  const weights = parameters(graph).map(({ name, shape }) => {
    const made = syntheticTensor(name, shape, 3, name.endsWith('cls_score.weight') ? 10 : 1);
    const value = change(name);
    return [
      name,
      value === undefined
        ? made
        : tensor(
            shape,
            made.data.map(() => value),
          ),
    ] as const;
  });
  return saveSafetensors(new Map(weights));
}

let bytes: Uint8Array<ArrayBuffer>;
let labelled: Detector;
/** Without labels, it tells all that it finds. */
let plain: Detector;
beforeAll(async () => {
  bytes = file();
  labelled = await createDetector({ weights: bytes, model, labels, ...run });
  expect(labelled.session).toBeUndefined(); // until a picture is there
  plain = await createDetector({ weights: bytes, model, ...run, score: 0 });
});
afterAll(() => {
  labelled.dispose();
  plain.dispose();
});

test('finds things, the surest first, each in the picture and called by its label', async () => {
  const { detections, width, height, dropped } = await labelled.detect(chelsea);
  expect([width, height, dropped]).toEqual([451, 300, 0]);
  expect(detections.length).toBeGreaterThan(0);
  const scores = detections.map(({ score }) => score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  for (const { index, label, score, box } of detections) {
    expect(label).toBe(labels[index - 1]);
    expect(score).toBeGreaterThan(run.score);
    // the ratios by which boxes return are float32 numbers, so that an end may lie that much beyond the picture's
    const [right, bottom] = [width * (1 + 2 ** -23), height * (1 + 2 ** -23)];
    expect(0 <= box.x1 && box.x1 < box.x2 && box.x2 <= right && 0 <= box.y1 && box.y1 < box.y2 && box.y2 <= bottom).toBe(true);
  }
});

test('a higher score tells fewer of the same', async () => {
  using some = await createDetector({ weights: bytes, model, ...run, score: 0.4 });
  const { detections } = await plain.detect(chelsea);
  expect((await some.detect(chelsea)).detections).toEqual(detections.filter(({ score }) => score > 0.4));
});

test('pictures of several sizes take turns; calls queue; the same picture gives the same', async () => {
  const detector = labelled;
  const pixels = await decodeImage(chelsea, {});
  const part = { width: 200, height: 300, data: pixels.data.slice(0, 200 * 300 * 3) };
  const [first, other, again] = await Promise.all([detector.detect(pixels), detector.detect(part), detector.detect(chelsea)]);
  expect(again).toEqual(first);
  expect(other).toMatchObject({ width: 200, height: 300 });
  const { session } = detector;
  await detector.detect(pixels);
  expect(detector.session).toBe(session); // of one size it is compiled once
});

test('without labels classes are numbers, and of 91 COCO names', async () => {
  const { detections } = await plain.detect(chelsea);
  expect(detections.map(({ label }) => label)).toEqual(detections.map(({ index }) => String(index)));
  using coco = await createDetector({ weights: file(91), model, ...run });
  expect(coco.network.labels).toBe(cocoClasses);
  expect([1, 17, 44, 62, 72, 90].map((id) => cocoClasses[id])).toEqual(['person', 'cat', 'bottle', 'chair', 'tv', 'toothbrush']);
  expect(cocoClasses).toHaveLength(91);
  expect(cocoClasses.filter((name) => name === undefined)).toHaveLength(11); // the background, and ten ids that no box has
});

test('a published detector is recognised without a name, and says that another has its tensors', async () => {
  using detector = await createDetector({ weights: new Blob([bytes]), ...run });
  expect(detector.network).toMatchObject({ id: 'torchvision/fasterrcnn_mobilenet_v3_large_fpn', classes: 4 });
  expect(detector.network.notes).toEqual([expect.stringContaining('320_fpn has the same tensors')]);
});

describe('what cannot be is one of our errors', () => {
  test.each([
    ['no options', undefined, InputError],
    ['no weights', {}, InputError],
    ['a path', { weights: 'file.pth' }, InputError],
    ['null in place of weights', { weights: null }, InputError],
    ['a score that is none', { score: 1.5 }, InputError],
    ['a score that is text', { score: '0.5' }, InputError],
    ['threads that cannot be', { threads: 0 }, InputError],
    ['kernels that do not exist', { kernels: 'fast' }, InputError],
    ['a size that is none', { minSize: 0 }, InputError],
    ['a longest side that is none', { maxSize: 1.5 }, InputError],
    ['labels that do not fit', { labels: ['cat'] }, InputError],
    ['labels that are none', { labels: ['cat', null, 'dog'] }, InputError],
    ['another detector', { model: 'fasterrcnn_resnet50_fpn' }, WeightsError],
    ['a state that is not there', { state: 'model_ema' }, InputError],
  ])('%s', async (_, options, kind) => {
    const whole = Object.keys(options ?? {}).some((key) => key !== 'weights') ? { weights: bytes, ...options } : options;
    await expect(createDetector(whole as never)).rejects.toThrow(kind);
  });

  test('a classifier', async () => {
    const weights = saveSafetensors(new Map([['conv1.weight', tensor([1], [1])]]));
    await expect(createDetector({ weights })).rejects.toThrow(/no detector's/);
  });

  test('a picture that is none, or too narrow, is named', async () => {
    await expect(labelled.detect(new Uint8Array(3), { file: 'a.png' })).rejects.toThrow(/^a\.png: /);
    const narrow = { width: 4000, height: 1, data: new Uint8Array(12_000) };
    await expect(labelled.detect(narrow, { file: 'b.png' })).rejects.toThrow(/b\.png: .*too narrow/);
    expect((await labelled.detect(chelsea)).width).toBe(451); // it is as good as before
  });

  test('weights that overflow: what is not finite is left out, and said', async () => {
    const huge = file(4, (name) => (name.endsWith('cls_score.weight') ? 3e38 : undefined));
    using detector = await createDetector({ weights: huge, model, ...run });
    const { detections, dropped } = await detector.detect(chelsea);
    expect(detections.every(({ score }) => Number.isFinite(score))).toBe(true);
    expect(dropped).toBeGreaterThan(0);
  });
});

test('an aborted wait ends with the reason', async () => {
  const controller = new AbortController();
  const waiting = labelled.detect(chelsea, { signal: controller.signal });
  controller.abort(new Error('no longer wanted'));
  await expect(waiting).rejects.toThrow('no longer wanted');
  await expect(createDetector({ weights: bytes, signal: controller.signal })).rejects.toThrow('no longer wanted');
});

test('it can be disposed while it runs, and says so', async () => {
  const detector = await createDetector({ weights: bytes, model, ...run });
  const running = detector.detect(chelsea);
  detector.dispose();
  await expect(running).rejects.toThrow(SenetError);
});
