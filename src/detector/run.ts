import type { Size } from '../detect/boxes.js';
import type { Proposals } from '../detect/proposals.js';
import type { Transformed } from '../detect/transform.js';
import { evaluate, type Late, reference } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import type { DetectionModel } from '../models/detection/model.js';
import type { Tensor } from '../tensor.js';
import type { Session } from '../wasm/session.js';
import { type DetectorOutputs, largestOf, propose, regionsOf } from './stages.js';

type Rules = Pick<DetectionModel, 'maps' | 'pooledMaps' | 'settings'>;

/** What a detector's graph says of a batch, and what its first answers proposed for each image. */
export interface DetectorAnswers {
  readonly outputs: DetectorOutputs;
  readonly proposals: readonly Proposals[];
}

/** By the kernels. @throws what `Session.runAsync` throws */
export async function runDetector(session: Session, model: Rules, batch: Transformed): Promise<DetectorAnswers> {
  const count = session.plan.inputs.find(({ name }) => name === 'regions')?.shape[0] as number;
  const proposing = proposer(model, batch, count);
  const outputs = await session.runAsync({ input: batch.images }, proposing.late);
  return { outputs, proposals: proposing.proposals() };
}

/** By the reference, in the precision of the weights and the batch. @param progress hears the share of the multiply-adds that are done */
export function runOnReference(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  model: Rules,
  batch: Transformed,
  progress: (done: number) => void = () => {},
): DetectorAnswers {
  const input = graph.nodes.find((node) => node.op === 'input' && node.attrs.name === 'regions');
  const proposing = proposer(model, batch, input?.shape[0] as number);
  const outputs = evaluate(graph, reference(weights, { input: batch.images }), { late: proposing.late, progress });
  return { outputs, proposals: proposing.proposals() };
}

/** Makes the regions of the outputs before them, and remembers what they are of. */
function proposer(model: Rules, batch: Transformed, count: number): { readonly late: Late<Tensor>; proposals(): readonly Proposals[] } {
  let proposals: readonly Proposals[] = [];
  const regions = (outputs: DetectorOutputs): Tensor => {
    proposals = propose(model, outputs, batch);
    const maps = model.maps
      .slice(0, model.pooledMaps)
      .map((name) => (outputs.get(`objectness.${name}`) as Tensor).shape.slice(2) as unknown as Size);
    return regionsOf(proposals, maps, largestOf(batch.sizes), count, batch.images);
  };
  return { late: { regions }, proposals: () => proposals };
}
