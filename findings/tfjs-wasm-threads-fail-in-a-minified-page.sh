#!/usr/bin/env bash
# TensorFlow.js's threaded WebAssembly back end works in development and fails in a minified page that is cross-origin isolated.
#
# Seen with @tensorflow/tfjs-backend-wasm 4.22.0, built by Vite 8.3.8 with its defaults, Chromium 156: "worker sent an error! Uncaught ReferenceError: e is not
# defined", and no network runs. esbuild 0.28.2, which keeps such a `typeof`, is not affected. The back end hands its workers the text of a function (Function.prototype.toString). That function asks
# `typeof _scriptDir !== "undefined"`, where _scriptDir is a variable outside of it. Vite's minifier sees that the variable exists and drops the `typeof`; in the worker,
# which has the function's text alone, the name is then unknown.
# Why it matters: the headers that make a page isolated are set for speed, in production. The same page without them, or not minified, works. With one thread,
# tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false) before the back end is set avoids it.
# Source: tensorflow/tfjs issues #4253 and #4539, closed in 2021 for earlier versions.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --no-audit --no-fund --ignore-scripts @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 vite@8.3.8 >>npm.log 2>&1 || { cat npm.log; exit 1; }
# the function whose text the back end hands to its workers, as its own module exports it
cat >factory.js <<'E2'
export { default } from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js';
E2
cat >build.mjs <<'E2'
import { build } from 'vite';
for (const minify of [false, true]) {
  const output = { entryFileNames: minify ? 'minified.mjs' : 'plain.mjs' };
  const rolldownOptions = { input: 'factory.js', preserveEntrySignatures: 'strict', output };
  await build({ configFile: false, logLevel: 'error', build: { minify, outDir: '.', emptyOutDir: false, rolldownOptions } });
}
E2
node build.mjs 2>/dev/null
cat >probe.mjs <<'E2'
import vm from 'node:vm';

/** What a worker does with the text, in a global scope like a worker's. @returns the error that its first lines end in, if any */
async function inWorker(factory) {
  const scope = { importScripts() {}, startWorker() {}, self: { location: { href: 'http://127.0.0.1/' } }, location: { href: 'http://127.0.0.1/' }, console, performance };
  scope.globalThis = scope;
  const given = { ENVIRONMENT_IS_PTHREAD: true, wasmMemory: new WebAssembly.Memory({ initial: 256, maximum: 256, shared: true }), instantiateWasm: () => ({}) };
  try {
    vm.runInNewContext(`var made = ${factory.toString()}; made(given)`, { ...scope, given });
    return 'no error';
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}
const plain = await inWorker((await import('./plain.mjs')).default);
const minified = await inWorker((await import('./minified.mjs')).default);
console.log('not minified:', plain);
console.log('minified:    ', minified);
if (/is not defined/.test(plain) || !/^ReferenceError: \w{1,2} is not defined$/.test(minified)) {
  console.error('expected the minified text alone to name a variable that it does not have');
  process.exit(1);
}
E2
node probe.mjs
