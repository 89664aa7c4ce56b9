import { InputError, UnsupportedError } from '../../src/errors.js';
import { checkGraph } from '../../src/graph/check.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Contender, ContenderOptions } from '../../src/measure/contender.js';
import type { Node } from '../../src/ops/op.js';
import { shown, type Tensor } from '../../src/tensor.js';

export type { Contender, ContenderOptions } from '../../src/measure/contender.js';

/** The number of threads asked for. @throws InputError for what is none */
export function threadsOf(options: ContenderOptions): number {
  const threads: unknown = options?.threads ?? 1;
  if (typeof threads === 'number' && Number.isSafeInteger(threads) && threads >= 1) return threads;
  throw new InputError(`threads is a whole number from 1, not ${shown(threads)}`);
}

/** What `load` loads from the optional packages. @throws UnsupportedError that says what to install. */
export async function need<T>(engine: Contender['engine'], packages: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const why = cause instanceof Error ? ` (${cause.message.split('\n', 1)[0]})` : '';
    throw new UnsupportedError(`${engine} needs: npm install ${packages}${why}`, { cause });
  }
}

/** The graph's only input. @throws UnsupportedError if it has several: a contender is handed one image; PlanError and ShapeError for what is no graph. */
export function imageOf(graph: Graph): Node<'input'> {
  checkGraph(graph);
  const [image, ...others] = graph.nodes.filter((node) => node.op === 'input');
  if (image === undefined || others.length > 0) throw new UnsupportedError(`a contender takes one input, not ${others.length + 1}`);
  return image;
}

/** The values in the precision that engines compute in, not copied if they are already. */
export const float32 = (data: Tensor['data'] | Uint8Array | Int8Array): Float32Array =>
  data instanceof Float32Array ? data : new Float32Array(data);
