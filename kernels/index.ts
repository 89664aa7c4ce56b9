/**
 * The ABI. Only usize, i32, f32 and f64 cross it: pointers first, then sizes, then flags; a kernel that threads may split
 * ends in `begin, end`. src/plan/abi.ts lists the same names in the same order, and a test compares the two.
 *
 * Common to all: activations are NHWC with the channels of a pixel padded to a multiple of 8 (`pixel` bytes);
 * pad channels are read as zeros and written as zeros; buffers are 16-byte aligned; nothing is allocated, no global
 * exists, and memory outside the named operands is neither read nor written. Constants lie in page 0.
 *
 * Here are the kernels of inference. Each other set of kernels is a module of its own over the same memory, which only graphs that need it load.
 */
export { activation } from './activation';
export { conv } from './conv';
export { dense } from './dense';
export { dense4x8, dense5x8 } from './denseTile';
export { addRelu, affine, multiply, softmax } from './elementwise';
export { foldFilters, foldPanel } from './fold';
export { gemm4x8, gemm5x8, gemm6x8 } from './gemm';
export { gemm4x16, gemm5x16, gemm6x16 } from './gemm16';
export { grouped4x8, grouped5x8 } from './grouped';
export { channelShuffle, concat, nchwToNhwc, upsampleNearest } from './layout';
export { adaptiveAvgPool, avgPool, maxPool, mean, squeeze } from './pool';
export { roiAlign, roiPool } from './roi';
export { scaleAddRelu } from './se';
export { winogradInput, winogradOutput } from './winograd';
