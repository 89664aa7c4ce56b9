import { UnsupportedError } from '../../src/errors.js';
import type { PoolAttrs } from '../../src/ops/op.js';
import { litertVersion, openLitert } from '../engines/litert.js';
import type { Case } from '../properties/case.js';
import type { Checked } from './checked.js';
import type { Provenance } from './engine.js';

/** LiteRT.js (TensorFlow Lite with XNNPACK), in this process: each graph as a TensorFlow Lite file. */
export async function litertEngine({ runtime }: Pick<Provenance, 'runtime'>): Promise<Checked> {
  return {
    engine: {
      engine: 'litert',
      version: await litertVersion(),
      runtime,
      async run(graph, weights, inputs) {
        if (graph.nodes.some(({ op }) => op === 'adaptiveAvgPool2d'))
          throw new UnsupportedError('TensorFlow Lite has no adaptive pool; by products with shares, an infinity would reach every window');
        const session = await openLitert(graph, weights);
        try {
          return await session.run(inputs);
        } finally {
          await session.dispose();
        }
      },
      dispose: () => Promise.resolve(),
    },
    ours: false,
    filtering: 'direct',
    composes,
  };
}

/** TensorFlow Lite has no SiLU and no hard sigmoid, and its averages count the cells inside the image alone. See reference/engines/tflite.ts. */
function composes({ op, attrs }: Case): boolean {
  if (op === 'avgPool2d') return (attrs as PoolAttrs).rounding === 'ceil' || Math.max(...(attrs as PoolAttrs).padding) > 0;
  return op === 'silu' || op === 'hardSigmoid';
}
