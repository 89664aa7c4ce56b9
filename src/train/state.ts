import type { Tensor } from '../tensor.js';
import type { Tensors } from './optimiser.js';
import type { Slots } from './recipe.js';
import type { TrainingState } from './step.js';

/** A run's state as the tensors of one file: `weights/NAME`, `average/NAME`, and what the optimiser keeps, `momentum/NAME` for one. */
export function tensorsOf({ weights, average, slots }: TrainingState): Tensors {
  const parts = { weights, ...(average && { average }), ...slots };
  return new Map(Object.entries(parts).flatMap(([part, tensors]) => [...tensors].map(([name, x]) => [`${part}/${name}`, x] as const)));
}

/** The state again, after so many steps. */
export function stateOf(tensors: Tensors, steps: number): TrainingState {
  const parts: Record<string, Map<string, Tensor>> = {};
  for (const [path, x] of tensors) {
    const slash = path.indexOf('/');
    const part = path.slice(0, slash);
    parts[part] ??= new Map();
    parts[part].set(path.slice(slash + 1), x);
  }
  const { weights = new Map(), average, ...slots } = parts;
  return { steps, weights, slots: slots satisfies Slots, average };
}
