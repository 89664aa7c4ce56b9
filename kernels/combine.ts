import { power } from './apply';
import { zeroBetween } from './simd';

/** Which function: by its place in src/ops/functionNames.ts. */
const ADD = 0;
const SUBTRACT = 1;
const MULTIPLY = 2;
const DIVIDE = 3;
const MINIMUM = 4;
const MAXIMUM = 5;
const PRELU = 7;
const GREATER = 8;
const EQUAL = 9;
const WHERE = 10;

/**
 * y = a ∘ b; an operand is repeated along the axes whose stride is 0, and along the channels if it has one of them.
 *
 *   a, b        NHWC, with strides in bytes: from image to image, line to line, pixel to pixel
 *   aOne, bOne  1: one channel serves all
 *   y           [images, height, width, pixel bytes]
 *   kind        which function
 *   begin, end  of images · height lines
 */
// biome-ignore format: the ABI by its kinds
export function combine(
  a: usize, b: usize, y: usize, pixel: usize, channels: i32, height: i32, width: i32,
  aImage: usize, aLine: usize, aPixel: usize, aOne: i32, bImage: usize, bLine: usize, bPixel: usize, bOne: i32,
  kind: i32, begin: i32, end: i32,
): void {
  const bytes = (<usize>channels) << 2;
  for (let line = begin; line < end; line++) {
    const n = <usize>(line / height),
      h = <usize>(line % height);
    let left = a + n * aImage + h * aLine,
      right = b + n * bImage + h * bLine,
      to = y + <usize>line * <usize>width * pixel;
    for (let w = 0; w < width; w++, left += aPixel, right += bPixel, to += pixel) {
      for (let c: usize = 0; c < pixel; c += 16) {
        const p = aOne ? v128.load32_splat(left) : v128.load(left + c),
          q = bOne ? v128.load32_splat(right) : v128.load(right + c);
        v128.store(to + c, both(p, q, kind));
      }
      zeroBetween(to + bytes, to + pixel);
    }
  }
}

function both(p: v128, q: v128, kind: i32): v128 {
  if (kind === ADD) return f32x4.add(p, q);
  if (kind === SUBTRACT) return f32x4.sub(p, q);
  if (kind === MULTIPLY) return f32x4.mul(p, q);
  if (kind === DIVIDE) return f32x4.div(p, q);
  if (kind === MINIMUM) return f32x4.min(p, q);
  if (kind === MAXIMUM) return f32x4.max(p, q);
  if (kind === PRELU) return v128.bitselect(f32x4.mul(p, q), p, f32x4.lt(p, f32x4.splat(0)));
  if (kind === GREATER) return v128.and(f32x4.gt(p, q), f32x4.splat(1));
  if (kind === EQUAL) return v128.and(f32x4.eq(p, q), f32x4.splat(1));
  if (kind === WHERE) return v128.and(p, f32x4.ne(q, f32x4.splat(0)));
  // the power, place 6
  let y = f32x4.splat(<f32>power(<f64>f32x4.extract_lane(p, 0), <f64>f32x4.extract_lane(q, 0)));
  y = f32x4.replace_lane(y, 1, <f32>power(<f64>f32x4.extract_lane(p, 1), <f64>f32x4.extract_lane(q, 1)));
  y = f32x4.replace_lane(y, 2, <f32>power(<f64>f32x4.extract_lane(p, 2), <f64>f32x4.extract_lane(q, 2)));
  return f32x4.replace_lane(y, 3, <f32>power(<f64>f32x4.extract_lane(p, 3), <f64>f32x4.extract_lane(q, 3)));
}
