import { cpus, totalmem } from 'node:os';
import { supports } from '../wasm/features.js';

/** What runs this, as exactly as it says: engines differ in the last bits of some functions of Math. */
export function runtimeName(): string {
  const { bun, deno, node, v8 } = process.versions;
  const name = bun !== undefined ? `Bun ${bun}` : deno !== undefined ? `Deno ${deno}, V8 ${v8}` : `Node ${node}, V8 ${v8}`;
  return `${name}, ${process.arch}`;
}

/** What a timing needs beside it to mean anything. */
export interface Host {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly v8: string;
  readonly instructions: string;
}

export function hostFacts(): Host {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    v8: process.versions.v8,
    instructions: supports('relaxed') ? 'WebAssembly SIMD with relaxed fused multiply-add' : 'WebAssembly SIMD without fused multiply-add',
  };
}

export const hostLine = ({ cpu, cores, memoryGiB, node, v8, instructions }: Host): string =>
  `${cpu}, ${cores} cores, ${memoryGiB} GiB; Node ${node} (V8 ${v8}); ${instructions}`;
