import type { Shape } from '../tensor.js';
import { holdsSame } from './holdsSame.js';

/** A classifier under another name than its network has for it. */
interface Renamed<T> {
  /** The path of its layer in the file. */
  readonly classifier: string;
  /** The file's tensors, the classifier's among them under the network's names. */
  readonly tensors: ReadonlyMap<string, T>;
}

/**
 * Who trains a network for classes of their own puts another layer in its classifier's place: `fc` becomes `fc.1` behind a dropout, `head`, `classifier`. If a
 * file lacks the classifier, and holds one linear layer from as many features that stands by itself where the network has nothing, that is it.
 *
 * @param head the path of the network's classifier; empty if it has none
 * @param expected the network's tensors by their names
 * @returns undefined if the file has the network's own name, no such layer, or several
 */
export function withClassifier<T extends { readonly shape: Shape }>(
  head: string,
  expected: ReadonlyMap<string, Shape>,
  tensors: ReadonlyMap<string, T>,
): Renamed<T> | undefined {
  const [, ...features] = expected.get(`${head}.weight`) ?? [];
  if (features.length === 0 || tensors.has(`${head}.weight`) || tensors.has(`${head}.bias`)) return undefined;
  const others = [...tensors.keys()].filter((name) => !expected.has(name));
  const layers = others.flatMap((name): string[] => {
    const path = name.replace(/\.weight$/, '');
    const [classes, ...read] = tensors.get(name)?.shape ?? [];
    return path !== name && classes !== undefined && read.length > 0 && holdsSame(read, features) ? [path] : [];
  });
  const [classifier] = layers;
  if (classifier === undefined || layers.length > 1) return undefined;

  const parts = ['weight', 'bias'].filter((part) => expected.has(`${head}.${part}`));
  const own = new Map(parts.map((part) => [`${classifier}.${part}`, `${head}.${part}`]));
  const [module] = classifier.split('.', 1);
  const together = others.filter((name) => name.startsWith(`${module}.`));
  if (together.length !== own.size || !together.every((name) => own.has(name))) return undefined;
  return { classifier, tensors: new Map([...tensors].map(([name, tensor]) => [own.get(name) ?? name, tensor])) };
}
