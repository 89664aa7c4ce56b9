import { WeightsError } from '../errors.js';
import type { Shape } from '../tensor.js';
import { Budget, heap } from './budget.js';
import { type Dtype, dtypes } from './dtype.js';
import { type Field, ProtobufReader } from './protobuf.js';
import { readRange, type Source } from './source.js';
import { extentOf, type Stored, stored, type TensorFile } from './tensorFile.js';

/**
 * Caffe's `.caffemodel`: a NetParameter in protobuf (docs/spec/checkpoints.md §5.1; field numbers of caffe.proto). A layer's blobs become tensors
 * `layer:0`, `layer:1`, …, since Caffe knows them by number only.
 */

/** The numbers of the fields read. Layers are field 100; in files before 2014, field 2, with a message of its own (V1LayerParameter). */
const net = { name: 1, v1Layers: 2, layer: 100 };
const layers: Readonly<Record<number, { readonly name: number; readonly blobs: number }>> = {
  [net.layer]: { name: 1, blobs: 7 },
  [net.v1Layers]: { name: 4, blobs: 6 },
};
const blob = { legacy: [1, 2, 3, 4], data: 5, shape: 7, doubleData: 8 };
const blobShape = { dim: 1 };

/** Caffe's own. */
const maxAxes = 32;

/** @throws WeightsError for a file that is damaged, or holds no layers with blobs. */
export async function openCaffe(source: Source): Promise<TensorFile> {
  const reader = new ProtobufReader(source);
  const budget = new Budget(source.size);
  const metadata: Record<string, string> = {};
  const tensors = new Map<string, Stored>();
  for await (const field of reader.fields(0, source.size)) {
    const numbers = layers[field.number];
    if (field.number === net.name && field.wire === 'bytes') metadata.name = await reader.text(field);
    else if (numbers !== undefined && field.wire === 'bytes') {
      const { name, blobs } = await readLayer(reader, field, numbers, budget);
      for (const [i, place] of blobs.entries()) {
        const key = `${name}:${i}`;
        budget.spend(heap.dict + 2 * heap.object + heap.entry + heap.text(key.length), who);
        if (tensors.has(key)) throw damaged(`expected each layer once, found ${name.slice(0, 80)} twice`);
        tensors.set(key, await readBlob(reader, source, place, key));
      }
    }
  }
  if (tensors.size === 0) throw damaged('expected layers with blobs, found none');
  return { format: 'caffe', metadata, tensors };
}

interface Layer {
  readonly name: string;
  readonly blobs: readonly Field[];
}

async function readLayer(reader: ProtobufReader, { begin, end }: Field, numbers: (typeof layers)[number], budget: Budget): Promise<Layer> {
  let name = '';
  const blobs: Field[] = [];
  for await (const field of reader.fields(begin, end)) {
    if (field.number === numbers?.name && field.wire === 'bytes') name = await reader.text(field);
    else if (field.number === numbers?.blobs && field.wire === 'bytes') {
      budget.spend(heap.object + heap.element, who);
      blobs.push(field);
    }
  }
  return { name, blobs };
}

async function readBlob(reader: ProtobufReader, source: Source, { begin, end }: Field, name: string): Promise<Stored> {
  let shape: Shape | undefined;
  const legacy = [1, 1, 1, 1]; // num, channels, height, width
  let isLegacy = false;
  let found: { readonly dtype: Dtype; readonly place: Field } | undefined;
  for await (const field of reader.fields(begin, end)) {
    const axis = blob.legacy.indexOf(field.number);
    if (axis >= 0 && field.wire === 'varint') {
      legacy[axis] = field.value;
      isLegacy = true;
    } else if (field.number === blob.shape && field.wire === 'bytes') shape = await readShape(reader, field, name);
    else if (field.number === blob.data || field.number === blob.doubleData) {
      if (field.wire !== 'bytes' || found) throw damaged(`blob ${name}: expected its values once, and packed`);
      found = { dtype: field.number === blob.data ? dtypes.F32 : dtypes.F64, place: field };
    }
  }
  const { dtype, place } = found ?? { dtype: dtypes.F32, place: { begin: end, end } };
  const extents = shape ?? (isLegacy ? legacy : [(place.end - place.begin) / dtype.bytes]);
  const expected = extentOf(extents, dtype)?.bytes;
  if (expected !== place.end - place.begin)
    throw damaged(`blob ${name}: expected ${expected ?? 'countless'} bytes for [${extents.join(', ')}], found ${place.end - place.begin}`);
  return stored(name, dtype, extents, (into) => readRange(source, place.begin, place.end - place.begin, into));
}

async function readShape(reader: ProtobufReader, { begin, end }: Field, blob: string): Promise<Shape> {
  const dims: number[] = [];
  for await (const field of reader.fields(begin, end)) {
    if (field.number !== blobShape.dim) continue;
    const given = field.wire === 'bytes' ? await reader.packed(field) : [field.value];
    if (dims.length + given.length > maxAxes) throw damaged(`blob ${blob}: expected at most ${maxAxes} extents, found more`);
    dims.push(...given);
  }
  return dims;
}

const who = 'caffe';
const damaged = (message: string): WeightsError => new WeightsError(`${who}: ${message}`);
