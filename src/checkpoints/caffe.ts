import { WeightsError } from '../errors.js';
import type { Stored } from '../io/tensorFile.js';
import { classesIn, devkitIds } from '../pretrained/labels.js';
import { dims4, sizeOf, type Tensor } from '../tensor.js';

/**
 * The authors' Caffe files as the same networks elsewhere are: tensors called as in Cadene's ports, batch norm in one piece, classes in the order of
 * sorted synsets, images in RGB (docs/spec/zoo.md §2.2; docs/spec/checkpoints.md §5.2).
 *
 * **Images.** Caffe reads x = bgr − (104, 117, 123), of bytes. Here the first convolution's filters have their channels turned round, so that they
 * read x = rgb − (123, 117, 104): RGB in 0..1 with mean (123, 117, 104) / 255 and deviation 1 / 255. Nothing is scaled, so each weight
 * keeps its bits, and as the mean stays the one that Caffe subtracts, a zero of the padding still is the mean pixel: another mean would need a bias, and
 * a bias is wrong where the window reaches over the border.
 */

export interface CaffeState {
  readonly tensors: ReadonlyMap<string, Stored>;
  /** The layer that told which of the two kinds of networks it is. */
  readonly told: string;
}

/** Batch norm's eps is Caffe's default, 1e-5, as in the ports. */
export function fromCaffe(blobs: ReadonlyMap<string, Stored>): CaffeState {
  const inception = [...blobs.keys()].find((key) => key.startsWith('inception_3a/'));
  const rename = inception === undefined ? residualName : inceptionName;
  const tensors = new Map<string, Stored>();
  const put = (name: string, stored: Stored): void => {
    if (tensors.has(name)) throw new WeightsError(`caffe: expected each layer once, found another that becomes ${name}`, { tensor: name });
    tensors.set(name, stored);
  };
  for (const [layer, parts] of layersOf(blobs)) {
    const path = rename(layer.replace(/\/scale$/, ''));
    const [first, second, factor] = parts;
    if (first && second && factor) {
      if (sizeOf(factor.shape) !== 1) throw new WeightsError(`caffe: layer ${layer}: expected mean, variance and their factor`);
      put(`${path}.running_mean`, dividedBy(first, factor));
      put(`${path}.running_var`, dividedBy(second, factor));
    } else {
      if (first) put(`${path}.weight`, first);
      if (second) put(`${path}.bias`, second);
    }
  }
  for (const [name, stored] of tensors) {
    if (isStem(name)) tensors.set(name, { ...stored, read: async () => reversedChannels(await stored.read()) });
    if (name.startsWith('last_linear.')) tensors.set(name, inSynsetOrder(stored));
  }
  return { tensors, told: `a Caffe file with the layer ${layerOf(inception ?? [...blobs.keys()][0] ?? '')}` };
}

const layerOf = (key: string): string => key.slice(0, key.lastIndexOf(':'));

/** The blobs of each layer, in order. */
function layersOf(blobs: ReadonlyMap<string, Stored>): ReadonlyMap<string, readonly Stored[]> {
  const layers = new Map<string, Stored[]>();
  for (const [key, stored] of blobs) {
    const parts = layers.get(layerOf(key));
    if (parts) parts.push(stored);
    else layers.set(layerOf(key), [stored]);
  }
  return layers;
}

const isStem = (name: string): boolean => name === 'layer0.conv1.weight' || name === 'conv1_7x7_s2.weight';

const parts: Readonly<Record<string, string>> = {
  '1x1_reduce': 'conv1',
  '3x3': 'conv2',
  '1x1_increase': 'conv3',
  '1x1_proj': 'downsample.0',
  '1x1_down': 'se_module.fc1',
  '1x1_up': 'se_module.fc2',
};

/** `conv2_1_3x3` is the second convolution of the first block of the first stage, `conv2_1_3x3/bn` its batch norm. */
function residualName(layer: string): string {
  const bn = layer.endsWith('/bn');
  const conv = bn ? layer.slice(0, -'/bn'.length) : layer;
  const stem = /^conv1(?:_(\d))?\/\dx\d(?:_s2)?$/.exec(conv);
  if (stem) return `layer0.${bn ? 'bn' : 'conv'}${stem[1] ?? 1}`;
  if (conv === 'classifier') return 'last_linear';
  const [, stage, block, part = ''] = /^conv(\d+)_(\d+)_(\w+)$/.exec(conv) ?? [];
  const known = Object.hasOwn(parts, part) ? parts[part] : undefined;
  if (known === undefined) return layer;
  const name = bn ? known.replace('conv', 'bn').replace('downsample.0', 'downsample.1') : known;
  return `layer${Number(stage) - 1}.${Number(block) - 1}.${name}`;
}

/** `inception_3a/double3x3b` is `inception_3a_double_3x3_2`; gates are below `inception_3a.se`. */
function inceptionName(layer: string): string {
  if (layer === 'classifier') return 'last_linear';
  const [, module, side] = /^(inception_\d\w)_1x1_(down|up)$/.exec(layer) ?? [];
  if (module !== undefined) return `${module}.se.${side === 'down' ? 'fc1' : 'fc2'}`;
  return layer
    .replace(/double3x3_/, 'double_3x3_')
    .replace(/double3x3([ab])/, (_, which: string) => `double_3x3_${which === 'a' ? 1 : 2}`)
    .replaceAll('/', '_');
}

/** Caffe keeps running sums: it divides them by their factor when it uses them, and takes 0, of a layer never trained, as 1. */
function dividedBy(stored: Stored, factor: Stored): Stored {
  return {
    ...stored,
    read: async () => {
      const { shape, data } = await stored.read();
      const [sum = 0] = (await factor.read()).data;
      return { shape, data: sum === 0 || sum === 1 ? data : data.map((value) => value / sum) };
    },
  };
}

/** Filters [O, 3, P, Q] for RGB of those for BGR. */
function reversedChannels({ shape, data }: Tensor): Tensor {
  const [, channels, P, Q] = dims4(shape);
  const plane = P * Q;
  const result = data.slice();
  for (let at = 0; at < data.length; at += channels * plane)
    for (let c = 0; c < channels; c++) result.set(data.subarray(at + c * plane, at + (c + 1) * plane), at + (channels - 1 - c) * plane);
  return { shape, data: result };
}

/** Rows of the classifier: Caffe's row r is the class that the development kit numbers r + 1. Other classes than its 1000 stay as they are. */
function inSynsetOrder(stored: Stored): Stored {
  const rows = stored.shape.findIndex((extent) => extent !== 1); // old files have extents of 1 in front
  const shape = stored.shape.slice(Math.max(rows, 0));
  return {
    ...stored,
    shape,
    read: async () => {
      const { data } = await stored.read();
      if (shape[0] !== classesIn.imagenet) return { shape, data };
      const length = data.length / classesIn.imagenet;
      const result = data.slice();
      for (const [row, id] of (await devkitIds()).entries()) result.set(data.subarray((id - 1) * length, id * length), row * length);
      return { shape, data: result };
    },
  };
}
