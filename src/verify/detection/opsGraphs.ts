import { InputError } from '../../errors.js';
import { build, type ModelCode } from '../../graph/build.js';
import { parameters } from '../../graph/count.js';
import { evaluate, reference } from '../../graph/evaluate.js';
import type { Graph } from '../../graph/graph.js';
import { add, conv, input, maxPool2d, roiAlign, roiPool, upsampleNearest } from '../../models/layers.js';
import type { Value } from '../../ops/op.js';
import { type Tensor, tensor, widen } from '../../tensor.js';
import type { CompileOptions } from '../../wasm/options.js';
import { compile } from '../../wasm/session.js';
import { float64Limit } from '../check.js';
import type { FpnCase, GraphOps, RoiCase } from './opsGraphChecks.js';

/** Runs a graph on weights and inputs by name. */
type Engine = (
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  inputs: Readonly<Record<string, Tensor>>,
) => Promise<ReadonlyMap<string, Tensor>>;

/** What is published for float32, relative to the largest number. */
const float32Limit = 2e-6;

/** By the reference, in float64. */
export const referenceOps: GraphOps = graphOps(async (graph, weights, inputs) => evaluate(graph, reference(weights, inputs)), float64Limit);

/** By the kernels, in float32. */
export const kernelOps = (options: CompileOptions): GraphOps =>
  graphOps(async (graph, weights, inputs) => {
    const session = await compile(graph, weights, options);
    try {
      return await session.runAsync(inputs);
    } finally {
      session.dispose();
    }
  }, float32Limit);

function graphOps(engine: Engine, limit: number): GraphOps {
  return { limit, roi: (given) => pool(given, engine), fpn: (given) => pyramid(given, engine) };
}

async function pool({ op, features, rois, size, spatialScale, samplingRatio, aligned }: RoiCase, engine: Engine): Promise<Tensor> {
  const count = rois.shape[0] as number;
  const [images, channels] = features.shape as readonly [number, number];
  if (count === 0) return tensor([0, channels, ...size], new Float64Array(0));
  const rows = Float64Array.from({ length: 6 * count }, (_, i) =>
    i % 6 === 0 ? 0 : (rois.data[5 * Math.floor(i / 6) + (i % 6) - 1] as number),
  );
  for (let r = 0; r < count; r++) {
    const image = rois.data[5 * r] as number;
    if (!Number.isInteger(image) || image < 0 || image >= images)
      throw new InputError(`region ${r} is of image ${image}, and there are ${images}`);
  }
  const graph = build(features.shape, (map) => {
    const regions = input(map, 'regions', [count, 6]);
    const pooled =
      op === 'RoIPool'
        ? roiPool(map, regions, { output: size, scale: spatialScale })
        : roiAlign([map], regions, { output: size, scales: [spatialScale], samplingRatio: Math.max(samplingRatio, 0), aligned });
    return { pooled };
  });
  const outputs = await engine(graph, new Map(), { input: features, regions: tensor([count, 6], rows) });
  return outputs.get('pooled') as Tensor;
}

/** The pyramid of Lin 2017 as torchvision names its layers. */
async function pyramid({ inputs, outChannels, parameter }: FpnCase, engine: Engine): Promise<ReadonlyMap<string, Tensor>> {
  const names = [...inputs.keys()];
  const first = inputs.get(names[0] as string) as Tensor;
  const code: ModelCode = (image) => {
    const maps = names.map((name, i) => (i === 0 ? image : input(image, name, (inputs.get(name) as Tensor).shape)));
    const merged = maps.map((map, i) => conv(map, `inner_blocks.${i}.0`, { out: outChannels, kernel: 1, bias: true }));
    for (let i = merged.length - 2; i >= 0; i--) {
      const [x, above] = [merged[i] as Value, merged[i + 1] as Value];
      merged[i] = add(x, upsampleNearest(above, x.shape.slice(2) as unknown as readonly [number, number]));
    }
    const outer = merged.map((map, i) => conv(map, `layer_blocks.${i}.0`, { out: outChannels, kernel: 3, bias: true }));
    const last = maxPool2d(outer.at(-1) as Value, { kernel: 1, stride: 2 });
    return Object.fromEntries([...names.map((name, i) => [`map ${name}`, outer[i] as Value]), ['map pool', last]]); // a key that is a number would be put first
  };
  const graph = build(first.shape, code);
  const weights = new Map(parameters(graph).map(({ name, shape }) => [name, parameter(name, shape)]));
  const others = Object.fromEntries(names.slice(1).map((name) => [name, inputs.get(name) as Tensor]));
  const outputs = await engine(graph, weights, { input: first, ...others });
  return new Map([...outputs].map(([name, map]) => [name.slice('map '.length), widen(map)]));
}
