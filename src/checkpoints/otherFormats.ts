import { SenetError, WeightsError } from '../errors.js';
import { openCaffe } from '../io/caffe.js';
import { openGguf } from '../io/gguf.js';
import { openKeras } from '../io/keras.js';
import { isNpz, isNumpyArray, openNpy, openNpz } from '../io/numpy.js';
import { isPickle, openPickle } from '../io/pickleFile.js';
import { openSafetensors } from '../io/safetensors.js';
import type { Source } from '../io/source.js';
import type { TensorFile } from '../io/tensorFile.js';
import { isTorchPickle, openTorchZip } from '../io/torch.js';
import { isZip, type ZipEntry, zipEntries } from '../io/zip.js';
import { kerasMetadata } from './keras.js';
import { ascii, isGguf, isHdf5, isSafetensors, otherFile, startOf } from './magic.js';
import { isJson, readShardIndex, type ShardIndex, show } from './shardIndex.js';

/** A file that is not safetensors by itself. @throws as `openCheckpoint` */
export async function openOther(source: Source, start: Uint8Array): Promise<TensorFile & { readonly entry?: string }> {
  if (!isZip(start)) return openFlat(source, start);
  const entries = await zipEntries(source);
  const opened = await openArchive(source, entries);
  if (opened !== undefined) return opened;
  const { name: entry, content } = await onlyEntry(entries);
  const inner = await startOf(content);
  if (!isZip(inner)) return { ...(await openFlat(content, inner)), entry };
  const file = await openArchive(content, await zipEntries(content));
  if (file === undefined) throw new WeightsError(`zip: entry ${entry}: expected a checkpoint`);
  return { ...file, entry };
}

/** An archive that a library wrote. @returns undefined for any other. @throws WeightsError for a program of `torch.export` */
async function openArchive(source: Source, entries: readonly ZipEntry[]): Promise<(TensorFile & { readonly entry?: string }) | undefined> {
  if (entries.some(({ name }) => exportedProgram.test(name)))
    throw new WeightsError('expected a checkpoint, found a program of torch.export (.pt2): save the state_dict() of its model instead');
  if (entries.some(({ name }) => isTorchPickle(name))) return openTorchZip(source, entries);
  if (isNpz(entries)) return openNpz(entries, source.size);
  const keras = entries.find(({ name }) => name === 'model.weights.h5');
  return keras && { ...(await openHdf5Weights(await keras.open())), entry: keras.name };
}

/** The entry that tells what `torch.export.save` wrote. */
const exportedProgram = /^([^/]+\/)?archive_format$/;

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
  if (await isSafetensors(source, start)) return openSafetensors(source);
  if (await isPickle(source, start)) return openPickle(source);
  if (isNumpyArray(start)) return openNpy(source);
  if (/^\s*</.test(ascii(start, 0, 16)))
    throw new WeightsError('expected a checkpoint, found a page of HTML or XML; was it saved from a browser?');
  if (ascii(start, 0, 16).startsWith('version https://')) throw new WeightsError('expected a checkpoint, found a pointer to one (Git LFS)');
  const other = await otherFile(source);
  if (other !== undefined) throw new WeightsError(`expected a checkpoint, found ${other}`);
  try {
    return await openCaffe(source);
  } catch (cause) {
    if (!(cause instanceof SenetError)) throw cause;
    throw new WeightsError(
      `expected safetensors, PyTorch, GGUF, Keras, NumPy, a pickle, zip or Caffe, found none of them (${cause.message})`,
      { cause },
    );
  }
}

function indexOf({ files }: ShardIndex): WeightsError {
  const shown = files.slice(0, 4).map(show).join(', ');
  return new WeightsError(
    `expected a checkpoint, found the index of one in ${files.length} files, ${shown}${files.length > 4 ? ', …' : ''}: openShards opens them with it`,
  );
}

const checkpointName = /\.(pth|pt|pt2|ckpt|pkl|pickle|bin|tar|safetensors|gguf|caffemodel|h5|keras|npy|npz)$/i;

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
