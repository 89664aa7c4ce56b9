#!/usr/bin/env bash
# In TensorFlow.js a NaN disappears: maxPool of nothing but NaN is -Infinity (cpu and wasm), relu6 and clipByValue of NaN are 0 (wasm).
#
# Seen with tfjs 4.22.0, back ends cpu and wasm, in Node 20.20.2. tf.max and tf.relu keep the NaN; the back ends differ on relu6 and clipByValue.
# onnxruntime's Relu, Clip and HardSwish keep it, PyTorch's max_pool2d and clamp too.
# Why it matters: a network that has diverged, or an input that was never written, ends in plausible logits; a comparison of engines blames the other one.
# Source: IEEE 754-2019, section 9.6 (maximum propagates NaN; maximumNumber does not); tfjs states neither.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --no-audit --no-fund --ignore-scripts @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 \
  >>npm.log 2>&1 || { cat npm.log; exit 1; }
cat >probe.mjs <<'E2'
import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

setWasmPaths(`${join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`);
const found = {};
for (const backend of ['cpu', 'wasm']) {
  await tf.setBackend(backend);
  found[backend] = {
    max: tf.max([NaN, NaN]).dataSync()[0],
    relu: tf.relu([NaN]).dataSync()[0],
    maxPool: tf.maxPool(tf.fill([1, 2, 2, 1], NaN), 2, 2, 'valid').dataSync()[0],
    relu6: tf.relu6([NaN]).dataSync()[0],
    clipByValue: tf.clipByValue([NaN], 0, 6).dataSync()[0],
  };
  console.log(`tfjs-${backend}`, found[backend]);
}
const kept = { max: NaN, relu: NaN, maxPool: -Infinity };
assert.deepEqual(found, { cpu: { ...kept, relu6: NaN, clipByValue: NaN }, wasm: { ...kept, relu6: 0, clipByValue: 0 } });
E2
node probe.mjs
