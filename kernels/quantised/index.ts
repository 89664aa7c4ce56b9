/**
 * The kernels of quantised graphs, by the same ABI as those of ../index.ts.
 *
 * Common to all: a byte of a value is how far above its lowest it lies, so that kernels know bytes from 0 to 255 alone; a value is NHWC with the channels of a
 * pixel padded to a multiple of 16, and what is in the pads is nobody's business: weights of 0 stand against them.
 */
export { conv8 } from './conv';
export { add8, copy8, dequantise8, gate8, quantise8, quantiseBorder8, table8 } from './elementwise';
export { plainConv, plainDequantise, plainDynamic, plainQuantise } from './plain';
export { maxPool8, mean8, squeeze8 } from './pool';
export { scaled8 } from './scaled';
