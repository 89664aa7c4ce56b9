import { WeightsError } from '../errors.js';
import { openSafetensors } from '../io/safetensors.js';
import { type BlobLike, type Source, sourceOf } from '../io/source.js';
import type { TensorFile } from '../io/tensorFile.js';
import type { Tensor } from '../tensor.js';
import { isSafetensors, startOf } from './magic.js';
import { normalisationMetadata } from './normalisation.js';
import { selectState } from './select.js';

/** A file of weights, of whichever library and format: what it holds is known, its values are read tensor by tensor. */
export interface Checkpoint extends TensorFile {
  /** The entry of a zip archive that the checkpoint is, where it is one. */
  readonly entry?: string;
  /** @throws WeightsError for a name that the file does not have, whole numbers, and a file that ends before the values. */
  load(name: string): Promise<Tensor>;
}

/** What of a file is opened. */
export interface CheckpointOptions {
  /**
   * Which of a file's dictionaries of tensors, where it holds several: the keys and modules that lead to it, joined by dots, as in `model_ema`.
   * By default all are there to be recognised, and the weights that the file's trainer would load come before averages of them.
   */
  readonly state?: string;
}

/**
 * Opens safetensors, PyTorch's `.pth` in both of its forms, a zip archive that holds one of them (as pytorchcv's do), pickles of tensors or of NumPy's arrays, NumPy's `.npz` or `.npy` of a dictionary, a `.gguf`, a `.caffemodel`, or Keras's `.h5` and `.keras`;
 * told by content, not by name. Nothing in a file is executed, and no more of it is read than is asked for.
 *
 * @throws WeightsError that says what was expected and found, for anything else and for damaged files; for the index of several files, which
 * `openShards` reads, it names them. InputError for what is no bytes, such as a file's name, and for a `state` that is not there.
 */
export async function openCheckpoint(
  file: Uint8Array | ArrayBuffer | BlobLike | Source,
  { state }: CheckpointOptions = {},
): Promise<Checkpoint> {
  const { entry, ...opened } = await open(sourceOf(file));
  const selected = state === undefined ? opened : selectState(opened, state);
  return {
    ...selected,
    metadata: { ...(await normalisationMetadata(opened.tensors)), ...selected.metadata },
    ...(entry !== undefined && { entry }),
    load: async (name) => {
      const stored = selected.tensors.get(name);
      if (stored === undefined) throw new WeightsError(`tensor ${name} is missing`, { tensor: name });
      return stored.read();
    },
  };
}

/** Readers of other formats than safetensors are loaded when there is such a file. */
async function open(source: Source): Promise<TensorFile & { readonly entry?: string }> {
  const start = await startOf(source);
  return (await isSafetensors(source, start)) ? openSafetensors(source) : (await import('./otherFormats.js')).openOther(source, start);
}
