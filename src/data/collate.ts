import { InputError } from '../errors.js';
import { type Normalisation, normaliser } from '../io/preprocess.js';
import type { Pixels } from '../io/resize.js';
import { type Tensor, tensor } from '../tensor.js';

/**
 * Images of one size as a batch, [N, 3, H, W] in float32, normalised.
 *
 * @param nameOf what messages call image n of the batch
 * @throws InputError for an image of another size than the first
 */
export function collate(images: readonly Pixels[], normalisation: Normalisation, nameOf: (n: number) => string): Tensor {
  const { width, height } = images[0] ?? { width: 0, height: 0 };
  const size = 3 * height * width;
  const x = new Float32Array(images.length * size);
  const write = normaliser(normalisation);
  images.forEach((image, n) => {
    if (image.width !== width || image.height !== height)
      throw new InputError(
        `${nameOf(n)}: is ${image.width}×${image.height} pixels where ${nameOf(0)} of the same batch is ${width}×${height}: let a step of the augmentation crop to one size`,
      );
    write(image, x.subarray(n * size, (n + 1) * size));
  });
  return tensor([images.length, 3, height, width], x);
}
