#!/usr/bin/env bash
# tf.maxPool with dimRoundingMode 'ceil' on tfjs-wasm computes the smaller, floor-rounded plane, lays its values out in the larger shape and leaves the rest unwritten.
#
# Seen with @tensorflow/tfjs-backend-wasm 4.22.0 in Node 20.20.2. Of 6x6 numbers 0 to 35, a 3x3 window of stride 2 gives 14 16 17 | 26 28 29 | 32 34 35 on
# tfjs-cpu; on tfjs-wasm 14 16 26 | 28 ... and then whatever the memory held before: no error, a result of the right shape.
# Why it matters: Caffe's networks (the authors' SENets) and GoogLeNet pool in ceil mode.
# Source: tfjs's maxPool documents dimRoundingMode 'floor', 'round' and 'ceil' for explicit paddings.
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
const pooled = {};
for (const backend of ['cpu', 'wasm']) {
  await tf.setBackend(backend);
  const plane = tf.tensor4d(Array.from({ length: 36 }, (_, i) => i), [1, 6, 6, 1]);
  const result = tf.maxPool(plane, 3, 2, 0, 'ceil');
  pooled[backend] = { shape: result.shape, values: [...result.dataSync()] };
  console.log(`tfjs-${backend}`, JSON.stringify(pooled[backend]));
}
assert.deepEqual(pooled.cpu, { shape: [1, 3, 3, 1], values: [14, 16, 17, 26, 28, 29, 32, 34, 35] });
assert.deepEqual(pooled.wasm.shape, [1, 3, 3, 1]);
assert.deepEqual(pooled.wasm.values.slice(0, 4), [14, 16, 26, 28], 'the rows are no longer those of floor');
E2
node probe.mjs
