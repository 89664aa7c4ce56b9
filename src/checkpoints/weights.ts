import { parameters } from '../graph/count.js';
import type { Stored } from '../io/tensorFile.js';
import { createModel } from '../models/index.js';
import { isReadable, type ReadableTensor, type Shape, sameShape, sizeOf, type Tensor } from '../tensor.js';
import { classifierOf, hasBackground, type Match } from './match.js';

/** The tensors of a network whose file fits it, by name and in the network's order and shapes. */
export function networkTensors({ model, options, classes }: Match, tensors: ReadonlyMap<string, Stored>): ReadonlyMap<string, Stored> {
  const graph = createModel(model, { ...options, classes });
  const head = classifierOf(graph);
  return new Map(
    parameters(graph).map(({ name, shape }) => {
      const stored = tensors.get(name) as Stored;
      return [
        name,
        name.startsWith(`${head}.`) && hasBackground(model, stored.shape[0]) ? withoutFirstRow(stored, shape) : shaped(stored, shape),
      ];
    }),
  );
}

/** Reads one tensor after another. */
export async function readAll(
  tensors: ReadonlyMap<string, Tensor | ReadableTensor>,
  progress?: (read: number, of: number) => void,
): Promise<ReadonlyMap<string, Tensor>> {
  const weights = new Map<string, Tensor>();
  for (const [name, stored] of tensors) {
    weights.set(name, isReadable(stored) ? await stored.read() : stored);
    progress?.(weights.size, tensors.size);
  }
  return weights;
}

/** The same values in a shape that holds the same. */
export function shaped(stored: Stored, shape: Shape): Stored {
  if (sameShape(stored.shape, shape)) return stored;
  return { ...stored, shape, read: async (into) => ({ shape, data: (await stored.read(into)).data }) };
}

function withoutFirstRow(stored: Stored, shape: Shape): Stored {
  return { ...stored, shape, read: async () => ({ shape, data: (await stored.read()).data.slice(-sizeOf(shape)) }) };
}
