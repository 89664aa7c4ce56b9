import type { Value } from '../../ops/op.js';
import { add, conv, feature, maxPool2d, upsampleNearest } from '../layers.js';
import { convBn } from '../naming.js';

/** Channels of every map of a pyramid. */
const width = 256;

/**
 * A feature pyramid (Lin 2017, arXiv:1612.03144) over maps, the finest first, as torchvision has it: the map above is enlarged to the size of the one below by its
 * nearest pixels. One more map, `pool`, is every second pixel of the last.
 *
 * @param normed batch norms behind the convolutions, in place of their biases
 */
export function pyramid(maps: readonly Value[], normed: boolean): readonly Value[] {
  const layer = (x: Value, path: string, kernel: number): Value =>
    normed
      ? convBn(x, { conv: `${path}.0`, bn: `${path}.1`, out: path }, { out: width, kernel })
      : conv(x, `${path}.0`, { out: width, kernel, bias: true });
  const inner = maps.map((x, i) => layer(x, `backbone.fpn.inner_blocks.${i}`, 1)); // all before the others: so PyTorch registers them
  const merged = [...inner];
  for (let i = merged.length - 2; i >= 0; i--) {
    const [x, above] = [merged[i] as Value, merged[i + 1] as Value];
    merged[i] = add(x, enlarged(above, x));
  }
  const outer = merged.map((x, i) => feature(layer(x, `backbone.fpn.layer_blocks.${i}`, 3), `fpn.${i}`));
  const last = outer.at(-1) as Value;
  return [...outer, feature(maxPool2d(last, { kernel: 1, stride: 2 }), 'fpn.pool')];
}

/** x on a plane as large as that of `like`. */
function enlarged(x: Value, like: Value): Value {
  const [, , height, width] = like.shape as readonly [number, number, number, number];
  return x.shape[2] === height && x.shape[3] === width ? x : upsampleNearest(x, [height, width]);
}
