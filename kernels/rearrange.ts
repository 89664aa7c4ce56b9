import { zeroBetween } from './simd';

/**
 * Numbers of x in another order, where each pixel's place and each channel's add up.
 *
 *   y           [rows, pixel bytes], `channels` of each pixel
 *   rows        i32: where in x each pixel's first channel is, in bytes, or −1
 *   columns     i32: how far from there each channel is, or −1
 *   together    1: channels lie side by side in x, as in y
 *   value       where there is none
 *   begin, end  of y's pixels
 */
// biome-ignore format: the ABI by its kinds
export function rearrange(
  x: usize, y: usize, rows: usize, columns: usize, pixel: usize, channels: i32, together: i32, value: f32, begin: i32, end: i32,
): void {
  const bytes = (<usize>channels) << 2;
  for (let r = begin; r < end; r++) {
    const to = y + <usize>r * pixel;
    const from = load<i32>(rows + (<usize>r << 2));
    if (from >= 0 && together) memory.copy(to, x + <usize>from, bytes);
    else
      for (let c: usize = 0; c < bytes; c += 4) {
        const far = load<i32>(columns + c);
        store<f32>(to + c, from < 0 || far < 0 ? value : load<f32>(x + <usize>from + <usize>far));
      }
    zeroBetween(to + bytes, to + pixel);
  }
}

/**
 * The same, where each number has a place of its own.
 *
 *   places      i32 [rows, channels]: where in x it is, in bytes, or −1
 */
// biome-ignore format: the ABI by its kinds
export function rearrangeEach(
  x: usize, y: usize, places: usize, pixel: usize, channels: i32, value: f32, begin: i32, end: i32,
): void {
  const bytes = (<usize>channels) << 2;
  for (let r = begin; r < end; r++) {
    const to = y + <usize>r * pixel;
    const place = places + <usize>r * bytes;
    for (let c: usize = 0; c < bytes; c += 4) {
      const from = load<i32>(place + c);
      store<f32>(to + c, from < 0 ? value : load<f32>(x + <usize>from));
    }
    zeroBetween(to + bytes, to + pixel);
  }
}
