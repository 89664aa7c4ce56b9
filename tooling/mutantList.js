/**
 * Planted faults, each with the tests that should find it.
 *
 * @typedef {object} Mutant
 * @property {string} name   the fault, as a sentence of docs/mutants.md
 * @property {string} file
 * @property {string} from   exact text that occurs once in the file
 * @property {string} to     what takes its place
 * @property {readonly string[]} tests  test files, one of which should fail
 */

const conv = 'test/kernels/conv.test.ts';
const elementwise = 'test/kernels/elementwise.test.ts';
const pool = 'test/kernels/pool.test.ts';
const se = 'test/kernels/se.test.ts';
const winograd = 'test/kernels/winograd.test.ts';

/** @type {readonly Mutant[]} */
export const mutants = [
  // kernels: products
  {
    name: 'the last row of a block of 60 is left out',
    file: 'kernels/conv.ts',
    from: 'const size = min(rows - block * BLOCK, BLOCK);',
    to: 'const size = min(rows - block * BLOCK, BLOCK - 1);',
    tests: [conv],
  },
  {
    name: 'a second block reads the rows gathered for the first',
    file: 'kernels/conv.ts',
    from: 'if (from !== gathered || panel === 0) {',
    to: 'if (from !== gathered) {',
    tests: [conv],
  },
  {
    name: 'a tap outside the image reads the cell there instead of zeros',
    file: 'kernels/conv.ts',
    from: 'v128.bitselect(outside, i32x4.add(base, offset), i32x4.shr_s(offset, 31))',
    to: 'i32x4.add(base, offset)',
    tests: [conv],
  },
  {
    name: 'the last of 16 columns, where only 8 are left, are computed all the same',
    file: 'kernels/conv.ts',
    from: 'const width = column + wide > pixel ? 8 : columns;',
    to: 'const width = columns;',
    tests: [conv],
  },
  {
    name: 'a depthwise tile of five rows stores six',
    file: 'kernels/depthwise.ts',
    from: 'const c5 = count > 5 ? c4 + cStride : c4;',
    to: 'const c5 = count > 4 ? c4 + cStride : c4;',
    tests: [conv],
  },
  {
    name: "the second group of a pair reads the first one's channels, in one row of a tile",
    file: 'kernels/grouped.ts',
    from: 's41 = fmadd(v128.load32_splat(a4 + p, 16), b1, s41);',
    to: 's41 = fmadd(v128.load32_splat(a4 + p), b1, s41);',
    tests: [conv],
  },
  {
    name: 'of a fully connected layer with more than 32 inputs only the last 32 count',
    file: 'kernels/dense.ts',
    from: 't00 = f32x4.add(t00, s00);',
    to: 't00 = p - x > <usize>CHUNK ? s00 : f32x4.add(t00, s00);',
    tests: [conv],
  },
  // kernels: pools and sums
  {
    name: 'max pool counts cells below zero as zero',
    file: 'kernels/pool.ts',
    from: 'let largest0 = f32x4.splat(-Infinity),',
    to: 'let largest0 = f32x4.splat(0),',
    tests: [pool],
  },
  {
    name: 'max pool loses NaN',
    file: 'kernels/pool.ts',
    from: 'v128.store(to + c, v128.or(largest0, nan0)); // all bits set is a NaN',
    to: 'v128.store(to + c, largest0);',
    tests: [elementwise],
  },
  {
    name: 'average pool counts padding above and below where it should not',
    file: 'kernels/pool.ts',
    from: 'const tall = inside ? h1 - h0 : min(h + windowH, height + bottom) - h;',
    to: 'const tall = min(h + windowH, height + bottom) - h;',
    tests: [pool],
  },
  {
    name: 'average pool counts cells beyond the padding',
    file: 'kernels/pool.ts',
    from: 'const wide = inside ? w1 - w0 : min(w + windowW, width + right) - w;',
    to: 'const wide = inside ? w1 - w0 : windowW;',
    tests: [pool],
  },
  {
    name: 'a sum over rows loses the last where they are three more than a multiple of four',
    file: 'kernels/pool.ts',
    from: 'if (size & 1) {',
    to: 'if ((size & 3) === 1) {',
    tests: [pool],
  },
  {
    name: 'a mean divides by whole blocks',
    file: 'kernels/pool.ts',
    from: 'const divisor = f32x4.splat(<f32>rows);',
    to: 'const divisor = f32x4.splat(<f32>(blocks * BLOCK));',
    tests: [pool],
  },
  // kernels: SE
  {
    name: 'the gate is applied after the addition',
    file: 'kernels/se.ts',
    from: 'const y0 = fmadd(v128.load(a), v128.load(gate + c), v128.load(b));',
    to: 'const y0 = f32x4.mul(f32x4.add(v128.load(a), v128.load(b)), v128.load(gate + c));',
    tests: [se],
  },
  {
    name: "every image gets the first one's gates",
    file: 'kernels/se.ts',
    from: 'const gate = s + <usize>(r / rows) * pixel;',
    to: 'const gate = s;',
    tests: [se],
  },
  {
    name: 'no ReLU between the two layers of a gate',
    file: 'kernels/dense.ts',
    from: 'activate(from, from, 0, 1, to - from, after);',
    to: 'if (after !== 1) activate(from, from, 0, 1, to - from, after);',
    tests: [se],
  },
  {
    name: 'the fourth panel of a gate is the third again',
    file: 'kernels/dense.ts',
    from: 'const b3 = count > 3 ? b2 + panelBytes : b2,',
    to: 'const b3 = b2,',
    tests: [se],
  },
  {
    name: 'the gate of a pad channel is left at one half',
    file: 'kernels/dense.ts',
    from: 'zeroBetween(max(from, at + ((<usize>outputs) << 2)), to);',
    to: '',
    tests: [se],
  },
  // kernels: pointwise, layout
  {
    name: 'the sigmoid of a pad channel is left at one half',
    file: 'kernels/activation.ts',
    from: 'zeroBetween(next + pads, next);',
    to: '',
    tests: [elementwise],
  },
  {
    name: 'softmax counts pad channels',
    file: 'kernels/elementwise.ts',
    from: 'for (let c: usize = 0; c < bytes; c += 4) sum += load<f32>(to + c);',
    to: 'for (let c: usize = 0; c < pixel; c += 4) sum += load<f32>(to + c);',
    tests: [elementwise],
  },
  {
    name: 'softmax subtracts the first value, not the largest',
    file: 'kernels/elementwise.ts',
    from: 'for (let c: usize = 0; c < bytes; c += 4) largest = max(largest, load<f32>(from + c));',
    to: 'largest = load<f32>(from);',
    tests: [elementwise],
  },
  {
    name: "one coefficient of e^x's series is 1/25 instead of some 1/24",
    file: 'kernels/simd.ts',
    from: 'f32x4.splat(0.04166838899254799)',
    to: 'f32x4.splat(1.0 / 25.0)',
    tests: [elementwise],
  },
  {
    name: 'e^x ends at e^−87 and has no denormals',
    file: 'kernels/simd.ts',
    from: 'x = f32x4.pmax(x, f32x4.splat(-104));',
    to: 'x = f32x4.pmax(x, f32x4.splat(-87));',
    tests: [elementwise],
  },
  {
    name: "tanh adds up e^−2|x| whole, so that small arguments' digits cancel",
    file: 'kernels/simd.ts',
    from: 'const m = fmadd(f32x4.mul(series(r), r), scale, f32x4.sub(scale, one));',
    to: 'const m = f32x4.sub(f32x4.mul(fmadd(series(r), r, one), scale), one);',
    tests: [elementwise],
  },
  {
    name: 'relu6 ends at 5',
    file: 'kernels/simd.ts',
    from: 'f32x4.splat(0)), f32x4.splat(6));',
    to: 'f32x4.splat(0)), f32x4.splat(5));',
    tests: [elementwise],
  },
  {
    name: 'hardSwish: the second of two vectors is gated by the first',
    file: 'kernels/activation.ts',
    from: 'f32x4.mul(b, hardSigmoid4(b))',
    to: 'f32x4.mul(b, hardSigmoid4(a))',
    tests: [elementwise],
  },
  {
    name: 'a function passes over the first 8 of 16 columns of a product only',
    file: 'kernels/conv.ts',
    from: 'size, <usize>width << 2, after);',
    to: 'size, 32, after);',
    tests: [conv],
  },
  {
    name: 'a channel shuffle deals out the groups last to first',
    file: 'kernels/layout.ts',
    from: 'for (let g = 0, at = from + k; g < groups; g++, at += each, to += 4)',
    to: 'for (let g = 0, at = from + k + (groups - 1) * each; g < groups; g++, at -= each, to += 4)',
    tests: [elementwise],
  },
  {
    name: 'multiply squares its first operand',
    file: 'kernels/elementwise.ts',
    from: 'f32x4.mul(v128.load(a + at), v128.load(b + at))',
    to: 'f32x4.mul(v128.load(a + at), v128.load(a + at))',
    tests: [elementwise],
  },
  {
    name: 'windows of an adaptive pool end where the next begins, and do not overlap',
    file: 'kernels/pool.ts',
    from: 'h1 = ((i + 1) * height + outHeight - 1) / outHeight;',
    to: 'h1 = max(((i + 1) * height) / outHeight, h0 + 1);',
    tests: [pool],
  },
  {
    name: 'the border of an image keeps what memory held',
    file: 'kernels/layout.ts',
    from: 'memory.fill(target, 0, image);',
    to: '',
    tests: [conv],
  },
  {
    name: 'a concatenation does not clear its pad channels',
    file: 'kernels/layout.ts',
    from: 'memory.fill(to + bytes, 0, clear);',
    to: '',
    tests: [elementwise],
  },
  // kernels: Winograd
  {
    name: "a sign of Winograd's input transform",
    file: 'kernels/winograd.ts',
    from: 'v128.store(t, fmadd(f, minusTwo, e), 384);',
    to: 'v128.store(t, fmadd(f, two, e), 384);',
    tests: [winograd],
  },
  {
    name: "a Winograd tile's third column is stored where the plane has two left",
    file: 'kernels/winograd.ts',
    from: 'if (columns > 2) v128.store(',
    to: 'if (columns > 1) v128.store(',
    tests: [winograd],
  },
  {
    name: "a sign of Winograd's filter transform",
    file: 'src/plan/winograd.ts',
    from: '1 / 24, -1 / 12, 1 / 6,',
    to: '1 / 24, 1 / 12, 1 / 6,',
    tests: [winograd],
  },
  // plan
  {
    name: 'batch norm is folded with an epsilon of 1e-3',
    file: 'src/plan/fold.ts',
    from: '+ norm.eps);',
    to: '+ 1e-3);',
    tests: [conv],
  },
  {
    name: 'a bias is lost where no batch norm follows',
    file: 'src/plan/fold.ts',
    from: 'shift[c] = b;',
    to: 'shift[c] = b - b;',
    tests: [conv],
  },
  {
    name: 'a bias is lost where batch norm follows',
    file: 'src/plan/fold.ts',
    from: '(b - (norm.mean.data[c] as number)) * f',
    to: '(0 - (norm.mean.data[c] as number)) * f',
    tests: [conv],
  },
  {
    name: 'padding is off by one: a tap may lie a row below the image',
    file: 'src/plan/pack.ts',
    from: 'h >= 0 && h < height && w >= 0',
    to: 'h >= 0 && h <= height && w >= 0',
    tests: [conv],
  },
  {
    name: 'the groups of a pair are swapped when weights are packed',
    file: 'src/plan/pack.ts',
    from: "kind === 'fours' && column >= 4 ? 4 : 0",
    to: "kind === 'fours' && column < 4 ? 4 : 0",
    tests: [conv],
  },
  {
    name: "a group's last panel hangs over into the next group",
    file: 'src/plan/runs.ts',
    from: 'const last = groups === 1 ? end : end - columns;',
    to: 'const last = end;',
    tests: [conv],
  },
  {
    name: "a plane's weights are packed as if its pads were channels",
    file: 'src/plan/lower.ts',
    from: 'filter: [channels, height, width],',
    to: 'filter: [length, height, width],',
    tests: [conv],
  },
  {
    name: 'a function rides where panels overlap and a thread may apply it twice',
    file: 'src/plan/product.ts',
    from: 'panel > 0 && first < (runs.outputs[panel - 1] as number)',
    to: 'panel < 0 && first < (runs.outputs[panel - 1] as number)',
    tests: [conv],
  },
  {
    name: 'padding on the left is taken from the right',
    file: 'src/plan/product.ts',
    from: 'const before = [padding[0], padding[3]] as const;',
    to: 'const before = [padding[0], padding[1]] as const;',
    tests: [conv],
  },
  {
    name: "a panel near the last channel reads past the pixel's end",
    file: 'src/plan/runs.ts',
    from: 'Math.min(from, channelsPerGroup * groups - length)',
    to: 'from',
    tests: [conv],
  },
  {
    name: 'a ReLU rides on a convolution whose sum somebody else reads too',
    file: 'src/plan/group.ts',
    from: 'others.length > 0 ||',
    to: 'others.length > 1 ||',
    tests: ['test/plan/group.test.ts'],
  },
  {
    name: 'a buffer is given away in the step that still reads it',
    file: 'src/plan/place.ts',
    from: 'a.firstStep <= b.lastStep && b.firstStep <= a.lastStep',
    to: 'a.firstStep < b.lastStep && b.firstStep < a.lastStep',
    tests: ['test/plan/place.test.ts'],
  },
  {
    name: 'an operand is overwritten one step before its last reader',
    file: 'src/plan/place.ts',
    from: 'operand.lastStep === firstStep &&',
    to: 'operand.lastStep <= firstStep + 1 &&',
    tests: ['test/plan/place.test.ts'],
  },
  {
    name: "Winograd's tiles start at the padding below instead of above",
    file: 'src/plan/filtering.ts',
    from: 'top: attrs.padding[0],',
    to: 'top: attrs.padding[2],',
    tests: [winograd],
  },
  {
    name: "a thread's slice starts a panel late",
    file: 'src/wasm/calls.ts',
    from: 'return (image * (full + 1) + block) * count + panel;',
    to: 'return (image * (full + 1) + block) * count + panel + 1;',
    tests: ['test/wasm/cut.test.ts'],
  },
  // the reference itself
  {
    name: 'the reference convolution: a column to the right of where it should be',
    file: 'src/ops/conv2d.ts',
    from: 'j * sw + q * dw - left',
    to: 'j * sw + q * dw - left + 1',
    tests: ['test/ops/conv2d.test.ts'],
  },
  {
    name: 'the reference batch norm: epsilon outside the root',
    file: 'src/ops/batchNorm.ts',
    from: 'Math.sqrt(v + eps)',
    to: 'Math.sqrt(v) + eps',
    tests: ['test/ops/batchNorm.test.ts'],
  },
  {
    name: 'the reference max pool: cells outside the image are 0',
    file: 'src/ops/maxPool2d.ts',
    from: 'let largest = -Infinity;',
    to: 'let largest = 0;',
    tests: ['test/ops/maxPool2d.test.ts'],
  },
  {
    name: 'the reference pools: ceil mode keeps a window that starts behind the image',
    file: 'src/ops/window.ts',
    from: 'stride[axis] >= extent + before',
    to: 'stride[axis] > extent + before',
    tests: ['test/ops/window.test.ts'],
  },
  {
    name: 'the reference gate: of the next channel',
    file: 'src/ops/scale.ts',
    from: 's.data[Math.floor(i / plane)]',
    to: 's.data[Math.ceil(i / plane)]',
    tests: ['test/ops/scale.test.ts'],
  },
  {
    name: 'the models: batch norms with an epsilon of 1e-3',
    file: 'src/models/layers.ts',
    from: 'eps = 1e-5)',
    to: 'eps = 1e-3)',
    tests: ['test/conformance.test.ts'],
  },
];
