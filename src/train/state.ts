import { WeightsError } from '../errors.js';
import { parameters } from '../graph/count.js';
import { parameterOf } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import type { Shape, Tensor } from '../tensor.js';
import type { TrainingConfig } from './config.js';
import type { Tensors } from './optimiser.js';
import type { Slots } from './recipe.js';
import { type TrainingState, trainableOf } from './step.js';

/** A run's state as the tensors of one file: `weights/NAME`, `average/NAME`, and what the optimiser keeps, `momentum/NAME` for one. */
export function tensorsOf({ weights, average, slots }: TrainingState): Tensors {
  const parts = { weights, ...(average && { average }), ...slots };
  return new Map(Object.entries(parts).flatMap(([part, tensors]) => [...tensors].map(([name, x]) => [`${part}/${name}`, x] as const)));
}

/** The state again, after so many steps. `checkState` says whether a run can go on with it. */
export function stateOf(tensors: Tensors, steps: number): TrainingState {
  const parts = new Map<string, Map<string, Tensor>>();
  for (const [path, x] of tensors) {
    const slash = path.indexOf('/');
    const part = path.slice(0, slash);
    const known = parts.get(part) ?? new Map<string, Tensor>();
    parts.set(part, known.set(path.slice(slash + 1), x));
  }
  const { weights = new Map(), average, ...slots } = Object.fromEntries(parts);
  return { steps, weights, slots: slots satisfies Slots, average };
}

/**
 * Checks that a state is one of a network's training: of its tensors, of what its optimiser keeps after a step, and of its average, none is
 * missing, of another shape, or more.
 *
 * @throws WeightsError naming the tensor
 */
export function checkState(
  { steps, weights, slots, average }: TrainingState,
  network: Graph,
  { optimiser, average: decay }: Pick<TrainingConfig, 'optimiser' | 'average'>,
): void {
  const all = new Map(parameters(network).map(({ name, shape }) => [name, shape]));
  const trainable = new Map([...all].filter(([name]) => trainableOf(network).has(name)));
  const parts = new Map<string, ReadonlyMap<string, Shape>>([['weights', all]]);
  if (steps > 0) for (const slot of slotsOf[optimiser.name]) parts.set(slot, trainable);
  if (steps > 0 && decay !== undefined) parts.set('average', all);
  for (const [part, tensors] of Object.entries({ weights, ...(average && { average }), ...slots })) {
    const expected = parts.get(part);
    if (expected === undefined) throw new WeightsError(`${part} is nothing that this run keeps after step ${steps}`);
    parts.delete(part);
    for (const name of tensors.keys())
      if (!expected.has(name)) throw new WeightsError(`${part}/${name} is no tensor of the network`, { tensor: name });
    for (const [name, shape] of expected) parameterOf(tensors, name, shape);
  }
  const [missing] = parts.keys();
  if (missing !== undefined) throw new WeightsError(`has no ${missing}, which this run keeps`);
}

const slotsOf = { sgd: ['momentum'], adamw: ['first', 'second'] } as const;
