import { WeightsError } from '../errors.js';
import { parameters } from '../graph/count.js';
import type { Stored } from '../io/tensorFile.js';
import { createModel } from '../models/index.js';
import { isReadable, type ReadableTensor, type Shape, sameShape, sizeOf, type Tensor } from '../tensor.js';
import { hasBackground, headOf, type Match } from './match.js';

/** The tensors of a network whose file fits it, by name and in the network's order and shapes. */
export function networkTensors(
  { model, options, classes, classifier }: Match,
  tensors: ReadonlyMap<string, Stored>,
): ReadonlyMap<string, Stored> {
  const graph = createModel(model, { ...options, classes });
  const head = headOf(graph);
  const inHead = (name: string): boolean => name.startsWith(`${head}.`);
  const wholes = new Set(graph.nodes.flatMap((node) => (node.op === 'param' && node.attrs.dtype ? [node.attrs.name] : [])));
  return new Map(
    parameters(graph).map(({ name, shape }) => {
      const renamed = classifier !== undefined && inHead(name) ? classifier + name.slice(head.length) : name;
      const found = (tensors.get(name) ?? tensors.get(renamed)) as Stored;
      const stored = wholes.has(name) ? asWhole(name, found) : found;
      return [name, inHead(name) && hasBackground(model, stored.shape[0]) ? withoutFirstRow(stored, shape) : shaped(stored, shape)];
    }),
  );
}

/** A quantised network's integers. @throws WeightsError, when it is read, for floats in their place */
function asWhole(name: string, stored: Stored): Stored {
  const read = stored.readWhole;
  const wrong = (): never => {
    throw new WeightsError(`tensor ${name}: expected the integers of a quantised network, I8 or I32, found ${stored.dtype}`, {
      tensor: name,
    });
  };
  return { ...stored, read: read ?? (async () => wrong()) };
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
