import { cpus, totalmem } from 'node:os';
import type { Machine } from '../report/machine.js';
import { fusesProducts } from '../wasm/features.js';

/** What runs this, as exactly as it says: engines differ in the last bits of some functions of Math. */
export function runtimeName(): string {
  const { bun, deno, node, v8 } = process.versions;
  const name = bun !== undefined ? `Bun ${bun}` : deno !== undefined ? `Deno ${deno}, V8 ${v8}` : `Node ${node}, V8 ${v8}`;
  return `${name}, ${process.arch}`;
}

export function machineFacts(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    v8: process.versions.v8,
    instructions: fusesProducts() ? 'WebAssembly SIMD with relaxed fused multiply-add' : 'WebAssembly SIMD without fused multiply-add',
  };
}
