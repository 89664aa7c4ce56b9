import type { Graph } from '../graph/graph.js';
import { syntheticWeights } from '../io/synthetic.js';
import { createModel, findModel } from '../models/index.js';
import type { Tensor } from '../tensor.js';
import { synthetic } from '../verify/vector.js';

/** A network that is measured: one of the zoo on generated weights, or any other on its own. */
export interface MeasuredNetwork {
  /** `source/name`, or a file. */
  readonly name: string;
  /** Whether it has gates. */
  readonly se: boolean;
  /** Of its image, where nothing else is asked for. */
  readonly size: readonly [height: number, width: number];
  build(options?: BuildOptions): BuiltNetwork;
}

export interface BuildOptions {
  /** Images a run. @defaultValue 1 */
  readonly batch?: number | undefined;
  readonly size?: readonly [height: number, width: number] | undefined;
  /** `false` leaves the gates out. @defaultValue true */
  readonly se?: boolean;
}

export interface BuiltNetwork {
  readonly graph: Graph;
  /** Made when they are asked for: a plan needs none. */
  weights(): ReadonlyMap<string, Tensor>;
}

/** @throws InputError for a name that no network has */
export function zooNetwork(name: string): MeasuredNetwork {
  const { id, size, se } = findModel(name);
  return {
    name: id,
    se,
    size: [size, size],
    build(options = {}) {
      const { batch, size: sides, se: gated = true } = options;
      const graph = createModel(id, { se: gated, ...(batch !== undefined && { batch }), ...(sides && { size: sides }) });
      return { graph, weights: () => syntheticWeights(graph, synthetic) };
    },
  };
}
