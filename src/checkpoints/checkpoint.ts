import { SenetError, WeightsError } from '../errors.js';
import { openCaffe } from '../io/caffe.js';
import { ggufMagic, openGguf } from '../io/gguf.js';
import { openKeras } from '../io/keras.js';
import { isNpz, isNumpyArray, openNpz } from '../io/numpy.js';
import { openSafetensors } from '../io/safetensors.js';
import { type BlobLike, readRange, type Source, sourceOf } from '../io/source.js';
import type { TensorFile } from '../io/tensorFile.js';
import { isTorchPickle, openTorchLegacy, openTorchZip } from '../io/torch.js';
import { isZip, type ZipEntry, zipEntries } from '../io/zip.js';
import type { Tensor } from '../tensor.js';
import { kerasMetadata } from './keras.js';
import { selectState } from './select.js';
import { isJson, readShardIndex, type ShardIndex, show } from './shardIndex.js';

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
 * Opens safetensors, PyTorch's `.pth` in both of its forms, a zip archive that holds one of them (as pytorchcv's do), NumPy's `.npz`, a `.gguf`, a `.caffemodel`, or Keras's `.h5` and `.keras`;
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
    ...(entry !== undefined && { entry }),
    load: async (name) => {
      const stored = selected.tensors.get(name);
      if (stored === undefined) throw new WeightsError(`tensor ${name} is missing`, { tensor: name });
      return stored.read();
    },
  };
}

async function open(source: Source): Promise<TensorFile & { readonly entry?: string }> {
  const start = await readRange(source, 0, Math.min(16, source.size));
  if (isSafetensors(start) || !isZip(start)) return openFlat(source, start);

  const entries = await zipEntries(source);
  if (entries.some(({ name }) => exportedProgram.test(name)))
    throw new WeightsError('expected a checkpoint, found a program of torch.export (.pt2): save the state_dict() of its model instead');
  if (entries.some(({ name }) => isTorchPickle(name))) return openTorchZip(source, entries);
  if (isNpz(entries)) return openNpz(entries, source.size);
  const keras = entries.find(({ name }) => name === 'model.weights.h5');
  if (keras !== undefined) return { ...(await openHdf5Weights(await keras.open())), entry: keras.name };
  const { name: entry, content } = await onlyEntry(entries);
  const inner = await readRange(content, 0, Math.min(16, content.size));
  if (!isZip(inner)) return { ...(await openFlat(content, inner)), entry };
  const innerEntries = await zipEntries(content);
  if (!innerEntries.some(({ name }) => isTorchPickle(name))) throw new WeightsError(`zip: entry ${entry}: expected a checkpoint`);
  return { ...(await openTorchZip(content, innerEntries)), entry };
}

/** The entry that tells what `torch.export.save` wrote. */
const exportedProgram = /^([^/]+\/)?archive_format$/;

const ascii = (bytes: Uint8Array, begin: number, end: number): string => String.fromCharCode(...bytes.subarray(begin, end));

/** Asked before all others: its ninth byte counts tensors, and may be any. (A safetensors header of so many bytes is beyond that format's limit.) */
const isGguf = (start: Uint8Array): boolean => ascii(start, 0, 4) === ggufMagic;

const isHdf5 = (start: Uint8Array): boolean => ascii(start, 0, 8) === '\x89HDF\r\n\x1a\n';

/** Asked next: what comes before, the header's length, may look like the beginning of another format. */
const isSafetensors = (start: Uint8Array): boolean => ascii(start, 8, 9) === '{';

/** Keras's, which says in its tensors how images are made. */
async function openHdf5Weights(source: Source): Promise<TensorFile> {
  const file = await openKeras(source);
  return { ...file, metadata: { ...file.metadata, ...(await kerasMetadata(file.tensors, file.metadata)) } };
}

/** A file that is no archive. */
async function openFlat(source: Source, start: Uint8Array): Promise<TensorFile> {
  if (isGguf(start)) return openGguf(source);
  if (isHdf5(start)) return openHdf5Weights(source);
  if (await isJson(source)) throw indexOf(await readShardIndex(source));
  if (isSafetensors(start)) return openSafetensors(source);
  if (start[0] === 0x80) return openTorchLegacy(source);
  if (isNumpyArray(start))
    throw new WeightsError('expected a checkpoint, found one array of NumPy (.npy): numpy.savez keeps several, by their names');
  if (/^\s*</.test(ascii(start, 0, 16)))
    throw new WeightsError('expected a checkpoint, found a page of HTML or XML; was it saved from a browser?');
  if (ascii(start, 0, 16).startsWith('version https://')) throw new WeightsError('expected a checkpoint, found a pointer to one (Git LFS)');
  try {
    return await openCaffe(source);
  } catch (cause) {
    if (!(cause instanceof SenetError)) throw cause;
    throw new WeightsError(`expected safetensors, PyTorch, GGUF, Keras, zip or Caffe, found none of them (${cause.message})`, { cause });
  }
}

function indexOf({ files }: ShardIndex): WeightsError {
  const shown = files.slice(0, 4).map(show).join(', ');
  return new WeightsError(
    `expected a checkpoint, found the index of one in ${files.length} files, ${shown}${files.length > 4 ? ', …' : ''}: openShards opens them with it`,
  );
}

const checkpointName = /\.(pth|pt|pkl|bin|tar|safetensors|gguf|caffemodel|h5)$/i;

/** The one checkpoint of an archive. @throws WeightsError if there is none, or several. */
async function onlyEntry(entries: readonly ZipEntry[]): Promise<{ readonly name: string; readonly content: Source }> {
  const named = entries.filter(({ name }) => checkpointName.test(name) && !name.startsWith('__MACOSX/'));
  const [entry] = named;
  if (entry === undefined || named.length > 1)
    throw new WeightsError(
      `zip: expected one checkpoint among the entries, found ${named.length}: ${entries
        .slice(0, 8)
        .map(({ name }) => name.slice(0, 80))
        .join(', ')}`,
    );
  return { name: entry.name, content: await entry.open() };
}
