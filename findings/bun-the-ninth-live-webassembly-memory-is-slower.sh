#!/usr/bin/env bash
# Bun runs the same WebAssembly at full speed over its first eight live memories, and slower over every further one.
#
# Seen with Bun 1.4.5 on x86-64 Linux: a loop of loads takes the same time over each of eight memories that are alive, and 1.6 times as long over the ninth to
# the twelfth. Nothing says so: no error, no warning, no property of the memory. Node 20 shows no such step. JavaScriptCore reserves address space
# for a few memories, whose accesses need no bounds check, and checks every access of the others.
# Why it matters: a server that holds one session per network is slower from the ninth network on, and whoever compares engines in one
# process measures the order in which they were loaded.
# Source: JavaScriptCore's Wasm memory modes, Signaling and BoundsChecking; WebAssembly's JavaScript interface states no such limit.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --no-audit --no-fund --ignore-scripts assemblyscript@0.28.20 @oven/bun-linux-x64@1.4.5 >>npm.log 2>&1 || { cat npm.log; exit 1; }
cat >sum.ts <<'E2'
export function sum(begin: i32, end: i32): v128 {
  let a = i32x4.splat(0), b = a, c = a, d = a;
  for (let i = begin; i < end; i++) {
    const p = <usize>((i & 255) << 4), q = p ^ 4096, r = p ^ 8192, s = p ^ 12288;
    a = i32x4.add(a, v128.load(p)); b = i32x4.add(b, v128.load(q)); c = i32x4.add(c, v128.load(r)); d = i32x4.add(d, v128.load(s));
  }
  return i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
}
export function run(begin: i32, end: i32): i32 {
  return i32x4.extract_lane(sum(begin, end), 0);
}
E2
npx asc sum.ts -O3 --enable simd --runtime stub --importMemory --initialMemory 16 --maximumMemory 16 --noExportMemory -o sum.wasm
cat >probe.mjs <<'E2'
import { readFileSync } from 'node:fs';
const module = new WebAssembly.Module(readFileSync('sum.wasm'));
const alive = Array.from({ length: 12 }, () => {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 16 });
  return { memory, sum: new WebAssembly.Instance(module, { env: { memory } }).exports.run };
});
for (const { sum } of alive) for (let i = 0; i < 30; i++) sum(0, 100_000);
const least = alive.map(() => Infinity);
for (let round = 0; round < 40; round++)
  alive.forEach(({ sum }, i) => {
    const start = performance.now();
    sum(0, 400_000);
    least[i] = Math.min(least[i], performance.now() - start);
  });
const ratios = least.map((ms) => ms / least[0]);
const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const first = middle(ratios.slice(0, 8));
const later = middle(ratios.slice(8));
console.log(process.argv[2], 'memories 1 to 12:', ratios.map((ratio) => ratio.toFixed(2)).join(' '));
const steps = later > 1.3 && first < 1.2;
if (steps !== (process.argv[2] === 'bun')) {
  console.error(`expected ${process.argv[2] === 'bun' ? 'a step' : 'no step'} at the ninth memory`);
  process.exit(1);
}
E2
node_modules/@oven/bun-linux-x64/bin/bun probe.mjs bun 2>/dev/null || { chmod +x node_modules/@oven/bun-linux-x64/bin/bun; node_modules/@oven/bun-linux-x64/bin/bun probe.mjs bun; }
node probe.mjs node
