import { syntheticTensor, syntheticWeights } from '../src/io/synthetic.js';
import { createModel } from '../src/models/index.js';
import { enableRelaxed } from '../src/node/engine.js';
import { interleave, quantile, sorted } from '../src/stats/timing.js';
import { synthetic } from '../src/verify/vector.js';
import { tileNames } from '../src/wasm/options.js';
import { compile } from '../src/wasm/session.js';
import { tuning } from '../src/wasm/tune.js';

/** A start that tunes, or, where a network is named, that network's milliseconds by every tile. */
export interface TuningTask {
  readonly model?: string;
  readonly rounds?: number;
}

const { model, rounds = 0 } = JSON.parse(process.argv[2] ?? '{}') as TuningTask;
enableRelaxed();

async function start(): Promise<object> {
  const begin = performance.now();
  const { tile, pairedVectors } = await tuning('relaxed');
  return { tile, pairedVectors, ms: performance.now() - begin };
}

async function wholeNetwork(id: string): Promise<object> {
  const graph = createModel(id);
  const weights = syntheticWeights(graph, synthetic);
  const sessions = await Promise.all(tileNames.map((tile) => compile(graph, weights, { tile, kernels: 'relaxed' })));
  const image = syntheticTensor('input', [1, 3, 224, 224], synthetic.seed);
  const times = await interleave(
    sessions.map((session) => () => session.run(image)),
    { warmup: 2, rounds, progress: () => undefined },
  );
  return Object.fromEntries(tileNames.map((tile, i) => [tile, quantile(sorted(times[i] as number[]), 0.5)]));
}

process.stdout.write(JSON.stringify(model === undefined ? await start() : await wholeNetwork(model)));
