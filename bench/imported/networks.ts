import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { toOnnx } from '../../src/onnx/index.js';
import type { Shape } from '../../src/tensor.js';
import { synthetic } from '../../src/verify/vector.js';
import { root } from '../runtimes.js';

/** An ONNX file that is timed, and on which image. */
export interface TimedFile {
  readonly input: Shape;
  /** @throws what reading it does */
  file(): Promise<Uint8Array>;
}

const fetched = (name: string, input: Shape): TimedFile => ({
  input,
  file: async () => new Uint8Array(await readFile(join(root, 'networks/ocr', name))), // `npm run fetch:networks`
});

const exported = (id: string): TimedFile => ({
  input: [1, 3, 224, 224],
  async file() {
    const graph = createModel(id);
    return await toOnnx(graph, syntheticWeights(graph, synthetic));
  },
});

/** PaddleOCR's detector and recogniser, as published, and two networks of the zoo as `senet convert` writes them. */
export const timedFiles: Readonly<Record<string, TimedFile>> = {
  "PaddleOCR's detector": fetched('detector.onnx', [1, 3, 640, 640]),
  "PaddleOCR's recogniser": fetched('recogniser.onnx', [1, 3, 48, 320]),
  'MobileNetV3-Large': exported('torchvision/mobilenet_v3_large'),
  'EfficientNet-B0': exported('timm/efficientnet_b0'),
};
