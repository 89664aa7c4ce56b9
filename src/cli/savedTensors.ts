import { encodeFloats, type SavedDtype, safetensorsHeader } from '../io/safetensors.js';
import { progress } from '../node/progress.js';
import { writeWhole } from '../node/writeWhole.js';
import { isReadable, type ReadableTensor, type Tensor } from '../tensor.js';

/** Writes safetensors. */
export async function saveTensors(
  output: string,
  tensors: ReadonlyMap<string, Tensor | ReadableTensor>,
  dtype: SavedDtype,
  metadata: Readonly<Record<string, string>>,
) {
  const shapes = new Map([...tensors].map(([key, { shape }]) => [key, shape]));
  const header = safetensorsHeader(shapes, { metadata: { ...metadata, format: 'pt' }, dtype });
  await writeWhole(output, parts(header, tensors, dtype, output));
  return { tensors: tensors.size, dtype };
}

/** The file's bytes, a tensor at a time. Says on stderr how far it is. */
async function* parts(
  header: Uint8Array,
  tensors: ReadonlyMap<string, Tensor | ReadableTensor>,
  dtype: SavedDtype,
  output: string,
): AsyncGenerator<Uint8Array> {
  yield header;
  const shown = progress();
  let done = 0;
  try {
    for (const given of tensors.values()) {
      yield encodeFloats((isReadable(given) ? await given.read() : given).data, dtype);
      shown.show(`${output}: ${Math.floor((100 * ++done) / tensors.size)} % of the tensors written`);
    }
  } finally {
    shown.clear();
  }
}
