import type { Checked } from '../../reference/crosscheck/checked.js';
import { ourEngines } from '../../reference/crosscheck/ours.js';
import type { Graph } from '../../src/graph/graph.js';
import { map, type Tensor } from '../../src/tensor.js';

/** The reference as an engine of somebody else, with a fault: `spoil` is applied to each result. */
export function faulty(name: string, spoil: (y: Tensor, graph: Graph) => Tensor): Checked {
  const [reference] = ourEngines({ version: '1', runtime: 'Node 20' });
  const { engine } = reference as Checked;
  return {
    ...(reference as Checked),
    ours: false,
    engine: {
      ...engine,
      engine: name,
      async run(graph, weights, inputs) {
        const outputs = await engine.run(graph, weights, inputs);
        return new Map([...outputs].map(([output, y]) => [output, spoil(y, graph)]));
      },
    },
  };
}

/** Reads and writes 0 for a denormal. */
export const flushing = faulty('flushing', (y) => map(y, (value) => (Math.abs(value) < 2 ** -126 ? 0 : value)));
