import { build } from '../graph/build.js';
import type { Value } from '../ops/op.js';
import type { Model } from './model.js';

/** What a family's tables say of a network beside its layers. */
export interface About {
  readonly family: string;
  /** @defaultValue 224 */
  readonly size?: number;
  /** r of the SE blocks; absent where there are none. */
  readonly reduction?: number | undefined;
}

/** What the layers depend on beside the image: options of the caller, or the network's own values. */
export interface Settings {
  readonly classes: number;
  /** r of the SE blocks; undefined where there are none, or where they are left out. */
  readonly reduction: number | undefined;
}

/** The network called `id`: `layers` takes an image [N, 3, H, W] to logits [N, classes]. */
export function network(id: string, about: About, layers: (image: Value, settings: Settings) => Value): Model {
  const { family, size: ownSize = 224, reduction: ownReduction } = about;
  return {
    id,
    family,
    se: ownReduction !== undefined,
    size: ownSize,
    takes: ownReduction === undefined ? [] : ['reduction'],
    create: ({ classes = 1000, size = ownSize, batch = 1, reduction = ownReduction, se = true, gates = false }) => {
      const [height, width] = typeof size === 'number' ? [size, size] : size;
      const settings = { classes, reduction: se ? reduction : undefined };
      return build([batch, 3, height, width], (image) => layers(image, settings), gates);
    },
  };
}
