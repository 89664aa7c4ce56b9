import { InputError, UnsupportedError } from '../../src/errors.js';
import { checkGraph } from '../../src/graph/check.js';
import { type Inputs, inputOf, inputsByName, type RunInput } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Contender, ContenderOptions } from '../../src/measure/contender.js';
import type { Node } from '../../src/ops/op.js';
import { kindOf, shown, type Tensor } from '../../src/tensor.js';

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

/** The graph's inputs. @throws PlanError and ShapeError for what is no graph */
export function portsOf(graph: Graph): readonly Node<'input'>[] {
  checkGraph(graph);
  return graph.nodes.filter((node) => node.op === 'input');
}

/** The tensor of each port: the image alone, or all by name. @throws ShapeError if one is missing or has another shape; InputError for what is no tensor */
export function tensorsOf(ports: readonly Node<'input'>[], input: RunInput): Inputs {
  if (kindOf(input) !== 'Object') throw new InputError(`expected a tensor, or tensors by name, not ${kindOf(input)}`);
  const given = inputsByName(input, ports[0]?.attrs.name);
  return Object.fromEntries(ports.map(({ attrs: { name, shape } }) => [name, inputOf(given[name], name, shape)]));
}

/** The values in the precision that engines compute in, not copied if they are already. */
export const float32 = (data: Tensor['data'] | Uint8Array | Int8Array): Float32Array =>
  data instanceof Float32Array ? data : new Float32Array(data);
