import { InputError, UnsupportedError } from '../src/errors.js';
import { checkGraph } from '../src/graph/check.js';
import type { Graph } from '../src/graph/graph.js';
import type { Node } from '../src/ops/op.js';
import { shown, type Tensor } from '../src/tensor.js';

/** A network compiled by another engine, as a good user of that engine would deploy it: what senet is timed against. */
export interface Contender {
  readonly engine: 'tfjs' | 'ort';
  /** The engine's own version number. */
  readonly version: string;
  readonly threads: number;
  /** True where the engine lacks an op that the graph uses, so that it was composed of others: no ratio may be claimed from such a row. */
  readonly composed: boolean;
  /**
   * The graph's named outputs for one image (NCHW in, NCHW out), copied out of the engine. Always a promise, so that both engines
   * are awaited alike; one run at a time.
   *
   * @throws ShapeError if the image is not what the graph was built for.
   */
  run(image: Tensor): Promise<ReadonlyMap<string, Tensor>>;
  /** Lets the engine's copy of the weights go. */
  dispose(): Promise<void>;
}

export interface ContenderOptions {
  /** @defaultValue 1 */
  readonly threads?: number;
}

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
export const float32 = (data: Tensor['data']): Float32Array => (data instanceof Float32Array ? data : new Float32Array(data));
