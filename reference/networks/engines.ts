import { turnOnRelaxed, type Variant } from '../../src/wasm/features.js';
import { compile } from '../../src/wasm/session.js';
import type { Engine, Provenance } from '../crosscheck/engine.js';

/** Our kernels as whoever compiles a network gets them, each direct and fast. */
export function ourNetworkEngines(host: Pick<Provenance, 'version' | 'runtime'>): readonly Engine[] {
  const variants: readonly Variant[] = turnOnRelaxed() ? ['strict', 'relaxed'] : ['strict'];
  return variants.flatMap((kernels) =>
    (['direct', 'fast'] as const).map((algorithms) => ({
      ...host,
      engine: `senet ${kernels} ${algorithms}`,
      async run(graph, weights, inputs) {
        const session = await compile(graph, weights, { kernels, algorithms });
        try {
          return session.run(inputs);
        } finally {
          session.dispose();
        }
      },
      dispose: () => Promise.resolve(),
    })),
  );
}
