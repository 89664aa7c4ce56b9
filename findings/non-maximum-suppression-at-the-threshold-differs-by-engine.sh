#!/usr/bin/env bash
# Two boxes that overlap by exactly the threshold: onnxruntime's NonMaxSuppression keeps both, TensorFlow.js drops the second.
#
# Seen with onnxruntime-web 1.30.0, onnxruntime-node 1.30.0 and tfjs 4.22.0 (cpu and wasm) in Node 20.20.2. The boxes [0, 0, 2, 2] and [0, 0, 2, 1] have an
# intersection of 2 and a union of 4: the IoU is 0.5 without rounding, and so is the threshold.
# Why it matters: boxes on a grid of whole pixels meet the threshold often; a detector converted from one engine to the other finds other objects.
# Source: ONNX's NonMaxSuppression-11 drops boxes whose IoU is above the threshold; tfjs's non_max_suppression_impl.ts compares with >=.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --no-audit --no-fund --ignore-scripts @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 \
  >>npm.log 2>&1 || { cat npm.log; exit 1; }
npm install --no-audit --no-fund --ignore-scripts onnxruntime-web@1.30.0 onnxruntime-node@1.30.0 onnx-buf@1.20.0-1 @bufbuild/protobuf@2.10.2 \
  >>npm.log 2>&1 || { cat npm.log; exit 1; }
cat >probe.mjs <<'E2'
import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

const shaped = (name, elemType, dims) => ({
  name,
  type: { value: { case: 'tensorType', value: { elemType, shape: { dim: dims.map((d) => ({ value: { case: 'dimValue', value: BigInt(d) } })) } } } },
});
ortWeb.env.wasm.numThreads = 1;
const engines = { 'onnxruntime-web': ortWeb, 'onnxruntime-node': ortNode };
setWasmPaths(`${join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`);
const boxes = [0, 0, 2, 2, 0, 0, 2, 1];
const scores = [0.9, 0.8];
const threshold = 0.5;
const kept = {};
const model = create(ModelProtoSchema, {
  irVersion: 8n,
  opsetImport: [{ version: 11n }],
  graph: {
    name: 'nms',
    node: [{ opType: 'NonMaxSuppression', input: ['boxes', 'scores', 'most', 'threshold'], output: ['kept'] }],
    input: [shaped('boxes', 1, [1, 2, 4]), shaped('scores', 1, [1, 1, 2])],
    output: [{ name: 'kept', type: { value: { case: 'tensorType', value: { elemType: 7 } } } }],
    initializer: [
      { name: 'most', dataType: 7, dims: [1n], int64Data: [2n] },
      { name: 'threshold', dataType: 1, dims: [1n], floatData: [threshold] },
    ],
  },
});
for (const [name, ort] of Object.entries(engines)) {
  const session = await ort.InferenceSession.create(toBinary(ModelProtoSchema, model));
  const result = await session.run({
    boxes: new ort.Tensor('float32', Float32Array.from(boxes), [1, 2, 4]),
    scores: new ort.Tensor('float32', Float32Array.from(scores), [1, 1, 2]),
  });
  kept[name] = result.kept.dims[0];
}
for (const backend of ['cpu', 'wasm']) {
  await tf.setBackend(backend);
  const indices = await tf.image.nonMaxSuppressionAsync(tf.tensor2d(boxes, [2, 4]), tf.tensor1d(scores), 2, threshold);
  kept[`tfjs-${backend}`] = indices.size;
}
console.log('boxes kept of two with an IoU of exactly the threshold:', kept);
assert.deepEqual(kept, { 'onnxruntime-web': 2, 'onnxruntime-node': 2, 'tfjs-cpu': 1, 'tfjs-wasm': 1 });
process.exit(0);
E2
node probe.mjs
