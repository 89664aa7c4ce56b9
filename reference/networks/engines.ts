import { type KernelsBuild, turnOnRelaxed } from '../../src/wasm/features.js';
import { compile } from '../../src/wasm/session.js';
import type { Engine, Provenance } from '../crosscheck/engine.js';

/** Our kernels as `compile` gives them, each direct and fast. */
export function ourNetworkEngines(here: Pick<Provenance, 'version' | 'runtime'>): readonly Engine[] {
  const builds: readonly KernelsBuild[] = turnOnRelaxed() ? ['strict', 'relaxed'] : ['strict'];
  return builds.flatMap((kernels) =>
    (['direct', 'fast'] as const).map((algorithms) => ({
      ...here,
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
