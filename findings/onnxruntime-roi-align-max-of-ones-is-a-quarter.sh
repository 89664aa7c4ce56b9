#!/usr/bin/env bash
# RoiAlign with mode "max" in onnxruntime takes the largest *weighted corner*, not the largest sample: of a plane of ones it is 0.25.
#
# Seen with onnxruntime-web 1.30.0 and onnxruntime-node 1.30.0 in Node 20.20.2: a 4x4 plane of ones, one box over all of it, one sample a bin, opset 16. The
# sample is interpolated from four ones with weights of a quarter; their sum is 1, which is what mode "avg" gives.
# Why it matters: a detector's features come out up to four times too small, by an amount that depends on where the box lies.
# Source: ONNX's RoiAlign-16: "max" pools the bilinearly interpolated sampling points.
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

const shaped = (name, elemType, dims) => ({
  name,
  type: { value: { case: 'tensorType', value: { elemType, shape: { dim: dims.map((d) => ({ value: { case: 'dimValue', value: BigInt(d) } })) } } } },
});
ortWeb.env.wasm.numThreads = 1;
const engines = { 'onnxruntime-web': ortWeb, 'onnxruntime-node': ortNode };
const [float32, int64] = [1, 7];
const run = async (ort, mode) => {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: 16n }],
    graph: {
      name: 'align',
      node: [
        {
          opType: 'RoiAlign',
          input: ['x', 'boxes', 'images'],
          output: ['y'],
          attribute: [
            { name: 'mode', type: 3, s: new TextEncoder().encode(mode) },
            ...['output_height', 'output_width', 'sampling_ratio'].map((name) => ({ name, type: 2, i: 1n })),
          ],
        },
      ],
      input: [shaped('x', float32, [1, 1, 4, 4]), shaped('boxes', float32, [1, 4]), shaped('images', int64, [1])],
      output: [shaped('y', float32, [1, 1, 1, 1])],
    },
  });
  const session = await ort.InferenceSession.create(toBinary(ModelProtoSchema, model));
  const { y } = await session.run({
    x: new ort.Tensor('float32', new Float32Array(16).fill(1), [1, 1, 4, 4]),
    boxes: new ort.Tensor('float32', Float32Array.of(0, 0, 4, 4), [1, 4]),
    images: new ort.Tensor('int64', BigInt64Array.of(0n), [1]),
  });
  return y.data[0];
};
for (const [name, ort] of Object.entries(engines)) {
  const found = { avg: await run(ort, 'avg'), max: await run(ort, 'max') };
  console.log(name, 'of a plane of ones:', found);
  assert.deepEqual(found, { avg: 1, max: 0.25 });
}
process.exit(0);
E2
node probe.mjs
