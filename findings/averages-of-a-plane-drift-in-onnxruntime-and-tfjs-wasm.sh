#!/usr/bin/env bash
# The mean of a constant plane is not the constant: onnxruntime-web, onnxruntime-node and tfjs-wasm add one float32 after another.
#
# Seen with onnxruntime-web 1.30.0, onnxruntime-node 1.30.0 and @tensorflow/tfjs-backend-wasm 4.22.0 in Node 20.20.2, x86-64. A plane of 0.7 has the
# mean 0.7; at 1024x1024 ReduceMean of onnxruntime-web and tf.mean of tfjs-wasm give 0.69273 (1 % off), GlobalAveragePool of both
# onnxruntimes 0.70181. tfjs-cpu, which sums in float64, gives 0.7. At 224x224 they are 1e-4 to 5e-4 off, where a sum of blocks errs by 1e-7.
# onnxruntime-web and tfjs-wasm agree to the last bit, so that a comparison of the two calls both right.
# Why it matters: the squeeze of an SE block is this mean, and early stages have the largest planes.
# Source: ONNX's GlobalAveragePool and ReduceMean state no order of summation; Higham 2002, section 4.2, for the error of a running sum.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --no-audit --no-fund --ignore-scripts onnxruntime-web@1.30.0 onnxruntime-node@1.30.0 onnx-buf@1.20.0-1 @bufbuild/protobuf@2.10.2 \
  @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 >>npm.log 2>&1 || { cat npm.log; exit 1; }
cat >probe.mjs <<'E2'
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { ModelProtoSchema } from 'onnx-buf';
import ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';

const value = 0.7;
const shaped = (name, dims) => ({
  name,
  type: { value: { case: 'tensorType', value: { elemType: 1, shape: { dim: dims.map((d) => ({ value: { case: 'dimValue', value: BigInt(d) } })) } } } },
});
const model = (opType, attribute, n) =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ version: 13n }],
      graph: { name: 'mean', node: [{ opType, input: ['x'], output: ['y'], attribute }], input: [shaped('x', [1, 1, n, n])], output: [shaped('y', [1, 1, 1, 1])] },
    }),
  );
const onnx = async (ort, opType, n) => {
  const attribute = opType === 'ReduceMean' ? [{ name: 'axes', type: 7, ints: [2n, 3n] }] : [];
  const session = await ort.InferenceSession.create(model(opType, attribute, n));
  const { y } = await session.run({ x: new ort.Tensor('float32', new Float32Array(n * n).fill(value), [1, 1, n, n]) });
  return y.data[0];
};
const tfjs = async (backend, n) => {
  await tf.setBackend(backend);
  return tf.mean(tf.fill([1, n, n, 1], value), [1, 2]).dataSync()[0];
};

ortWeb.env.wasm.numThreads = 1;
setWasmPaths(`${join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`);
const contenders = {
  'onnxruntime-web ReduceMean': (n) => onnx(ortWeb, 'ReduceMean', n),
  'onnxruntime-web GlobalAveragePool': (n) => onnx(ortWeb, 'GlobalAveragePool', n),
  'onnxruntime-node GlobalAveragePool': (n) => onnx(ortNode, 'GlobalAveragePool', n),
  'tfjs-wasm mean': (n) => tfjs('wasm', n),
  'tfjs-cpu mean': (n) => tfjs('cpu', n),
};
const off = {};
for (const [name, mean] of Object.entries(contenders)) {
  off[name] = [];
  for (const n of [112, 224, 1024]) off[name].push(Math.abs((await mean(n)) - Math.fround(value)) / value);
  console.log(name.padEnd(36), 'relative error at 112, 224, 1024:', ...off[name].map((e) => e.toExponential(1)));
}
for (const [name, errors] of Object.entries(off))
  if (name === 'tfjs-cpu mean') assert.ok(errors.every((e) => e < 1e-7), name);
  else assert.ok(errors[2] > 1e-3 && errors[1] > 1e-4, `${name} no longer drifts`);
assert.deepEqual(off['onnxruntime-web ReduceMean'], off['tfjs-wasm mean']);
process.exit(0);
E2
node probe.mjs
