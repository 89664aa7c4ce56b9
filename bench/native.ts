import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Ort from 'onnxruntime-web';
import { toOnnx } from '../reference/index.js';
import { seCost } from '../src/cli/bench.js';
import { interleave, quantile, sorted } from '../src/cli/timing.js';
import { conformanceLimits } from '../src/cli/vector.js';
import { SenetError, UnsupportedError } from '../src/errors.js';
import { count } from '../src/graph/count.js';
import { syntheticTensor, syntheticWeights } from '../src/io/synthetic.js';
import { createModel, findModel } from '../src/models/index.js';
import type { Tensor } from '../src/tensor.js';
import { compile } from '../src/wasm/session.js';
import type { TimedRow } from './result.js';
import { enginesFolder } from './runtimes.js';

/** onnxruntime-node has the API of onnxruntime-web, whose types we have. @throws UnsupportedError if it is not installed. */
export function loadNative(): { readonly ort: typeof Ort; readonly version: string } {
  const require = createRequire(join(enginesFolder, 'package.json'));
  try {
    return { ort: require('onnxruntime-node'), version: require('onnxruntime-node/package.json').version };
  } catch (cause) {
    throw new UnsupportedError('onnxruntime-node is not installed: npm run bench:setup', { cause });
  }
}

export const nativeOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'all' } as const;

/** onnxruntime's native build on the same ONNX bytes, a network and its twin in turns; both first shown to agree with our kernels. */
export async function benchNative(
  id: string,
  { batch, rounds }: { readonly batch: number; readonly rounds: number },
): Promise<readonly Omit<TimedRow, 'runtime'>[]> {
  const { ort, version } = loadNative();
  const variants = findModel(id).se ? [true, false] : [false];
  const contestants = [];
  for (const se of variants) {
    const graph = createModel(id, { batch, se });
    const weights = syntheticWeights(graph, { seed: 7 });
    const image = syntheticTensor('input', [batch, 3, 224, 224], 7);
    const session = await ort.InferenceSession.create(await toOnnx(graph, weights), nativeOptions);
    const run = () => session.run({ input: new ort.Tensor('float32', image.data as Float32Array, image.shape) });
    const ours = await compile(graph, weights);
    const agreement = difference((await run()).logits?.data as Float32Array, (ours.run(image).get('logits') as Tensor).data);
    ours.dispose();
    if (!(agreement <= 2 * conformanceLimits.direct))
      throw new SenetError(`onnxruntime-node: logits differ from ours by ${agreement} of the largest`);
    contestants.push({ se, run, session, agreement, macs: count(graph).macs });
  }
  const times = await interleave(
    contestants.map(({ run }) => run),
    { warmup: 3, rounds },
  );
  for (const { session } of contestants) await session.release();
  return contestants.map(({ se, agreement, macs }, i) => {
    const ascending = sorted(times[i] as readonly number[]);
    const medianMs = quantile(ascending, 0.5);
    return {
      model: id,
      se,
      engine: 'ort-native',
      variant: 'native',
      threads: 1,
      batch,
      medianMs,
      p95Ms: quantile(ascending, 0.95),
      minMs: ascending[0] as number,
      gflops: (2 * macs) / medianMs / 1e6,
      version,
      agreement,
      ...(se && { seCostPercent: seCost(times[0] as readonly number[], times[1] as readonly number[]) }),
    };
  });
}

/** max |a − b| / max |b|. */
function difference(a: Tensor['data'], b: Tensor['data']): number {
  const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const exact = Float64Array.from(b);
  return largest(exact.map((value, i) => value - (a[i] as number))) / largest(exact);
}
