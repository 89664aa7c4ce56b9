import { clampWith, constant, HARD_CONSTANTS, hardSigmoidWith, SIGMOID_CONSTANTS, sigmoidWith, tanh4, zeroBetween } from './simd';

/** Which function: by its place in src/plan/activation.ts; 0 is none. */
const RELU = 1;
const RELU6 = 2;
const HARD_SWISH = 3;
const SILU = 4;
const TANH = 5;
const SIGMOID = 6;
const HARD_SIGMOID = 7;

/**
 * y = f(x), for a function that rides on nothing.
 *
 *   x, y        [rows, pixel bytes]; y may be x
 *   channels    whose values count; f(0), which may be ½, must not leak into the pads
 *   kind        which function
 *   begin, end  of rows
 */
export function activation(x: usize, y: usize, pixel: usize, channels: i32, kind: i32, begin: i32, end: i32): void {
  const at = <usize>begin * pixel;
  strip(x + at, y + at, STRIP, (end - begin) * <i32>(pixel / STRIP), kind);
  const pads = ((<usize>channels) << 2) - pixel;
  if (pads !== 0 && kind >= SIGMOID)
    for (let r = begin; r < end; r++) {
      const next = y + <usize>(r + 1) * pixel;
      zeroBetween(next + pads, next);
    }
}

/** y = f(x) on a tile of `rows` rows of `bytes`, a multiple of 32, that are `stride` bytes apart: what a product, or a part of one, has just left in the cache. */
export function activate(x: usize, y: usize, stride: usize, rows: i32, bytes: usize, kind: i32): void {
  for (let c: usize = 0; c < bytes; c += STRIP) strip(x + c, y + c, stride, rows, kind);
}

/** Bytes of two vectors. */
const STRIP: usize = 32;

/**
 * Rows of two vectors, side by side, to hide one's latency behind the other's. One loop a function, so that none asks which it is, and no loop within it, which
 * would cost as much as half of what SiLU does. Constants come from memory before the loop: V8 makes a v128.const anew in each pass, by three instructions
 * (findings/v8-makes-wasm-vector-constants-anew-in-each-pass-of-a-loop.sh).
 */
function strip(x: usize, y: usize, stride: usize, rows: i32, kind: i32): void {
  if (kind === RELU) eachRelu(x, y, stride, rows);
  else if (kind === RELU6) eachRelu6(x, y, stride, rows);
  else if (kind === HARD_SWISH) eachHardSwish(x, y, stride, rows);
  else if (kind === SILU) eachSilu(x, y, stride, rows);
  else if (kind === TANH) eachTanh(x, y, stride, rows);
  else if (kind === SIGMOID) eachSigmoid(x, y, stride, rows);
  else if (kind === HARD_SIGMOID) eachHardSigmoid(x, y, stride, rows);
}

function eachRelu(x: usize, y: usize, stride: usize, rows: i32): void {
  for (; rows > 0; rows--, x += stride, y += stride) {
    const a = v128.load(x),
      b = v128.load(x, 16);
    v128.store(y, f32x4.pmax(a, f32x4.splat(0)));
    v128.store(y, f32x4.pmax(b, f32x4.splat(0)), 16);
  }
}

function eachRelu6(x: usize, y: usize, stride: usize, rows: i32): void {
  const zero = constant(HARD_CONSTANTS, 1),
    six = constant(HARD_CONSTANTS, 2);
  for (; rows > 0; rows--, x += stride, y += stride) {
    const a = v128.load(x),
      b = v128.load(x, 16);
    v128.store(y, clampWith(a, zero, six));
    v128.store(y, clampWith(b, zero, six), 16);
  }
}

function eachHardSwish(x: usize, y: usize, stride: usize, rows: i32): void {
  const k = HARD_CONSTANTS;
  const three = constant(k, 0),
    zero = constant(k, 1),
    six = constant(k, 2),
    sixth = constant(k, 3);
  for (; rows > 0; rows--, x += stride, y += stride) {
    const a = v128.load(x),
      b = v128.load(x, 16);
    v128.store(y, f32x4.mul(a, hardSigmoidWith(a, three, zero, six, sixth)));
    v128.store(y, f32x4.mul(b, hardSigmoidWith(b, three, zero, six, sixth)), 16);
  }
}

function eachSilu(x: usize, y: usize, stride: usize, rows: i32): void {
  const k = SIGMOID_CONSTANTS;
  // biome-ignore format: sigmoidWith's, in its order
  const least = constant(k, 0), most = constant(k, 1), perLn2 = constant(k, 2), offset = constant(k, 3), ln2 = constant(k, 4), ln2Rest = constant(k, 5),
    c6 = constant(k, 6), c5 = constant(k, 7), c4 = constant(k, 8), c3 = constant(k, 9), c2 = constant(k, 10), c1 = constant(k, 11), c0 = constant(k, 12), one = constant(k, 13);
  for (; rows > 0; rows--, x += stride, y += stride) {
    const a = v128.load(x),
      b = v128.load(x, 16);
    v128.store(y, f32x4.mul(a, sigmoidWith(a, least, most, perLn2, offset, ln2, ln2Rest, c6, c5, c4, c3, c2, c1, c0, one)));
    v128.store(y, f32x4.mul(b, sigmoidWith(b, least, most, perLn2, offset, ln2, ln2Rest, c6, c5, c4, c3, c2, c1, c0, one)), 16);
  }
}

function eachTanh(x: usize, y: usize, stride: usize, rows: i32): void {
  for (; rows > 0; rows--, x += stride, y += stride) {
    const a = v128.load(x),
      b = v128.load(x, 16);
    v128.store(y, tanh4(a));
    v128.store(y, tanh4(b), 16);
  }
}

function eachSigmoid(x: usize, y: usize, stride: usize, rows: i32): void {
  const k = SIGMOID_CONSTANTS;
  // biome-ignore format: sigmoidWith's, in its order
  const least = constant(k, 0), most = constant(k, 1), perLn2 = constant(k, 2), offset = constant(k, 3), ln2 = constant(k, 4), ln2Rest = constant(k, 5),
    c6 = constant(k, 6), c5 = constant(k, 7), c4 = constant(k, 8), c3 = constant(k, 9), c2 = constant(k, 10), c1 = constant(k, 11), c0 = constant(k, 12), one = constant(k, 13);
  for (; rows > 0; rows--, x += stride, y += stride) {
    const a = v128.load(x),
      b = v128.load(x, 16);
    v128.store(y, sigmoidWith(a, least, most, perLn2, offset, ln2, ln2Rest, c6, c5, c4, c3, c2, c1, c0, one));
    v128.store(y, sigmoidWith(b, least, most, perLn2, offset, ln2, ln2Rest, c6, c5, c4, c3, c2, c1, c0, one), 16);
  }
}

function eachHardSigmoid(x: usize, y: usize, stride: usize, rows: i32): void {
  const k = HARD_CONSTANTS;
  const three = constant(k, 0),
    zero = constant(k, 1),
    six = constant(k, 2),
    sixth = constant(k, 3);
  for (; rows > 0; rows--, x += stride, y += stride) {
    const a = v128.load(x),
      b = v128.load(x, 16);
    v128.store(y, hardSigmoidWith(a, three, zero, six, sixth));
    v128.store(y, hardSigmoidWith(b, three, zero, six, sixth), 16);
  }
}
