import { getHeapStatistics } from 'node:v8';
import { peakBytes } from '../src/node/peakBytes.js';

/** What reading a case took. */
export interface Taken {
  readonly cpuMs: number;
  /** Bytes of the largest array or buffer, or growth of a WebAssembly memory. */
  readonly array: number;
  /** Bytes by which the heap grew, what is garbage by now included, or the most that the process ever held. */
  readonly memory: number;
}

let largest = 0;
let heard = (_bytes: number): void => {};

function note(bytes: number): void {
  if (bytes > largest) largest = bytes;
  heard(bytes);
}

const arrays = [
  ...['ArrayBuffer', 'SharedArrayBuffer', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array'],
  ...['Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'],
] as const;

/** From now on each array's length is noted as it is made, before the machine is asked for the memory. */
export function watchAllocations(): void {
  for (const name of arrays) {
    const original = Reflect.get(globalThis, name) as { new (...args: unknown[]): object; readonly BYTES_PER_ELEMENT?: number };
    const width = original.BYTES_PER_ELEMENT ?? 1;
    const watched = new Proxy(original, {
      construct(target, args: unknown[], newTarget) {
        if (typeof args[0] === 'number') note(args[0] * width);
        return Reflect.construct(target, args, newTarget);
      },
    });
    Object.assign(globalThis, { [name]: watched });
  }
  const { grow } = WebAssembly.Memory.prototype;
  WebAssembly.Memory.prototype.grow = function (pages) {
    note(pages * 2 ** 16);
    return grow.call(this, pages);
  };
}

/** What `use` takes, and what it throws. */
export async function measured(use: () => Promise<void>): Promise<{ readonly taken: Taken; readonly thrown?: unknown }> {
  largest = 0;
  const heap = getHeapStatistics().used_heap_size;
  const held = peakBytes();
  const cpu = process.cpuUsage();
  let outcome: { readonly thrown?: unknown } = {};
  try {
    await use();
  } catch (thrown) {
    outcome = { thrown };
  }
  const { user, system } = process.cpuUsage(cpu);
  const memory = Math.max(getHeapStatistics().used_heap_size - heap, peakBytes() - held);
  return { taken: { cpuMs: (user + system) / 1000, array: largest, memory }, ...outcome };
}

/**
 * The most bytes that lived at once in heap and arrays beyond those before `use`, wherever that is more than `allowed`: only then is it counted exactly,
 * by collecting garbage whenever an array is made. Needs --expose-gc.
 */
export async function liveBytes(use: () => Promise<void>, allowed: number): Promise<number> {
  const collect = globalThis.gc as () => void;
  collect();
  const before = inUse();
  let most = 0;
  heard = (bytes) => {
    if (inUse() + bytes - before <= Math.max(allowed, most)) return;
    collect();
    most = Math.max(most, inUse() + bytes - before);
  };
  await use().catch(() => {});
  heard = () => {};
  return most;
}

function inUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
