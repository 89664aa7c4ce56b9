/** The kernels of ops that only imported networks have, by the same ABI as those of index.ts. */
export { apply } from './apply';
export { combine } from './combine';
export { matMul } from './matMul';
export { rearrange, rearrangeEach } from './rearrange';
export { reduce } from './reduce';
export { resample } from './resample';
