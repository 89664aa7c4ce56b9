import { openOrt } from '../../reference/engines/ort.js';
import { splitGraph } from '../../reference/engines/splitGraph.js';
import type { Detections } from '../../src/detect/detections.js';
import { nms } from '../../src/detect/nms.js';
import type { DetectorOutputs } from '../../src/detector/stages.js';
import { version } from '../../src/node/package.js';
import type { PlanValue } from '../../src/plan/plan.js';
import { compile } from '../../src/wasm/session.js';
import { type Chosen, choose, foundIn, type Scene, weightsOf } from './scene.js';
import type { DetectRow, Parts } from './table.js';

/** What a run gave, and how long its parts took. */
export interface Ran {
  readonly parts: Parts;
  readonly outputs: DetectorOutputs;
  readonly chosen: Chosen;
  readonly found: Detections;
}

/** A detector in an engine, ready to be timed from the image as the network takes it to the detections. */
export interface Contestant extends Pick<DetectRow, 'engine' | 'variant' | 'algorithms' | 'version'> {
  readonly scene: Scene;
  readonly pairedVectors: boolean;
  /** @param given regions of another run, in place of its own */
  run(given?: Chosen): Promise<Ran>;
  dispose(): Promise<void>;
}

/** Non-maximum suppression, and how long it took so far. */
function timedNms() {
  let ms = 0;
  const suppress: typeof nms = (...boxes) => {
    const begin = performance.now();
    const kept = nms(...boxes);
    ms += performance.now() - begin;
    return kept;
  };
  return { suppress, ms: () => ms };
}

/** On our kernels, the fastest that run here. */
export async function ours(scene: Scene): Promise<Contestant> {
  const session = await compile(scene.graph, scene.weights);
  const { steps, inputs } = session.plan;
  const { step: split } = inputs.find(({ name }) => name === 'regions') as PlanValue;
  return {
    scene,
    engine: 'senet',
    variant: session.kernels,
    algorithms: 'fast',
    version,
    pairedVectors: session.pairedVectors === true,
    async run(given) {
      let chosen: Chosen | undefined = given;
      const timed = timedNms();
      const begin = performance.now();
      let paused = begin;
      let resumed = begin;
      const regions = (early: DetectorOutputs) => {
        paused = performance.now();
        chosen = given ?? choose(scene, early, timed.suppress);
        resumed = performance.now();
        return chosen.regions;
      };
      const { outputs, stepMs } = session.profile({ input: scene.batch.images }, { regions });
      const end = performance.now();
      const found = foundIn(scene, outputs, chosen as Chosen, timed.suppress);
      const roiAlign = stepMs.reduce((sum, ms, i) => sum + (i >= split && steps[i]?.kernel === 'roiAlign' ? ms : 0), 0);
      const parts = {
        trunk: paused - begin,
        proposals: resumed - paused,
        roiAlign,
        heads: end - resumed - roiAlign,
        detections: performance.now() - end,
        suppression: timed.ms(),
      };
      return { parts, outputs, chosen: chosen as Chosen, found };
    },
    dispose: async () => session.dispose(),
  };
}

/** On onnxruntime-web, one thread: two models, and between and behind them what ours has there. */
export async function theirs(scene: Scene): Promise<Contestant> {
  const { before, after } = splitGraph(scene.graph, 'regions');
  const trunk = await openOrt(before, weightsOf(before, scene.weights), 1);
  const heads = await openOrt(after, weightsOf(after, scene.weights), 1);
  return {
    scene,
    engine: 'ort',
    variant: 'strict',
    version: trunk.version,
    pairedVectors: false,
    async run(given) {
      const begin = performance.now();
      const early = await trunk.run({ input: scene.batch.images });
      const paused = performance.now();
      const chosen = given ?? choose(scene, early);
      const resumed = performance.now();
      const late = await heads.run({ ...Object.fromEntries(early), regions: chosen.regions });
      const end = performance.now();
      const found = foundIn(scene, late, chosen);
      const parts = { trunk: paused - begin, proposals: resumed - paused, heads: end - resumed, detections: performance.now() - end };
      return { parts, outputs: new Map([...early, ...late]), chosen, found };
    },
    async dispose() {
      await trunk.dispose();
      await heads.dispose();
    },
  };
}
