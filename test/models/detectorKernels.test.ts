import { expect, test } from 'vitest';
import { transformImages, transformRule } from '../../src/detect/transform.js';
import { propose, regionsOf } from '../../src/detector/stages.js';
import { evaluate, type Inputs, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { listDetectors } from '../../src/models/detection/index.js';
import type { DetectionModel } from '../../src/models/detection/model.js';
import { engineRun } from '../../src/node/verify/engineRuns.js';
import { ops } from '../../src/ops/index.js';
import type { Node } from '../../src/ops/op.js';
import { relativeError } from '../../src/stats/error.js';
import { type Shape, type Tensor, widen } from '../../src/tensor.js';
import { compareEngines } from '../../src/verify/nodewise.js';
import { conformanceLimits } from '../../src/verify/vector.js';
import { supports } from '../../src/wasm/features.js';
import { compile } from '../../src/wasm/session.js';
import { long } from '../support/length.js';

/** Every detector of the zoo on generated weights and a small image: the kernels against the reference in float64, from the image to the last layers' answers. */

const builds = (['strict', 'relaxed'] as const).filter(supports);

interface Subject {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The image, and the regions that the detector proposes on it. */
  readonly inputs: Inputs & { readonly input: Tensor; readonly regions: Tensor };
}

/** The graph with regions pooled to so many values along each side, where it pools to 7 or 14; of the weights that read them there are fewer too. */
function pooledTo(output: number, { nodes, ...graph }: Graph): Graph {
  const changed = (node: Node): object => {
    if (node.op === 'roiPool' || node.op === 'roiAlign') return { ...node.attrs, output: [output, output] };
    if (node.op !== 'param' || node.attrs.name !== 'roi_heads.box_head.fc6.weight') return node.attrs;
    const [rows, values] = node.attrs.shape as readonly [number, number];
    return { ...node.attrs, shape: [rows, (values / 7 ** 2) * output ** 2] };
  };
  const smaller: Node[] = [];
  for (const node of nodes) {
    const attrs = changed(node);
    const infer = ops[node.op].infer as (inputs: readonly Shape[], attrs: object) => Shape;
    const shapes = node.inputs.map((id) => (smaller[id] as Node).shape);
    smaller.push({ ...node, attrs, shape: infer(shapes, attrs) } as Node);
  }
  return { ...graph, nodes: smaller };
}

/** @param side of the image, in pixels */
async function subjectOf(
  published: DetectionModel,
  side: number,
  regions: number,
  change: (graph: Graph) => Graph = (graph) => graph,
): Promise<Subject> {
  const settings = { ...published.settings, minSize: side, maxSize: side, preNms: 64, postNms: regions };
  const model = { ...published, settings };
  const size = [side, side] as const;
  const graph = change(model.create({ size, regions, classes: 5 }));
  const weights = syntheticWeights(graph, { seed: 7 });
  const image = syntheticTensor('input', [3, side, side], 7);
  const batch = transformImages([image], { ...transformRule, minSize: side, maxSize: side });
  let proposed: Tensor | undefined;
  using session = await compile(graph, weights, { kernels: 'strict', algorithms: 'direct' });
  session.run(
    { input: batch.images },
    {
      regions: (early) => {
        const maps = model.maps.slice(0, model.pooledMaps).map((map) => (early.get(`objectness.${map}`) as Tensor).shape.slice(2));
        const proposals = propose(model, early, batch);
        expect(proposals[0]?.scores, 'regions').toHaveLength(regions);
        proposed = regionsOf(proposals, maps as unknown as readonly (readonly [number, number])[], size, regions, batch.images);
        return proposed;
      },
    },
  );
  return { graph, weights, inputs: { input: batch.images, regions: proposed as Tensor } };
}

const detectors = listDetectors().map((model) => [model.id, model] as const);

/** The smallest. Of the C4 form the stage behind the regions is 0.8 GMAC a region: where not every network is compared, only the outputs are, of smaller regions. */
const [small, smallC4] = ['torchvision/fasterrcnn_mobilenet_v3_large_320_fpn', 'senet/fasterrcnn_resnet50_c4'];

test.each(detectors.filter(([id]) => long || id === small))(
  '%s: every value that the kernels write is within the bound of float32 on those before it',
  { timeout: 1_200_000 },
  async (id, model) => {
    const subject = long
      ? await subjectOf(model, 64, id.endsWith('_c4') ? 2 : 4)
      : await subjectOf(model, 32, 2, (whole) => pooledTo(3, whole));
    const runs = [];
    for (const kernels of builds) runs.push({ ...(await engineRun('ours', subject, { engine: 'wasm', kernels })), engine: kernels });
    const { engines, tensors, firstBeyond } = compareEngines(subject.graph, subject.weights, subject.inputs, runs);
    expect(firstBeyond).toBeNull();
    expect(engines.map(({ engine }) => engine)).toEqual(builds);
    for (const { values, outputsFromFloat64 } of engines) {
      expect(values).toBeGreaterThan(60);
      expect(outputsFromFloat64).toBeLessThanOrEqual(conformanceLimits.direct);
    }
    // what is answered is among them
    const told = new Set(tensors.flatMap(({ name, engines: by }) => ('strict' in by ? [name] : [])));
    for (const name of ['roi_heads.box_predictor.cls_score', 'roi_heads.box_predictor.bbox_pred']) expect(told).toContain(name);
  },
);

test.each(detectors.filter(([id]) => id === smallC4))(
  '%s: the outputs of every build, direct and filtered, are those of the reference in float64',
  { timeout: 600_000 },
  async (_, model) => {
    const { graph, weights, inputs } = await subjectOf(model, 32, 1, (whole) => (long ? whole : pooledTo(4, whole)));
    const wide = new Map([...weights].map(([name, value]) => [name, widen(value)]));
    const exact = evaluate(graph, reference(wide, { input: widen(inputs.input), regions: widen(inputs.regions) }));
    for (const [i, kernels] of builds.entries())
      for (const algorithms of long ? (['direct', 'fast'] as const) : ([i === 0 ? 'fast' : 'direct'] as const)) {
        using session = await compile(graph, weights, { kernels, algorithms });
        const found = session.run(inputs);
        expect([...found.keys()]).toEqual([...exact.keys()]);
        for (const [name, { data }] of exact)
          expect(relativeError((found.get(name) as Tensor).data, data), `${kernels} ${algorithms} ${name}`).toBeLessThanOrEqual(
            conformanceLimits[algorithms],
          );
      }
  },
);
