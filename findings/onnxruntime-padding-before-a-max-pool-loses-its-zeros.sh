#!/usr/bin/env bash
# onnxruntime's maximum of planes that were padded with zeros leaves the zeros out: Pad before MaxPool becomes the pool's own padding, which is of -Infinity.
#
# Seen with onnxruntime-web 1.30.0 and onnxruntime-node 1.30.0 in Node 20.20.2, x86-64: the plane [-1, -2], padded with a 0 on both sides, has the
# maxima [0, -1, 0] over two cells. onnxruntime gives [-1, -1, -2]; with graphOptimizationLevel 'disabled' it is right.
# Why it matters: SAME padding of a pool is written as Pad and MaxPool by converters, and without a ReLU before it the maximum at the edge is wrong.
# Source: ONNX's Pad-13 has cells of `constant_value`, 0 unless it is given, and MaxPool-12 takes them as any other cells; the optimizer's Pad fusion
# (onnxruntime/core/optimizer/pad_fusion.cc) adds the pads to the pool's own. PyTorch's F.pad and max_pool2d give the zeros.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --no-audit --no-fund --ignore-scripts onnxruntime-web@1.30.0 onnxruntime-node@1.30.0 onnx-buf@1.20.0-1 @bufbuild/protobuf@2.10.2 \
  >>npm.log 2>&1 || { cat npm.log; exit 1; }
cat >probe.mjs <<'E2'
import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';

const plane = (name, columns) => ({
  name,
  type: {
    value: {
      case: 'tensorType',
      value: { elemType: 1, shape: { dim: [1n, 1n, 1n, columns].map((dimValue) => ({ value: { case: 'dimValue', value: dimValue } })) } },
    },
  },
});
const model = toBinary(
  ModelProtoSchema,
  create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: 13n }],
    graph: {
      name: 'padded',
      node: [
        { opType: 'Pad', input: ['x', 'pads'], output: ['p'] },
        { opType: 'MaxPool', input: ['p'], output: ['y'], attribute: [{ name: 'kernel_shape', type: 7, ints: [1n, 2n] }] },
      ],
      input: [plane('x', 2n)],
      output: [plane('y', 3n)],
      initializer: [{ name: 'pads', dataType: 7, dims: [8n], int64Data: [0n, 0n, 0n, 1n, 0n, 0n, 0n, 1n] }],
    },
  }),
);
const run = async (ort, graphOptimizationLevel) => {
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel });
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(-1, -2), [1, 1, 1, 2]) });
  return [...y.data];
};
ortWeb.env.wasm.numThreads = 1;
for (const [name, ort] of Object.entries({ 'onnxruntime-web': ortWeb, 'onnxruntime-node': ortNode })) {
  const found = { optimised: await run(ort, 'all'), plain: await run(ort, 'disabled') };
  console.log(name, 'maxima of [0, -1, -2, 0]:', found);
  assert.deepEqual(found, { optimised: [-1, -1, -2], plain: [0, -1, 0] });
}
process.exit(0);
E2
node probe.mjs
