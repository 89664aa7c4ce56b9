import { fmadd } from './simd';

/**
 * Each pixel of y is a weighted sum of pixels of x: lines by one list of taps, columns by another.
 *
 *   x           [images, height, width, pixel bytes]
 *   y           [images, outHeight, outWidth, pixel bytes]
 *   rows, columns  i32: for each line (column) of y where its taps begin, and where the last's end; then each tap's line (column) of x
 *   down, across   f32: each tap's weight
 *   begin, end  of images · outHeight
 */
// biome-ignore format: the ABI by its kinds
export function resample(
  x: usize, y: usize, rows: usize, down: usize, columns: usize, across: usize,
  pixel: usize, height: i32, width: i32, outHeight: i32, outWidth: i32, begin: i32, end: i32,
): void {
  const line = <usize>width * pixel;
  const rowCells = rows + ((<usize>outHeight + 1) << 2),
    columnCells = columns + ((<usize>outWidth + 1) << 2);
  for (let row = begin; row < end; row++) {
    const image = x + <usize>(row / outHeight) * <usize>height * line;
    const i = <usize>(row % outHeight);
    const r0 = load<i32>(rows + (i << 2)),
      r1 = load<i32>(rows + (i << 2), 4);
    let to = y + <usize>row * <usize>outWidth * pixel;
    for (let j: usize = 0; j < <usize>outWidth; j++, to += pixel) {
      const c0 = load<i32>(columns + (j << 2)),
        c1 = load<i32>(columns + (j << 2), 4);
      for (let c: usize = 0; c < pixel; c += 32) {
        let sum0 = f32x4.splat(0),
          sum1 = sum0;
        for (let r = <usize>r0; r < <usize>r1; r++) {
          const from = image + <usize>load<i32>(rowCells + (r << 2)) * line + c;
          const weight = load<f32>(down + (r << 2));
          for (let k = <usize>c0; k < <usize>c1; k++) {
            const at = from + <usize>load<i32>(columnCells + (k << 2)) * pixel;
            const w = f32x4.splat(weight * load<f32>(across + (k << 2)));
            sum0 = fmadd(w, v128.load(at), sum0);
            sum1 = fmadd(w, v128.load(at, 16), sum1);
          }
        }
        v128.store(to + c, sum0);
        v128.store(to + c, sum1, 16);
      }
    }
  }
}
