import { fmadd } from './fmadd';

/**
 * Winograd's minimal filtering for 3×3 convolutions of stride 1 (Lavin & Gray 2016, arXiv:1509.09308):
 *
 *   Y = Aᵀ [ Σ_c (G g Gᵀ) ⊙ (Bᵀ d B) ] A        per m×m tile of outputs, from (m+2)×(m+2) cells of input
 *
 * F(4×4, 3×3) at the points 0, ±1, ±2, ∞ makes 36 products where 144 were, F(2×2, 3×3) at 0, ±1, ∞ makes 16 of 36. G g Gᵀ is packed with the
 * weights; the sum over channels is `conv` with one image a point; here are the two transforms, vectorised over channels.
 */

/**
 * v = Bᵀ d B for each tile.
 *
 *   x           [images, height, width, pixel bytes]
 *   zeros       [pixel bytes]: the cells outside
 *   v           [(m+2)², images · tilesH · tilesW, pixel bytes], `point` bytes from one transformed cell to the next
 *   scratch     [(m+2)²] vectors and as many pointers
 *   m           4 or 2; tile (i, j) starts at cell (i·m − top, j·m − left)
 *   begin, end  of images · tilesH · tilesW
 */
export function winogradInput(
  x: usize,
  zeros: usize,
  v: usize,
  scratch: usize,
  pixel: usize,
  point: usize,
  height: i32,
  width: i32,
  tilesH: i32,
  tilesW: i32,
  top: i32,
  left: i32,
  m: i32,
  begin: i32,
  end: i32,
): void {
  const side = m + 2;
  const cells = scratch + <usize>(side * side * 16);
  for (let tile = begin; tile < end; tile++) {
    const image = x + <usize>((tile / (tilesH * tilesW)) * height * width) * pixel;
    const h0 = ((tile / tilesW) % tilesH) * m - top;
    const w0 = (tile % tilesW) * m - left;
    for (let i = 0; i < side; i++)
      for (let j = 0; j < side; j++) {
        const h = h0 + i,
          w = w0 + j;
        const inside = h >= 0 && h < height && w >= 0 && w < width;
        store<usize>(cells + <usize>(i * side + j) * 4, inside ? image + <usize>(h * width + w) * pixel : zeros);
      }
    const to = v + <usize>tile * pixel;
    for (let c: usize = 0; c < pixel; c += 16)
      if (m === 4) input4(cells, c, scratch, to + c, point);
      else input2(cells, c, scratch, to + c, point);
  }
}

/** Columns, then rows: Bᵀ of F(4, 3) is [4 0 −5 0 1 0; 0 −4 −4 1 1 0; 0 4 −4 −1 1 0; 0 −2 −1 2 1 0; 0 2 −1 −2 1 0; 0 4 0 −5 0 1]. */
function input4(cells: usize, c: usize, scratch: usize, to: usize, point: usize): void {
  const two = f32x4.splat(2),
    four = f32x4.splat(4),
    minusFour = f32x4.splat(-4),
    minusFive = f32x4.splat(-5),
    minusTwo = f32x4.splat(-2);
  for (let j: usize = 0; j < 6; j++) {
    const from = cells + (j << 2),
      t = scratch + (j << 4);
    const d0 = v128.load(load<usize>(from) + c),
      d1 = v128.load(load<usize>(from, 24) + c),
      d2 = v128.load(load<usize>(from, 48) + c);
    const d3 = v128.load(load<usize>(from, 72) + c),
      d4 = v128.load(load<usize>(from, 96) + c),
      d5 = v128.load(load<usize>(from, 120) + c);
    const a = fmadd(d2, minusFour, d4),
      b = fmadd(d1, minusFour, d3);
    const e = f32x4.sub(d4, d2),
      f = f32x4.sub(d3, d1);
    v128.store(t, fmadd(d0, four, fmadd(d2, minusFive, d4)));
    v128.store(t, f32x4.add(a, b), 96);
    v128.store(t, f32x4.sub(a, b), 192);
    v128.store(t, fmadd(f, two, e), 288);
    v128.store(t, fmadd(f, minusTwo, e), 384);
    v128.store(t, fmadd(d1, four, fmadd(d3, minusFive, d5)), 480);
  }
  for (let i: usize = 0; i < 6; i++, to += point) {
    const t = scratch + i * 96;
    const d0 = v128.load(t),
      d1 = v128.load(t, 16),
      d2 = v128.load(t, 32),
      d3 = v128.load(t, 48),
      d4 = v128.load(t, 64),
      d5 = v128.load(t, 80);
    const a = fmadd(d2, minusFour, d4),
      b = fmadd(d1, minusFour, d3);
    const e = f32x4.sub(d4, d2),
      f = f32x4.sub(d3, d1);
    v128.store(to, fmadd(d0, four, fmadd(d2, minusFive, d4)));
    to += point;
    v128.store(to, f32x4.add(a, b));
    to += point;
    v128.store(to, f32x4.sub(a, b));
    to += point;
    v128.store(to, fmadd(f, two, e));
    to += point;
    v128.store(to, fmadd(f, minusTwo, e));
    to += point;
    v128.store(to, fmadd(d1, four, fmadd(d3, minusFive, d5)));
  }
}

/** Bᵀ of F(2, 3) is [1 0 −1 0; 0 1 1 0; 0 −1 1 0; 0 1 0 −1]. */
function input2(cells: usize, c: usize, scratch: usize, to: usize, point: usize): void {
  for (let j: usize = 0; j < 4; j++) {
    const from = cells + (j << 2),
      t = scratch + (j << 4);
    const d0 = v128.load(load<usize>(from) + c),
      d1 = v128.load(load<usize>(from, 16) + c);
    const d2 = v128.load(load<usize>(from, 32) + c),
      d3 = v128.load(load<usize>(from, 48) + c);
    v128.store(t, f32x4.sub(d0, d2));
    v128.store(t, f32x4.add(d1, d2), 64);
    v128.store(t, f32x4.sub(d2, d1), 128);
    v128.store(t, f32x4.sub(d1, d3), 192);
  }
  for (let i: usize = 0; i < 4; i++, to += point) {
    const t = scratch + (i << 6);
    const d0 = v128.load(t),
      d1 = v128.load(t, 16),
      d2 = v128.load(t, 32),
      d3 = v128.load(t, 48);
    v128.store(to, f32x4.sub(d0, d2));
    to += point;
    v128.store(to, f32x4.add(d1, d2));
    to += point;
    v128.store(to, f32x4.sub(d2, d1));
    to += point;
    v128.store(to, f32x4.sub(d1, d3));
  }
}

/**
 * y = max(Aᵀ p A + bias, lowest) for each tile.
 *
 *   p           [(m+2)², images · tilesH · tilesW, pixel bytes], `point` bytes from one transformed cell to the next
 *   bias        [pixel bytes], 0 in pad channels
 *   y           [images, height, width, pixel bytes]; what a tile has beyond the plane is dropped
 *   scratch     [m, m+2] vectors
 *   begin, end  of images · tilesH · tilesW
 */
export function winogradOutput(
  p: usize,
  bias: usize,
  y: usize,
  scratch: usize,
  pixel: usize,
  point: usize,
  height: i32,
  width: i32,
  tilesH: i32,
  tilesW: i32,
  m: i32,
  lowest: f32,
  begin: i32,
  end: i32,
): void {
  const lo = f32x4.splat(lowest);
  const line = <usize>width * pixel;
  for (let tile = begin; tile < end; tile++) {
    const h0 = ((tile / tilesW) % tilesH) * m,
      w0 = (tile % tilesW) * m;
    const rows = min(height - h0, m),
      columns = min(width - w0, m);
    const corner = y + <usize>(((tile / (tilesH * tilesW)) * height + h0) * width + w0) * pixel;
    const from = p + <usize>tile * pixel;
    for (let c: usize = 0; c < pixel; c += 16)
      if (m === 4) output4(from + c, point, scratch, corner + c, line, pixel, rows, columns, v128.load(bias + c), lo);
      else output2(from + c, point, scratch, corner + c, line, pixel, rows, columns, v128.load(bias + c), lo);
  }
}

/** Aᵀ of F(4, 3) is [1 1 1 1 1 0; 0 1 −1 2 −2 0; 0 1 1 4 4 0; 0 1 −1 8 −8 1]. */
// biome-ignore format: parameters
function output4(
  from: usize, point: usize, scratch: usize, y: usize, line: usize, pixel: usize, rows: i32, columns: i32, shift: v128, lo: v128,
): void {
  const two = f32x4.splat(2),
    four = f32x4.splat(4),
    eight = f32x4.splat(8);
  const down = point * 6;
  for (let j: usize = 0; j < 6; j++) {
    let at = from + j * point;
    const m0 = v128.load(at);
    at += down;
    const m1 = v128.load(at);
    at += down;
    const m2 = v128.load(at);
    at += down;
    const m3 = v128.load(at);
    at += down;
    const m4 = v128.load(at);
    at += down;
    const m5 = v128.load(at);
    const a = f32x4.add(m1, m2),
      b = f32x4.sub(m1, m2),
      e = f32x4.add(m3, m4),
      f = f32x4.sub(m3, m4);
    const t = scratch + (j << 4);
    v128.store(t, f32x4.add(f32x4.add(m0, a), e));
    v128.store(t, fmadd(f, two, b), 96);
    v128.store(t, fmadd(e, four, a), 192);
    v128.store(t, f32x4.add(fmadd(f, eight, b), m5), 288);
  }
  for (let i = 0, t = scratch; i < rows; i++, t += 96, y += line) {
    const m0 = v128.load(t),
      m1 = v128.load(t, 16),
      m2 = v128.load(t, 32),
      m3 = v128.load(t, 48),
      m4 = v128.load(t, 64),
      m5 = v128.load(t, 80);
    const a = f32x4.add(m1, m2),
      b = f32x4.sub(m1, m2),
      e = f32x4.add(m3, m4),
      f = f32x4.sub(m3, m4);
    v128.store(y, f32x4.pmax(f32x4.add(f32x4.add(f32x4.add(m0, a), e), shift), lo));
    if (columns > 1) v128.store(y + pixel, f32x4.pmax(f32x4.add(fmadd(f, two, b), shift), lo));
    if (columns > 2) v128.store(y + 2 * pixel, f32x4.pmax(f32x4.add(fmadd(e, four, a), shift), lo));
    if (columns > 3) v128.store(y + 3 * pixel, f32x4.pmax(f32x4.add(f32x4.add(fmadd(f, eight, b), m5), shift), lo));
  }
}

/** Aᵀ of F(2, 3) is [1 1 1 0; 0 1 −1 −1]. */
// biome-ignore format: parameters
function output2(
  from: usize, point: usize, scratch: usize, y: usize, line: usize, pixel: usize, rows: i32, columns: i32, shift: v128, lo: v128,
): void {
  const down = point << 2;
  for (let j: usize = 0; j < 4; j++) {
    let at = from + j * point;
    const m0 = v128.load(at);
    at += down;
    const m1 = v128.load(at);
    at += down;
    const m2 = v128.load(at);
    at += down;
    const m3 = v128.load(at);
    const t = scratch + (j << 4);
    v128.store(t, f32x4.add(f32x4.add(m0, m1), m2));
    v128.store(t, f32x4.sub(f32x4.sub(m1, m2), m3), 64);
  }
  for (let i = 0, t = scratch; i < rows; i++, t += 64, y += line) {
    const m0 = v128.load(t),
      m1 = v128.load(t, 16),
      m2 = v128.load(t, 32),
      m3 = v128.load(t, 48);
    v128.store(y, f32x4.pmax(f32x4.add(f32x4.add(f32x4.add(m0, m1), m2), shift), lo));
    if (columns > 1) v128.store(y + pixel, f32x4.pmax(f32x4.add(f32x4.sub(f32x4.sub(m1, m2), m3), shift), lo));
  }
}
