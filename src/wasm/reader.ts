import { parametersOf } from '../plan/pack.js';
import type { Plan } from '../plan/plan.js';
import { isReadable, sizeOf, type Tensor } from '../tensor.js';
import { filled, type Weights } from './weights.js';

/** Smaller tensors get memory of their own. */
const largeBytes = 2 ** 16;

/** The parameters of a plan in the order in which they are packed: one is read ahead, and each is dropped after its last packing. */
export interface Reader {
  /** The tensors that a packing is made from; those of the one before may be gone then. @throws WeightsError for a damaged file */
  take(names: readonly string[]): Promise<ReadonlyMap<string, Tensor>>;
}

export function readerOf({ weights: packings }: Pick<Plan, 'weights'>, weights: Weights): Reader {
  const uses = new Map<string, number>();
  for (const packing of packings.values()) for (const name of parametersOf(packing)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const order = [...uses.keys()];
  const started = new Map<string, Promise<Tensor>>();
  const bytesOf = (name: string): number => 4 * sizeOf(weights.get(name)?.shape ?? []);
  // a large tensor takes the memory of the one before the last, which is packed when the next is asked for; both have room for the largest from the start, since
  // what is let go of is not gone at once
  const memories: (Uint8Array | undefined)[] = [undefined, undefined];
  const isLarge = (name: string): boolean => bytesOf(name) >= largeBytes && uses.get(name) === 1;
  const room = order.reduce((most, name) => (isLarge(name) ? Math.max(most, bytesOf(name)) : most), 0);

  const memoryFor = (name: string): Uint8Array | undefined => {
    if (!isLarge(name)) return undefined;
    memories.reverse();
    memories[0] ??= new Uint8Array(room);
    return memories[0];
  };
  const start = (name: string): Promise<Tensor> => {
    const given = weights.get(name);
    if (given === undefined) throw new Error(`no tensor ${name}`); // checkWeights has seen them all
    const reading = isReadable(given)
      ? given.read(memoryFor(name)).then((found) => filled(name, found, given.shape))
      : Promise.resolve(given);
    reading.catch(() => undefined); // `take` throws it
    started.set(name, reading);
    return reading;
  };
  let next = 0;

  return {
    async take(names) {
      for (const [name] of started) if (uses.get(name) === 0) started.delete(name);
      const taken = new Map<string, Tensor>();
      for (const name of names) {
        const reading = started.get(name) ?? start(name);
        next = Math.max(next, order.indexOf(name) + 1);
        taken.set(name, await reading);
        uses.set(name, (uses.get(name) as number) - 1);
      }
      const ahead = order[next];
      if (ahead !== undefined && !started.has(ahead)) start(ahead);
      return taken;
    },
  };
}
