#!/usr/bin/env bash
# A float16 ONNX model does not overflow on onnxruntime's CPU: it runs in float32 between its first and last operator, so (60000 + 60000) / 4 is 30000.
#
# Seen with onnxruntime-web 1.30.0 and onnxruntime-node 1.30.0 in Node 20.20.2, x86-64. In float16 arithmetic, whose largest number is 65504, the sum is
# Infinity and so is the quotient: that is what a device with float16 arithmetic computes from the same file.
# Why it matters: a network that was checked on a CPU as float16 may be Infinity or NaN on the phone or GPU that it was converted for.
# Source: ONNX's Add-13 on tensor(float16); onnxruntime inserts Cast operators where its CPU has no float16 kernel (InsertCastTransformer).
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
const float16 = 10;
const half = (exponent, significand) => ((exponent + 15) << 10) | significand;
const sixtyThousand = half(15, 850); // 2^15 · (1 + 850/1024) = 59968
const aQuarter = half(-2, 0);
const infinity = 0x7c00;
const model = create(ModelProtoSchema, {
  irVersion: 8n,
  opsetImport: [{ version: 13n }],
  graph: {
    name: 'chain',
    node: [{ opType: 'Add', input: ['x', 'x'], output: ['sum'] }, { opType: 'Mul', input: ['sum', 'quarter'], output: ['y'] }],
    input: [shaped('x', float16, [1])],
    output: [shaped('y', float16, [1])],
    initializer: [{ name: 'quarter', dataType: float16, dims: [], int32Data: [aQuarter] }],
  },
});
for (const [name, ort] of Object.entries(engines)) {
  const session = await ort.InferenceSession.create(toBinary(ModelProtoSchema, model));
  const { y } = await session.run({ x: new ort.Tensor('float16', Uint16Array.of(sixtyThousand), [1]) });
  const bits = new Uint16Array(y.data.buffer, y.data.byteOffset, 1)[0];
  console.log(`${name}: (59968 + 59968) / 4 has the bits 0x${bits.toString(16)}; 29984 is 0x${half(14, 850).toString(16)}, Infinity 0x${infinity.toString(16)}`);
  assert.equal(bits, half(14, 850));
}
process.exit(0);
E2
node probe.mjs
