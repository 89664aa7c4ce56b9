import { WeightsError } from '../errors.js';
import { type Hdf5Group, openHdf5 } from './hdf5.js';
import type { Source } from './source.js';
import type { Stored, TensorFile } from './tensorFile.js';

/**
 * Weights as Keras saves them in HDF5, a tensor called `layer/weight`, in Keras's own extents (a filter is [P, Q, C, O]). Three forms:
 *
 * - `save_weights` before Keras 3, which is what keras-applications publishes: `layer_names`, and below each layer its `weight_names`;
 * - `save` to `.h5`: the same below `model_weights`;
 * - Keras 3's `.weights.h5`, also inside a `.keras`: layers by their classes and numbers, weights by their places, and the layer's name as an attribute.
 */

const who = 'keras';
const damaged = (message: string, tensor?: string): WeightsError =>
  new WeightsError(`${who}: ${message}`, tensor === undefined ? {} : { tensor });

/** @throws WeightsError for a damaged file, or one that is not Keras's; UnsupportedError where the package that reads HDF5 is not installed */
export async function openKeras(source: Source): Promise<TensorFile> {
  const root = await openHdf5(source);
  const layered = root.group('model_weights') ?? root;
  const layers = layered.texts('layer_names');
  const numbered = root.group('layers');
  if (layers.length === 0 && numbered === undefined) {
    const names = root
      .names()
      .slice(0, 4)
      .map((name) => JSON.stringify(name.slice(0, 40)));
    throw damaged(`expected weights of Keras, found HDF5 of ${names.join(', ') || 'nothing'}`);
  }
  const found = new Found();
  if (layers.length > 0) for (const layer of layers) addNamed(found, layered, layer);
  else addNumbered(found, numbered as Hdf5Group, 0);
  const [version, backend] = [layered.texts('keras_version')[0], layered.texts('backend')[0]];
  const metadata = { ...(version !== undefined && { keras_version: version }), ...(backend !== undefined && { backend }) };
  return { format: 'keras', metadata: { ...metadata, ...found.metadata() }, tensors: found.tensors };
}

/** How many layers of this kind there are, weights or none: `Rescaling`, of which a second one is part of the images' preparation. */
export const rescalingsKey = 'keras.rescalings';

class Found {
  readonly tensors = new Map<string, Stored>();
  readonly #layers: string[] = [];

  layer(name: string): void {
    this.#layers.push(name);
  }

  add(name: string, stored: Stored | undefined): void {
    if (stored === undefined) throw damaged(`expected tensor ${name.slice(0, 80)}, found none`, name);
    if (this.tensors.has(name)) throw damaged(`expected each tensor once, found ${name.slice(0, 80)} twice`, name);
    this.tensors.set(name, stored);
  }

  metadata(): Readonly<Record<string, string>> {
    const rescalings = this.#layers.filter((name) => /^rescaling(_\d+)?$/.test(name)).length;
    return rescalings > 0 ? { [rescalingsKey]: String(rescalings) } : {};
  }
}

/** A layer has few weights, each of another kind; a network that is a layer of another one has many, each by its own layer's name. */
function addNamed(found: Found, root: Hdf5Group, layer: string): void {
  found.layer(layer);
  const group = root.group(layer);
  if (group === undefined) throw damaged(`expected layer ${layer.slice(0, 80)}, found none`);
  const paths = group.texts('weight_names');
  const kinds = paths.map(kindOf);
  const isLayer = new Set(kinds).size === kinds.length;
  for (const [i, path] of paths.entries()) {
    const plain = path.replace(/:0$/, '');
    const name = isLayer ? `${layer}/${kinds[i]}` : `${plain.slice(0, plain.lastIndexOf('/'))}/${kinds[i]}`;
    found.add(name, group.tensor(path, name));
  }
}

/** Before Keras 3 a depthwise filter was a `depthwise_kernel`, and TensorFlow numbered a variable's outputs. */
const kindOf = (path: string): string =>
  path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/:0$/, '')
    .replace(/^depthwise_kernel$/, 'kernel');

/** Networks in networks. */
const deepest = 8;

function addNumbered(found: Found, layers: Hdf5Group, depth: number): void {
  if (depth > deepest) throw damaged(`expected networks at most ${deepest} deep`);
  for (const key of layers.names()) {
    const layer = layers.group(key);
    const vars = layer?.group('vars');
    const places = vars?.names() ?? [];
    const [name] = vars?.texts('name') ?? [];
    if (name !== undefined) found.layer(name);
    if (places.length > 0 && name === undefined)
      throw damaged(
        `layer ${key.slice(0, 80)}: expected its name, which earlier versions of Keras 3 do not write: load it there, and save it again`,
      );
    const kinds = weights[places.length] ?? [];
    for (const [i, kind] of kinds.entries()) found.add(`${name}/${kind}`, vars?.tensor(String(i), `${name}/${kind}`));
    const inner = layer?.group('layers');
    if (inner !== undefined) addNumbered(found, inner, depth + 1);
  }
}

/** What the weights of a layer are, by how many there are: of a convolution or a dense layer, of `Normalization`, of batch norm. Others are of no layer here. */
const weights: Readonly<Record<number, readonly string[]>> = {
  1: ['kernel'],
  2: ['kernel', 'bias'],
  3: ['mean', 'variance', 'count'],
  4: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
};
