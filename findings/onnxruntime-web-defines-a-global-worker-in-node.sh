#!/usr/bin/env bash
# Creating an onnxruntime-web session in Node defines globalThis.Worker, so that `typeof Worker` no longer tells a browser from Node.
#
# Seen with onnxruntime-web 1.30.0 in Node 20.20.2: undefined before the first session, a function after it. It is Node's worker_threads.Worker,
# whose constructor and messages are not those of a browser's Worker.
# Why it matters: a library that chooses between web workers and worker_threads by `typeof Worker` changes its mind in the middle of a program.
# Source: Emscripten's generated loader, in the package's ort-wasm-simd-threaded files.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --no-audit --no-fund --ignore-scripts onnxruntime-web@1.30.0 onnx-buf@1.20.0-1 @bufbuild/protobuf@2.10.2 >>npm.log 2>&1 || { cat npm.log; exit 1; }
cat >probe.mjs <<'E2'
import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import * as threads from 'node:worker_threads';
import * as ort from 'onnxruntime-web';

const value = (name) => ({ name, type: { value: { case: 'tensorType', value: { elemType: 1, shape: { dim: [] } } } } });
const model = create(ModelProtoSchema, {
  irVersion: 8n,
  opsetImport: [{ version: 13n }],
  graph: { name: 'identity', node: [{ opType: 'Identity', input: ['x'], output: ['y'] }], input: [value('x')], output: [value('y')] },
});
ort.env.wasm.numThreads = 1;
const before = typeof globalThis.Worker;
await ort.InferenceSession.create(toBinary(ModelProtoSchema, model));
const after = typeof globalThis.Worker;
console.log(`typeof Worker: ${before} before the first session, ${after} after it; worker_threads' own: ${globalThis.Worker === threads.Worker}`);
assert.deepEqual([before, after, globalThis.Worker === threads.Worker], ['undefined', 'function', true]);
process.exit(0);
E2
node probe.mjs
