import type { Shape } from '../tensor.js';
import type { Around } from './beside.js';
import { holdsSame } from './holdsSame.js';

/** A classifier under another name than its network has for it. */
interface Renamed<T> {
  /** The path of its layer in the file. */
  readonly classifier: string;
  /** The file's tensors, the classifier's among them under the network's names. */
  readonly tensors: ReadonlyMap<string, T>;
  /** What its tensors are called where they lie beside the network's module; empty if they lie within. */
  readonly outside: readonly string[];
}

/** A linear layer, and the network's name for each of its tensors. */
interface HeadLayer {
  readonly path: string;
  readonly own: ReadonlyMap<string, string>;
}

interface Shaped {
  readonly shape: Shape;
}

/**
 * Who trains a network for classes of their own puts another layer in its classifier's place: `fc` becomes `fc.1` behind a dropout, `head`, `classifier`. Or
 * the network without its classifier is a module, `backbone`, and the layer lies beside it. If a file lacks the classifier, and holds one linear layer
 * from as many features that stands by itself where the network has nothing, that is it. What lies within the module is asked first, then what is nearest.
 *
 * @param head the path of the network's classifier; empty if it has none
 * @param expected the network's tensors by their names
 * @returns undefined if the file has the network's own name, no such layer, or several
 */
export function withClassifier<T extends Shaped>(
  head: string,
  expected: ReadonlyMap<string, Shape>,
  tensors: ReadonlyMap<string, T>,
  around: Around<T> = new Map(),
): Renamed<T> | undefined {
  const [, ...features] = expected.get(`${head}.weight`) ?? [];
  if (features.length === 0 || tensors.has(`${head}.weight`) || tensors.has(`${head}.bias`)) return undefined;
  const parts = ['weight', 'bias'].filter((part) => expected.has(`${head}.${part}`));
  const layerAt = (path: string): HeadLayer => ({ path, own: new Map(parts.map((part) => [`${path}.${part}`, `${head}.${part}`])) });

  const others = [...tensors.keys()].filter((name) => !expected.has(name));
  const inside = linearLayers(others, tensors, features);
  if (inside.length > 0) {
    const layer = soleLayer(inside, '', others, layerAt);
    if (layer === undefined) return undefined;
    const renamed = new Map([...tensors].map(([name, tensor]) => [layer.own.get(name) ?? name, tensor]));
    return { classifier: layer.path, tensors: renamed, outside: [] };
  }
  const outside = linearLayers([...around.keys()], around, features);
  const withins = outside.map((path) => around.get(`${path}.weight`)?.within ?? '');
  const nearest = withins.reduce((most, within) => (within.length > most.length ? within : most), '');
  const near = outside.filter((_, i) => withins[i] === nearest);
  const layer = soleLayer(near, nearest, [...around.keys()], layerAt);
  if (layer === undefined) return undefined;
  const found = [...layer.own].map(([name, own]): [string, T] => [own, around.get(name) as T]);
  return { classifier: layer.path, tensors: new Map([...tensors, ...found]), outside: [...layer.own.keys()] };
}

/** The paths of the layers among `names` that read as many features. */
function linearLayers(names: readonly string[], tensors: ReadonlyMap<string, Shaped>, features: Shape): readonly string[] {
  return names.flatMap((name): string[] => {
    const path = name.replace(/\.weight$/, '');
    const [classes, ...read] = tensors.get(name)?.shape ?? [];
    return path !== name && classes !== undefined && read.length > 0 && holdsSame(read, features) ? [path] : [];
  });
}

/** The one layer of `paths`, if its module below `within` holds nothing but its tensors. */
function soleLayer(
  [path, ...more]: readonly string[],
  within: string,
  names: readonly string[],
  layerAt: (path: string) => HeadLayer,
): HeadLayer | undefined {
  if (path === undefined || more.length > 0) return undefined;
  const layer = layerAt(path);
  const [module] = path.slice(within.length).split('.', 1);
  const together = names.filter((name) => name.startsWith(`${within}${module}.`));
  return together.length === layer.own.size && together.every((name) => layer.own.has(name)) ? layer : undefined;
}
