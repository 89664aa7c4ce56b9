#!/usr/bin/env bash
# onnxruntime's Clip without an upper bound turns Infinity into 3.4e38: an absent bound is taken for the largest finite number.
#
# Seen with onnxruntime-web 1.30.0 and onnxruntime-node 1.30.0 in Node 20.20.2, x86-64: Clip(Infinity, min = 0) is 3.4028235e38, and Clip(-Infinity,
# max = 0) is -3.4028235e38. Relu, the same function as Clip with min = 0, keeps Infinity.
# Why it matters: exporters write ReLU and relu6 as Clip, so that an overflow in a network looks finite behind one.
# Source: ONNX's Clip-13 gives the defaults numeric_limits::lowest() and max(), so this is by the letter; numpy.clip and PyTorch's clamp keep infinities.
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

const vector = (name) => ({
  name,
  type: { value: { case: 'tensorType', value: { elemType: 1, shape: { dim: [{ value: { case: 'dimValue', value: 2n } }] } } } },
});
const run = async (ort, opType, input) => {
  const model = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ version: 13n }],
      graph: {
        name: 'limits',
        node: [{ opType, input, output: ['y'] }],
        input: [vector('x')],
        output: [vector('y')],
        initializer: input.includes('zero') ? [{ name: 'zero', dataType: 1, dims: [], floatData: [0] }] : [],
      },
    }),
  );
  const session = await ort.InferenceSession.create(model);
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY), [2]) });
  return [...y.data];
};
const largest = 3.4028234663852886e38;
ortWeb.env.wasm.numThreads = 1;
for (const [name, ort] of Object.entries({ 'onnxruntime-web': ortWeb, 'onnxruntime-node': ortNode })) {
  const found = { 'Clip min 0': await run(ort, 'Clip', ['x', 'zero']), 'Clip max 0': await run(ort, 'Clip', ['x', '', 'zero']), Relu: await run(ort, 'Relu', ['x']) };
  console.log(name, 'of Infinity, -Infinity:', found);
  assert.deepEqual(found, { 'Clip min 0': [largest, 0], 'Clip max 0': [0, -largest], Relu: [Number.POSITIVE_INFINITY, 0] });
}
process.exit(0);
E2
node probe.mjs
