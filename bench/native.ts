import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Ort from 'onnxruntime-web';
import { SenetError, UnsupportedError } from '../src/errors.js';
import { count } from '../src/graph/count.js';
import { syntheticTensor, syntheticWeights } from '../src/io/synthetic.js';
import { createModel, findModel } from '../src/models/index.js';
import { shippedLogits } from '../src/node/truth.js';
import { toOnnx } from '../src/onnx/index.js';
import { relativeError } from '../src/stats/error.js';
import { interleave } from '../src/stats/timing.js';
import type { Tensor } from '../src/tensor.js';
import { conformanceLimits, synthetic } from '../src/verify/vector.js';
import { compile } from '../src/wasm/session.js';
import type { TimedRow } from './result.js';
import { timedRow } from './rows.js';
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
    const weights = syntheticWeights(graph, synthetic);
    const image = syntheticTensor('input', [batch, 3, 224, 224], synthetic.seed);
    const session = await ort.InferenceSession.create(await toOnnx(graph, weights), nativeOptions);
    const run = () => session.run({ input: new ort.Tensor('float32', image.data as Float32Array, image.shape) });
    const ours = await compile(graph, weights, { algorithms: 'direct' });
    const logits = (await run()).logits?.data as Float32Array;
    const agreement = relativeError(logits, (ours.run(image).get('logits') as Tensor).data);
    ours.dispose();
    if (!(agreement <= 2 * conformanceLimits.direct))
      throw new SenetError(`onnxruntime-node: logits differ from ours by ${agreement} of the largest`);
    const truth = se === variants[0] ? await shippedLogits(id, image.shape) : undefined;
    const error = truth && { relativeError: relativeError(logits, truth) };
    contestants.push({ se, run, session, agreement, error, macs: count(graph).macs });
  }
  const times = await interleave(
    contestants.map(({ run }) => run),
    { warmup: 3, rounds },
  );
  for (const { session } of contestants) await session.release();
  return contestants.map(({ se, agreement, error, macs }, i) => {
    const of = { model: id, se, engine: 'ort-native', variant: 'native', threads: 1, batch, version, agreement, ...error };
    return timedRow(of, macs, times[i] as readonly number[], se ? times[1] : undefined);
  });
}
