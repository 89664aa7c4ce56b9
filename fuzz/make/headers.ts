import { concatBytes, text, u64 } from '../../test/support/files/bytes.js';
import { integer, message, varint } from '../../test/support/files/caffe.js';
import type { Draw } from '../draw.js';
import { nearlyJson } from './json.js';
import { numberOf } from './pickles.js';

/** Safetensors' headers, and Caffe's messages, of the right words in any order. */

const framed = (json: Uint8Array, data: number): Uint8Array => concatBytes([u64(json.length), json, new Uint8Array(data)]);

const dtypes = ['F32', 'F16', 'BF16', 'I64', 'F64', 'BOOL', 'F8_E5M2', 'U16', 'C64', ''];

/** Entries one behind the other, as a writer has them; then something is changed. */
function goodHeader(draw: Draw): { readonly json: string; readonly data: number } {
  let data = 0;
  const entries = draw
    .several(4, () => draw.pick(['a', 'b', 'fc.weight', 'conv1.weight', '__proto__', 'constructor', 'é']))
    .map((name) => {
      const shape = draw.several(3, () => draw.whole(0, 3));
      const begin = data;
      data += 4 * shape.reduce((product, extent) => product * extent, 1);
      return [name, { dtype: 'F32', shape, data_offsets: [begin, data] }] as const;
    });
  const metadata = draw.once(3) ? [['__metadata__', { format: 'pt', 'senet.model': 'timm/resnet18' }] as const] : [];
  return {
    json: `{${[...metadata, ...entries].map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`,
    data,
  };
}

export function safetensors(draw: Draw): Uint8Array {
  if (draw.once(2)) {
    const { json, data } = goodHeader(draw);
    return framed(nearlyJson(json, draw), draw.once(4) ? draw.whole(0, 40) : data);
  }
  const field = (): unknown =>
    draw.pick<unknown>([numberOf(draw), draw.pick(dtypes), draw.several(3, () => numberOf(draw)), null, '1', [[1]]]);
  const entry = (): unknown =>
    draw.once(2)
      ? { dtype: draw.pick(dtypes), shape: draw.several(3, () => draw.whole(0, 3)), data_offsets: [draw.whole(0, 9), draw.whole(0, 40)] }
      : Object.fromEntries(['dtype', 'shape', 'data_offsets'].filter(() => !draw.once(5)).map((key) => [key, field()]));
  const header = draw.several(
    3,
    () => `${JSON.stringify(draw.pick(['a', 'b', '__metadata__', '__proto__', '']))}:${JSON.stringify(entry())}`,
  );
  return framed(text(`{${header.join(',')}}`), draw.whole(0, 40));
}

const fields = [1, 2, 3, 4, 5, 6, 7, 8, 100, 0];

/** Messages within messages. */
export function caffe(draw: Draw, depth = 0): Uint8Array {
  const parts = draw.several(5, () => {
    const field = draw.pick(fields);
    const kind = draw.whole(0, depth < 4 ? 5 : 2);
    if (kind === 0) return integer(field, draw.pick([0, 1, 3, 12, 2 ** 16, 2 ** 31, 2 ** 40, 2 ** 53 - 1]));
    if (kind === 1) {
      const length = draw.pick([0, 1, 4, 16, 1000, 2 ** 31, 2 ** 40, 2 ** 52]);
      return concatBytes([varint(field * 8 + 2), varint(length), draw.bytes(draw.whole(0, 20))]);
    }
    if (kind === 2) return message(field, draw.bytes(draw.whole(0, 20)));
    return message(field, caffe(draw, depth + 1));
  });
  return concatBytes(parts);
}
