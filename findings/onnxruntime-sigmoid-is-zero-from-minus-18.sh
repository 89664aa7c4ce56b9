#!/usr/bin/env bash
# onnxruntime's Sigmoid is exactly 0 from -18 down, and 17 % off at -15: its error is absolute, not relative.
#
# Seen with onnxruntime-web 1.30.0 and onnxruntime-node 1.30.0 in Node 20.20.2, x86-64. The true values are 1.5e-8 at -18 and 3.1e-7 at -15; float32
# reaches down to sigmoid(-103).
# Why it matters: the gate of an SE block is a sigmoid. A closed gate becomes 0 and its channel vanishes; a log of it becomes -Infinity.
# Source: ONNX's Sigmoid states y = 1 / (1 + exp(-x)) and no error.
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

const inputs = [-5, -10, -15, -18, -20, -30];
const vector = (name) => ({
  name,
  type: { value: { case: 'tensorType', value: { elemType: 1, shape: { dim: [{ value: { case: 'dimValue', value: BigInt(inputs.length) } }] } } } },
});
const model = toBinary(
  ModelProtoSchema,
  create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: 13n }],
    graph: { name: 'gate', node: [{ opType: 'Sigmoid', input: ['x'], output: ['y'] }], input: [vector('x')], output: [vector('y')] },
  }),
);
ortWeb.env.wasm.numThreads = 1;
for (const [name, ort] of Object.entries({ 'onnxruntime-web': ortWeb, 'onnxruntime-node': ortNode })) {
  const session = await ort.InferenceSession.create(model);
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.from(inputs), [inputs.length]) });
  const relative = inputs.map((x, i) => Math.abs(y.data[i] * (1 + Math.exp(-x)) - 1));
  console.log(name, inputs.map((x, i) => `sigmoid(${x}) = ${y.data[i].toExponential(2)}, ${(100 * relative[i]).toFixed(3)} % off`).join('; '));
  assert.ok(relative[0] < 1e-4 && relative[2] > 0.1, 'the error at -5 or -15 has changed');
  assert.deepEqual([...y.data.slice(3)], [0, 0, 0], 'closed gates are no longer 0');
}
process.exit(0);
E2
node probe.mjs
