import { count } from '../src/graph/count.js';
import { compile, createModel, type Session, syntheticTensor, syntheticWeights, type Tensor } from '../src/index.js';
import { interleave } from '../src/stats/timing.js';

/** What a page is told: plain data. */
export interface PageTask {
  readonly id: string;
  readonly batch: number;
  readonly rounds: number;
  /** Whether the network has gates: for each of these, in turn. */
  readonly se: readonly boolean[];
  readonly synthetic: { readonly seed: number; readonly gain: number };
}

/** One contestant of the page: plain data again. */
export interface PageTimes extends Pick<Session, 'kernels' | 'threads'> {
  readonly se: boolean;
  readonly algorithms: 'direct' | 'fast';
  readonly pairedVectors: boolean;
  readonly macs: number;
  readonly logits: readonly number[];
  readonly times: readonly number[];
}

/** In a browser: our fastest kernels on a network and its twin without gates, direct and fast, in turns, on the page's main thread. */
export async function timeInPage({ id, batch, rounds, se, synthetic }: PageTask): Promise<readonly PageTimes[]> {
  const ready = [];
  for (const gated of se) {
    const graph = createModel(id, { batch, se: gated });
    const weights = syntheticWeights(graph, synthetic);
    const image = syntheticTensor('input', [batch, 3, 224, 224], synthetic.seed);
    for (const algorithms of ['direct', 'fast'] as const) {
      const session = await compile(graph, weights, { algorithms });
      const { kernels, threads, pairedVectors = false } = session;
      const logits = [...(session.run(image).get('logits') as Tensor).data];
      ready.push({
        session,
        image,
        contestant: { se: gated, algorithms, kernels, threads, pairedVectors, macs: count(graph).macs, logits },
      });
    }
  }
  const times = await interleave(
    ready.map(
      ({ session, image }) =>
        () =>
          session.run(image),
    ),
    { warmup: 3, rounds },
  );
  return ready.map(({ contestant }, i) => ({ ...contestant, times: times[i] as readonly number[] }));
}
