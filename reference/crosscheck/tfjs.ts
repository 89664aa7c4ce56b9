import { UnsupportedError } from '../../src/errors.js';
import type { Conv2dAttrs, PoolAttrs } from '../../src/ops/op.js';
import { need } from '../engines/contender.js';
import { evaluateTfjs, isDepthwise } from '../engines/tfjs.js';
import { loadTfjs } from '../engines/tfjsRuntime.js';
import type { Case } from '../properties/case.js';
import type { Checked } from './checked.js';
import type { Engine, Provenance } from './engine.js';

/** TensorFlow.js on its CPU (JavaScript) and WASM (XNNPACK) back ends, in this process: node by node, each run on the back end it asks for. */
export async function tfjsEngines({ runtime }: Pick<Provenance, 'runtime'>): Promise<readonly Checked[]> {
  const tf = await loadTfjs();
  await need('tfjs', '@tensorflow/tfjs-backend-cpu@4', () => import('@tensorflow/tfjs-backend-cpu'));
  return (['cpu', 'wasm'] as const).map((backend) =>
    checkedTfjs({
      engine: `tfjs-${backend}`,
      version: tf.version_core,
      runtime,
      async run(graph, weights, inputs) {
        if (!(await tf.setBackend(backend))) throw new UnsupportedError(`the ${backend} back end of tfjs does not start`);
        return evaluateTfjs(tf, graph, weights, inputs);
      },
      dispose: () => Promise.resolve(),
    }),
  );
}

/** A back end of TensorFlow.js, held to the direct sum's bound. */
export const checkedTfjs = (engine: Engine): Checked => ({ engine, ours: false, filtering: 'direct', composes });

/** TensorFlow.js has no groups but depthwise ones, does not stride and dilate at once, and rounds pools' extents down. See reference/tfjs.ts. */
function composes({ op, params, attrs }: Case): boolean {
  if (op === 'conv2d') {
    const conv = attrs as Conv2dAttrs;
    const strideAfter = Math.max(...conv.stride) > 1 && Math.max(...conv.dilation) > 1;
    return strideAfter || (conv.groups > 1 && !isDepthwise(params[0] as readonly number[], conv));
  }
  if (op !== 'maxPool2d' && op !== 'avgPool2d') return false;
  const { rounding, kernel, padding } = attrs as PoolAttrs;
  return rounding === 'ceil' || Math.max(...kernel) === 1 || (op === 'avgPool2d' && Math.max(...padding) > 0);
}
