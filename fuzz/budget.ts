import type { Files, Reader } from './reader.js';

/** What reading a case may take: in proportion to its bytes, but for a floor below which noise would decide. */
export interface Allowance {
  readonly cpuMs: number;
  /** Bytes of one array, buffer or growth of a WebAssembly memory. */
  readonly array: number;
  /** Bytes by which the heap, or the process, may grow. */
  readonly memory: number;
}

const mebibyte = 2 ** 20;
const least: Allowance = { cpuMs: 100, array: 1.25 * mebibyte, memory: 16 * mebibyte };

/** At most 1 s of CPU a megabyte, and four times the bytes in memory, of files that are `read` or else refused. */
export function allowanceOf(reader: Reader, files: Files, read: boolean): Allowance {
  const bytes = Object.values(files).reduce((sum, file) => sum + file.length, 0) + (reader.claimed?.(files, read) ?? 0);
  return {
    cpuMs: (reader.baseMs ?? 0) + Math.max(least.cpuMs, bytes / 1000),
    array: Math.max(least.array, 4 * bytes),
    memory: Math.max(least.memory, 4 * bytes),
  };
}
