import type { Stored } from '../io/tensorFile.js';
import { sizeOf } from '../tensor.js';
import { hasTrainersWord, isFloats, isNormalisation } from './trainers.js';
import { normalisationKey } from './variant.js';

/** The deviation's name beside the mean's. */
const deviations: Readonly<Record<string, string>> = { mean: 'std', means: 'stds', mu: 'sigma' };

/**
 * Metadata for a file that holds a layer which normalises images: the layer's mean and deviation of three channels. Its trainer prepared images without them.
 * Of several such layers the first counts. One of a loss or a teacher does not.
 */
export async function normalisationMetadata(tensors: ReadonlyMap<string, Stored>): Promise<Readonly<Record<string, string>>> {
  for (const [name, mean] of tensors) {
    const end = /(?:means?|mu)$/.exec(name)?.[0];
    const other = end && name.slice(0, -end.length) + deviations[end];
    const std = other && tensors.get(other);
    if (!std || !isNormalisation(name, mean.shape)) continue;
    const modules = name.slice(0, name.lastIndexOf('.') + 1);
    if (hasTrainersWord(modules) || ![mean, std].every(({ shape, dtype }) => sizeOf(shape) === 3 && isFloats(dtype))) continue;
    const [means, stds] = [[...(await mean.read()).data], [...(await std.read()).data]];
    if (!means.every((value) => value >= 0) || !stds.every((value) => value > 0 && value < Number.POSITIVE_INFINITY)) continue;
    const range = [...means, ...stds].some((value) => value > 1) ? 255 : 1;
    return { [normalisationKey]: JSON.stringify({ mean: means, std: stds, ...(range === 255 && { range }), layer: modules.slice(0, -1) }) };
  }
  return {};
}
