import { openChromium } from '../reference/chromium.js';
import { syntheticTensor, syntheticWeights } from '../src/io/synthetic.js';
import { DisagreementError } from '../src/measure/bench.js';
import { createModel, findModel } from '../src/models/index.js';
import { version } from '../src/node/package.js';
import { shippedLogits } from '../src/node/truth.js';
import { relativeError } from '../src/stats/error.js';
import type { Tensor } from '../src/tensor.js';
import { conformanceLimits, synthetic } from '../src/verify/vector.js';
import { compile } from '../src/wasm/session.js';
import type { PageTask, PageTimes } from './inPage.js';
import type { TimedRow } from './result.js';
import { timedRow } from './rows.js';

/** Our fastest kernels in Chromium, whose logits are first shown to agree with those of this Node. @throws DisagreementError if they do not */
export async function benchPage(
  id: string,
  { batch, rounds }: { readonly batch: number; readonly rounds: number },
): Promise<readonly TimedRow[]> {
  const task: PageTask = { id, batch, rounds, synthetic, se: findModel(id).se ? [true, false] : [false] };
  const { page, version: runtime, close } = await openChromium();
  const timed = await page
    .evaluate<readonly PageTimes[]>(`import('/dist/bench/inPage.js').then(({ timeInPage }) => timeInPage(${JSON.stringify(task)}))`)
    .finally(close);

  const rows: TimedRow[] = [];
  for (const { se, algorithms, kernels, threads, pairedVectors, macs, logits, times } of timed) {
    const agreement = relativeError(logits, await logitsHere(id, batch, se));
    const limit = conformanceLimits.direct + conformanceLimits[algorithms];
    if (!(agreement <= limit))
      throw new DisagreementError(
        `${runtime}, ${algorithms}: logits differ from Node's by ${agreement} of the largest, more than ${limit}`,
      );
    const truth = se === task.se[0] ? await shippedLogits(id, [batch, 3, 224, 224]) : undefined;
    const error = truth && { relativeError: relativeError(logits, truth) };
    const paired = pairedVectors && { pairedVectors };
    const twin = se ? timed.find((other) => !other.se && other.algorithms === algorithms) : undefined;
    const of = {
      model: id,
      se,
      engine: 'senet',
      variant: kernels,
      algorithms,
      threads,
      batch,
      version,
      agreement,
      ...error,
      ...paired,
    } as const;
    rows.push({ ...timedRow(of, macs, times, twin?.times), runtime });
  }
  return rows;
}

/** Ours without Winograd's filtering, on the same weights and image. */
async function logitsHere(id: string, batch: number, se: boolean): Promise<Tensor['data']> {
  const graph = createModel(id, { batch, se });
  const session = await compile(graph, syntheticWeights(graph, synthetic), { algorithms: 'direct' });
  const { data } = session.run(syntheticTensor('input', [batch, 3, 224, 224], synthetic.seed)).get('logits') as Tensor;
  session.dispose();
  return data;
}
