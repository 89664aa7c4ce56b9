import { packingSize, parametersOf } from '../plan/pack.js';
import type { Packing } from '../plan/packing.js';
import type { Arg, Plan } from '../plan/plan.js';
import { scratchBytes } from './packer.js';

/** Where a plan's constants and values lie in a memory. */

/** Packed weights that lie in a memory. */
export interface Packed {
  /** Addresses by what is packed, and how. */
  readonly at: ReadonlyMap<string, number>;
  readonly end: number;
}

export interface Addresses {
  readonly addresses: ReadonlyMap<string, number>;
  readonly packed: Packed;
  readonly arena: number;
}

/** Where the packed weights lie, from `begin` on or where they are already; behind them the tables, and the arena. */
export function addressesOf({ weights }: Plan, begin: number, held: Packed = { at: new Map(), end: begin }): Addresses {
  const addresses = new Map<string, number>();
  const at = new Map(held.at);
  const tables = new Map<string, Packing>();
  let { end } = held;
  for (const [name, packing] of weights) {
    if (parametersOf(packing).length === 0) {
      tables.set(name, packing);
      continue;
    }
    const key = JSON.stringify(packing);
    const address = at.get(key) ?? end;
    if (address === end) end += bytesOf(packing);
    at.set(key, address);
    addresses.set(name, address);
  }
  let arena = end;
  for (const [name, packing] of tables) {
    addresses.set(name, arena);
    arena += bytesOf(packing);
  }
  return { addresses, packed: { at, end }, arena };
}

/** Of a constant, and of what is read beyond its end. */
const bytesOf = (packing: Packing): number => Math.ceil((packingSize(packing) * 4 + 16) / 64) * 64;

/** The address that an argument stands for; of scratch, that of the given thread's part. */
export const resolver =
  ({ buffers }: Plan, addresses: ReadonlyMap<string, number>, arena: number) =>
  (arg: Arg, thread = 0): number => {
    if (typeof arg === 'number') return arg;
    if ('weights' in arg) return addresses.get(arg.weights) as number;
    return arena + (buffers[arg.buffer]?.offset as number) + (arg.at ?? 0) + thread * (arg.perThread ?? 0);
  };

/** Bytes of memory that a plan needs, from a multiple of 64 on. */
export const memoryOf = (plan: Plan): number => addressesOf(plan, 0).arena + workBytes(plan);

/** Of the arena, which serves as scratch memory while weights are packed. */
export const workBytes = (plan: Plan): number => Math.max(plan.arenaBytes, scratchBytes(plan));
