import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readOnnxFile } from '../../src/node/onnxFile.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { mutated } from '../make/mutate.js';
import { bulkOnnx, nearlyOnnx } from '../make/onnx.js';
import type { Reader } from '../reader.js';

/** A large case in so many; each costs as much time as a hundred others. */
const bulkOnce = 300;
const sizes = [2 ** 14, 2 ** 16, 2 ** 18];

const name = 'model/model.onnx';

/** ONNX files, from bytes and from a folder with another file of weights, with links in it and out of it; made networks of. */
export async function openOnnx(): Promise<Reader> {
  return {
    make(draw) {
      if (draw.once(bulkOnce)) return bulkOnnx(draw, draw.pick(sizes));
      const files = nearlyOnnx(draw);
      return draw.once(3) ? { ...files, [name]: mutated(files[name] as Uint8Array, draw) } : files;
    },
    async read(files, place) {
      const bytes = files[name] as Uint8Array;
      const model = bytes.length % 2 === 0 ? await fromFolder() : await readOnnx(bytes, { external: (path) => files[join('model', path)] });
      graphOfOnnx(model, { input: [1, 3, 4, 4], gates: true });

      function fromFolder() {
        const folder = place.write(files);
        if ('model/w.bin' in files) {
          symlinkSync('w.bin', join(folder, 'model/link'));
          symlinkSync('../w.bin', join(folder, 'model/out'));
        }
        return readOnnxFile(join(folder, name));
      }
    },
  };
}
