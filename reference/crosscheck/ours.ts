import { UnsupportedError } from '../../src/errors.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { furtherRulesOf } from '../../src/plan/further.js';
import { lower } from '../../src/plan/lower.js';
import { place } from '../../src/plan/place.js';
import type { Algorithms } from '../../src/plan/plan.js';
import { CompiledSession } from '../../src/wasm/compiled.js';
import { type KernelsBuild, supports, turnOnRelaxed } from '../../src/wasm/features.js';
import { instantiate } from '../../src/wasm/instance.js';
import { tileNames, tiles } from '../../src/wasm/options.js';
import type { Checked } from './checked.js';
import type { Engine, Provenance } from './engine.js';

/** Our reference and kernels as engines. Relaxed SIMD is turned on for the whole process, where the engine has it behind a flag. */
export function ourEngines(here: Pick<Provenance, 'version' | 'runtime'>): readonly Checked[] {
  turnOnRelaxed();
  const kernels = (['strict', 'relaxed'] as const).filter(supports);
  return [
    { engine: referenceEngine(here), ours: true, filtering: 'direct', composes },
    ...kernels.map((build) => ({ engine: kernelEngine(here, build, 'direct'), ours: true, filtering: 'direct' as const, composes })),
    ...([2, 4] as const).map((m) => ({
      engine: kernelEngine(here, kernels.at(-1) as KernelsBuild, `winograd${m}`),
      ours: true,
      filtering: m,
      composes,
    })),
  ];
}

const composes = (): boolean => false;
const nothingToLetGo = (): Promise<void> => Promise.resolve();

/** The reference in float32: sums in float64, each value rounded once. */
const referenceEngine = (here: Pick<Provenance, 'version' | 'runtime'>): Engine => ({
  ...here,
  engine: 'senet reference',
  run: async (graph, weights, inputs) => evaluate(graph, reference(weights, inputs)),
  dispose: nothingToLetGo,
});

const algorithmNames: Readonly<Record<Algorithms, string>> = { direct: 'direct', fast: 'fast', winograd2: 'F(2×2)', winograd4: 'F(4×4)' };

/** A session of the kernels for each graph. Which register tile it uses depends on the graph's extents alone, so that all have their turn. */
const kernelEngine = (here: Pick<Provenance, 'version' | 'runtime'>, build: KernelsBuild, algorithms: Algorithms): Engine => ({
  ...here,
  engine: `senet ${build} ${algorithmNames[algorithms]}`,
  async run(graph, weights, inputs) {
    const tile = tiles[tileNames[extentsOf(graph) % tileNames.length] as (typeof tileNames)[number]];
    const plan = place(lower(graph, { tile, threads: 1, algorithms }, furtherRulesOf(graph)));
    if (algorithms !== 'direct' && !plan.steps.some(({ kernel }) => kernel === 'winogradOutput'))
      throw new UnsupportedError(`${algorithmNames[algorithms]} computes no node of this graph`);
    const session = new CompiledSession(plan, build, await instantiate(plan, weights, build));
    try {
      return session.run(inputs);
    } finally {
      session.dispose();
    }
  },
  dispose: nothingToLetGo,
});

const extentsOf = ({ nodes }: Graph): number => nodes.flatMap(({ shape }) => shape).reduce((sum, extent) => sum + extent, 0);
