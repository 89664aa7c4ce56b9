import { inspect, openCheckpoint } from '../../src/checkpoints/index.js';
import { SenetError } from '../../src/errors.js';
import { sizeOf } from '../../src/tensor.js';
import type { Draw } from '../draw.js';
import { lyingZip, strangeZip, torchFile } from '../make/archives.js';
import { bulkWeights } from '../make/bulk.js';
import { gguf } from '../make/gguf.js';
import { caffe, safetensors } from '../make/headers.js';
import { mutated } from '../make/mutate.js';
import { goodWeights } from '../make/weights.js';
import type { Reader } from '../reader.js';

/** A large case in so many; each costs as much time as a hundred others. */
const bulkOnce = 1000;

function fileOf(draw: Draw): Uint8Array {
  if (draw.once(bulkOnce)) return bulkWeights(draw.pick([2 ** 16, 2 ** 17, 2 ** 18, 2 ** 20]), draw);
  const kind = draw.whole(0, 12);
  if (kind <= 4) return mutated(draw.pick(Object.values(goodWeights)), draw);
  if (kind <= 7) return torchFile(draw);
  if (kind === 8) return lyingZip(draw);
  if (kind === 9) return strangeZip(draw);
  if (kind === 10) return gguf(draw);
  return kind === 11 ? safetensors(draw) : caffe(draw);
}

/** Files of weights of every format: opened, all of their tensors read, and now and then compared with a network. */
export async function openWeights(): Promise<Reader> {
  return {
    make: (draw) => ({ file: fileOf(draw) }),
    async read({ file }) {
      const checkpoint = await openCheckpoint(file as Uint8Array);
      for (const { shape, read } of checkpoint.tensors.values()) {
        const tensor = await read().catch((error: unknown) => {
          if (!(error instanceof SenetError)) throw error;
        });
        if (tensor && tensor.data.length !== sizeOf(shape)) throw new Error(`${tensor.data.length} values for [${shape}]`);
      }
      if ((file as Uint8Array).length % 64 === 0) inspect(checkpoint, checkpoint.format === 'caffe' ? undefined : 'timm/resnet18');
    },
  };
}
