import { InputError } from '../errors.js';
import { type BlobLike, type Source, sourceOf } from '../io/source.js';
import type { Stored } from '../io/tensorFile.js';
import { kindOf } from '../tensor.js';
import type { Checkpoint } from './checkpoint.js';
import { damaged, readShardIndex, show } from './shardIndex.js';

/**
 * A checkpoint in several files, as one: `index` is its `model.safetensors.index.json` or `pytorch_model.bin.index.json`, and `open` opens, by its
 * name, each of the files that lie beside it. What the files hold beside the tensors of the index is passed over.
 *
 * @throws WeightsError for a damaged index, one that names files elsewhere, a tensor that is not where the index says, or is in two files; what `open`
 * throws.
 */
export async function openShards(
  index: Uint8Array | ArrayBuffer | BlobLike | Source,
  open: (file: string) => Promise<Checkpoint>,
): Promise<Checkpoint> {
  if (typeof open !== 'function') throw new InputError(`expected a function that opens a file by its name, not ${kindOf(open)}`);
  const { places, files } = await readShardIndex(sourceOf(index));
  const shards = new Map<string, Checkpoint>();
  const tensors = new Map<string, Stored>();
  const leftOut = new Map<string, string>();
  for (const file of files) {
    const shard = await open(file);
    shards.set(file, shard);
    for (const [name, stored] of shard.tensors) {
      const place = places.get(name);
      if (place === undefined) leftOut.set(name, 'a tensor that the index leaves out');
      else if (place !== file) throw damaged(`${show(file)}: found tensor ${show(name)}, expected it in ${show(place)}`, name);
      else tensors.set(name, stored);
    }
  }
  for (const [name, file] of places)
    if (!tensors.has(name)) throw damaged(`${show(file)}: expected tensor ${show(name)}, found none of that name`, name);
  const { format, metadata } = [...shards.values()][0] as Checkpoint; // an index has one at least
  return {
    format,
    metadata,
    tensors,
    ...(leftOut.size > 0 && { states: [{ path: '', tensors, others: leftOut, beside: new Map() }] }),
    load: async (name) => {
      const shard = shards.get(places.get(name) ?? '');
      if (shard === undefined) throw damaged(`tensor ${show(name)} is missing`, name);
      return shard.load(name);
    },
  };
}
