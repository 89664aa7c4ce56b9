#!/usr/bin/env bash
# onnxruntime's nearest Resize takes the neighbour of 19 pixels in 32 when it shrinks 224 to 32, though the ratio is exactly 7.
#
# Seen with onnxruntime-node 1.30.0 in Node 20.20.2, x86-64; with `sizes`, coordinate_transformation_mode asymmetric and nearest_mode floor. Output 1
# should be input 7 and is 6: the engine divides by the float32 scale 32/224, whose inverse is 6.9999997. 49 to 7 errs too; 224 to 112 does not.
# Why it matters: a segmentation map or a picture that is shrunk by a whole factor is shifted by a pixel at some places only.
# Source: ONNX's Resize-13, asymmetric: x_original = x_resized / scale. Whole numbers, floor(k * input / output), have no such error.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0 onnx-buf@1.20.0-1 @bufbuild/protobuf@2.10.2 >>npm.log 2>&1 || { cat npm.log; exit 1; }
cat >probe.mjs <<'E2'
import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import ort from 'onnxruntime-node';

const shaped = (name, dims) => ({
  name,
  type: { value: { case: 'tensorType', value: { elemType: 1, shape: { dim: dims.map((d) => ({ value: { case: 'dimValue', value: BigInt(d) } })) } } } },
});
const text = (name, value) => ({ name, type: 3, s: new TextEncoder().encode(value) });
const shrink = async (from, to) => {
  const attribute = [text('mode', 'nearest'), text('coordinate_transformation_mode', 'asymmetric'), text('nearest_mode', 'floor')];
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: 13n }],
    graph: {
      name: 'shrink',
      node: [{ opType: 'Resize', input: ['x', '', '', 'sizes'], output: ['y'], attribute }],
      input: [shaped('x', [1, 1, 1, from])],
      output: [shaped('y', [1, 1, 1, to])],
      initializer: [{ name: 'sizes', dataType: 7, dims: [4n], int64Data: [1n, 1n, 1n, BigInt(to)] }],
    },
  });
  const session = await ort.InferenceSession.create(toBinary(ModelProtoSchema, model));
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.from({ length: from }, (_, i) => i), [1, 1, 1, from]) });
  return [...y.data];
};
const wrong = {};
for (const [from, to] of [[224, 32], [49, 7], [224, 112]]) {
  const taken = await shrink(from, to);
  wrong[`${from} to ${to}`] = taken.filter((pixel, k) => pixel !== Math.floor((k * from) / to)).length;
  console.log(`${from} to ${to}: pixels ${taken.slice(0, 8).join(', ')}, ...; ${wrong[`${from} to ${to}`]} of ${to} are a neighbour`);
}
assert.deepEqual(wrong, { '224 to 32': 19, '49 to 7': 3, '224 to 112': 0 });
E2
node probe.mjs
