import { InputError, SenetError } from '../errors.js';
import { parameters } from '../graph/count.js';
import { loadSafetensors } from '../io/safetensors.js';
import { createModel, listModels } from '../models/index.js';
import { sameShape, type Tensor } from '../tensor.js';
import { readBytes } from './files.js';

/** A checkpoint file and the network that it belongs to. */
export interface Recognised {
  /** `timm/seresnet50`. */
  readonly network: string;
  /** Outputs of the classifier. */
  readonly classes: number;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/**
 * Opens a checkpoint and finds its network among those called `name`, a bare name or `source/name`, or among all.
 *
 * @throws InputError if the file cannot be read, or belongs to no such network; WeightsError if it is damaged.
 */
export async function openCheckpoint(file: string, name?: string): Promise<Recognised> {
  const bytes = await readBytes(file);
  let weights: ReadonlyMap<string, Tensor>;
  try {
    weights = loadSafetensors(bytes);
  } catch (error) {
    if (error instanceof SenetError) throw new InputError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
  const called = listModels().filter(({ id }) => name === undefined || id === name || id.endsWith(`/${name}`));
  for (const { id } of called) {
    const wanted = parameters(createModel(id));
    const classes = weights.get(wanted.at(-1)?.name ?? '')?.shape[0] ?? 0;
    const fits = wanted.slice(0, -2).every(({ name, shape }) => {
      const found = weights.get(name);
      return found && sameShape(found.shape, shape);
    });
    if (fits && wanted.length === weights.size && classes > 0) return { network: id, classes, weights };
  }
  throw new InputError(`${file}: its tensors are not those of ${name ?? 'any network of `senet models`'}`);
}
