import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pixelsOf } from '../../src/classifier/picture.js';
import type { Size } from '../../src/detect/boxes.js';
import { type Detections, detectionRule } from '../../src/detect/detections.js';
import { nms } from '../../src/detect/nms.js';
import type { Proposals } from '../../src/detect/proposals.js';
import { type Transformed, transformImages, transformRule320 } from '../../src/detect/transform.js';
import { type DetectorOutputs, detections, largestOf, propose, regionsOf } from '../../src/detector/stages.js';
import { parameters } from '../../src/graph/count.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { findDetector } from '../../src/models/detection/index.js';
import type { DetectionModel } from '../../src/models/detection/model.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { synthetic } from '../../src/verify/vector.js';
import { compile } from '../../src/wasm/session.js';
import { root } from '../runtimes.js';

/** A detector, its weights and a photograph: what engines are timed on. */
export interface Scene {
  readonly model: DetectionModel;
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly batch: Transformed;
  /** How many regions the network proposes on this photograph. */
  readonly regions: number;
}

const picture = 'assets/images/chelsea.png';

/** Synthetic weights give all classes nearly the same probability; with these logits some are sure, as trained ones are. */
const classWeights = 'roi_heads.box_predictor.cls_score.weight';
const largestLogit = 8;

/** What the photograph is made for the network, its shorter side at 320 pixels; and how many regions it proposes there. */
export async function sceneOf(name: string): Promise<Scene> {
  const published = findDetector(name);
  const batch = transformImages([await pixelsOf(await readFile(join(root, picture)), {}, picture)], transformRule320);
  const size = largestOf(batch.sizes);
  const whole = published.create({ size });
  const plain = syntheticWeights(whole, synthetic);
  const first = await compile(whole, plain);
  let proposals: readonly Proposals[] = [];
  const outputs = first.run(
    { input: batch.images },
    {
      regions: (early) => {
        proposals = propose(published, early, batch);
        return regionsOf(proposals, mapsOf(published, early), size, published.settings.postNms, batch.images);
      },
    },
  );
  first.dispose();
  const regions = countOf(proposals);
  const model = { ...published, settings: { ...published.settings, postNms: regions } };
  const gain = largestLogit / largestMagnitude((outputs.get('classLogits') as Tensor).data);
  const { shape, data } = plain.get(classWeights) as Tensor;
  const weights = new Map([
    ...plain,
    [
      classWeights,
      tensor(
        shape,
        data.map((weight) => weight * gain),
      ),
    ],
  ]);
  return { model, graph: model.create({ size, regions }), weights, batch, regions };
}

/** The same without gates: as many regions, so that the layers behind them do the same work. */
export function withoutGates(scene: Scene): Scene {
  const graph = scene.model.create({ size: largestOf(scene.batch.sizes), regions: scene.regions, se: false });
  return { ...scene, graph, weights: weightsOf(graph, scene.weights) };
}

export function largestMagnitude(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] as number));
  return most;
}

/** Those of a graph that has some of them. */
export const weightsOf = (graph: Graph, weights: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> =>
  new Map(parameters(graph).map(({ name }) => [name, weights.get(name) as Tensor]));

export interface Chosen {
  readonly proposals: readonly Proposals[];
  /** [R, 6] */
  readonly regions: Tensor;
}

/** What all engines do between their layers. @param suppress with a stopwatch */
export function choose({ model, batch, regions }: Scene, outputs: DetectorOutputs, suppress = nms): Chosen {
  const proposals = propose(model, outputs, batch, suppress);
  return { proposals, regions: regionsOf(proposals, mapsOf(model, outputs), largestOf(batch.sizes), regions, batch.images) };
}

/** What all engines do behind their layers. @param suppress with a stopwatch */
export const foundIn = ({ batch }: Scene, outputs: DetectorOutputs, { proposals }: Chosen, suppress = nms): Detections =>
  detections(outputs, proposals, batch, detectionRule, suppress)[0] as Detections;

const mapsOf = ({ maps, pooledMaps }: DetectionModel, outputs: DetectorOutputs): readonly Size[] =>
  maps.slice(0, pooledMaps).map((map) => (outputs.get(`objectness.${map}`) as Tensor).shape.slice(2) as unknown as Size);

const countOf = (proposals: readonly Proposals[]): number => proposals.reduce((sum, { boxes }) => sum + boxes.length / 4, 0);
