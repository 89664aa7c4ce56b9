import type { Tile } from './plan.js';

/** A 3×3 convolution of stride 1, and the milliseconds that it takes directly and by F(2×2, 3×3) and F(4×4, 3×3). */
export interface Cost {
  readonly inputs: number;
  readonly outputs: number;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly direct: number;
  readonly winograd2: number;
  readonly winograd4: number;
}

/** By the register tile that is fastest where they were measured, which tells machines apart. */
export interface Costs {
  readonly tile: Tile;
  readonly measured: string;
  readonly rows: readonly Cost[];
}

/** By npm run bench:costs, relaxed kernels, one thread. */
// biome-ignore format: one shape a line
export const costs: readonly [Costs, ...Costs[]] = [
  { tile: { rows: 6, columns: 8 }, measured: 'AMD EPYC, Node 20.20.2, 2026-11-24', rows: [
    { inputs: 64, outputs: 64, batch: 1, height: 56, width: 56, direct: 3.319, winograd2: 1.992, winograd4: 1.222 },
    { inputs: 128, outputs: 128, batch: 1, height: 28, width: 28, direct: 3.31, winograd2: 1.745, winograd4: 1.121 },
    { inputs: 256, outputs: 256, batch: 1, height: 14, width: 14, direct: 3.424, winograd2: 1.824, winograd4: 1.654 },
    { inputs: 512, outputs: 512, batch: 1, height: 7, width: 7, direct: 3.663, winograd2: 2.594, winograd4: 1.454 },
    { inputs: 64, outputs: 64, batch: 1, height: 28, width: 28, direct: 0.897, winograd2: 0.529, winograd4: 0.329 },
    { inputs: 128, outputs: 128, batch: 1, height: 14, width: 14, direct: 0.899, winograd2: 0.499, winograd4: 0.42 },
    { inputs: 256, outputs: 256, batch: 1, height: 7, width: 7, direct: 0.95, winograd2: 0.724, winograd4: 0.365 },
    { inputs: 512, outputs: 512, batch: 1, height: 4, width: 4, direct: 1.404, winograd2: 0.619, winograd4: 1.346 },
    { inputs: 64, outputs: 64, batch: 1, height: 112, width: 112, direct: 13.754, winograd2: 9.047, winograd4: 6.276 },
    { inputs: 128, outputs: 128, batch: 1, height: 56, width: 56, direct: 13.704, winograd2: 7.513, winograd4: 4.874 },
    { inputs: 256, outputs: 256, batch: 1, height: 28, width: 28, direct: 13.871, winograd2: 6.863, winograd4: 4.493 },
    { inputs: 512, outputs: 512, batch: 1, height: 14, width: 14, direct: 14.307, winograd2: 7.123, winograd4: 6.305 },
    { inputs: 64, outputs: 64, batch: 4, height: 56, width: 56, direct: 13.803, winograd2: 9.251, winograd4: 6.324 },
    { inputs: 128, outputs: 128, batch: 4, height: 28, width: 28, direct: 13.652, winograd2: 7.596, winograd4: 4.889 },
    { inputs: 256, outputs: 256, batch: 4, height: 14, width: 14, direct: 14.022, winograd2: 6.928, winograd4: 5.602 },
    { inputs: 512, outputs: 512, batch: 4, height: 7, width: 7, direct: 14.93, winograd2: 8.811, winograd4: 6.317 },
    { inputs: 64, outputs: 64, batch: 1, height: 16, width: 16, direct: 0.287, winograd2: 0.193, winograd4: 0.138 },
    { inputs: 128, outputs: 128, batch: 1, height: 8, width: 8, direct: 0.296, winograd2: 0.188, winograd4: 0.127 },
    { inputs: 256, outputs: 256, batch: 1, height: 4, width: 4, direct: 0.354, winograd2: 0.164, winograd4: 0.35 },
    { inputs: 512, outputs: 512, batch: 1, height: 2, width: 2, direct: 0.352, winograd2: 0.608, winograd4: 1.378 },
  ] },
  { tile: { rows: 5, columns: 8 }, measured: 'Intel(R) Xeon(R) Processor, Node 20.20.2, 2026-11-28', rows: [
    { inputs: 64, outputs: 64, batch: 1, height: 56, width: 56, direct: 3.96, winograd2: 2.413, winograd4: 1.52 },
    { inputs: 128, outputs: 128, batch: 1, height: 28, width: 28, direct: 3.955, winograd2: 2.106, winograd4: 1.332 },
    { inputs: 256, outputs: 256, batch: 1, height: 14, width: 14, direct: 4.232, winograd2: 2.198, winograd4: 2.153 },
    { inputs: 512, outputs: 512, batch: 1, height: 7, width: 7, direct: 4.611, winograd2: 3.633, winograd4: 4.935 },
    { inputs: 64, outputs: 64, batch: 1, height: 28, width: 28, direct: 1.093, winograd2: 0.619, winograd4: 0.424 },
    { inputs: 128, outputs: 128, batch: 1, height: 14, width: 14, direct: 1.079, winograd2: 0.588, winograd4: 0.579 },
    { inputs: 256, outputs: 256, batch: 1, height: 7, width: 7, direct: 1.183, winograd2: 0.977, winograd4: 1.263 },
    { inputs: 512, outputs: 512, batch: 1, height: 4, width: 4, direct: 1.992, winograd2: 2.198, winograd4: 6.034 },
    { inputs: 64, outputs: 64, batch: 1, height: 112, width: 112, direct: 16.486, winograd2: 11.027, winograd4: 6.95 },
    { inputs: 128, outputs: 128, batch: 1, height: 56, width: 56, direct: 16.032, winograd2: 9.376, winograd4: 5.983 },
    { inputs: 256, outputs: 256, batch: 1, height: 28, width: 28, direct: 16.48, winograd2: 8.82, winograd4: 5.452 },
    { inputs: 512, outputs: 512, batch: 1, height: 14, width: 14, direct: 18.774, winograd2: 8.936, winograd4: 8.645 },
    { inputs: 64, outputs: 64, batch: 4, height: 56, width: 56, direct: 16.163, winograd2: 10.781, winograd4: 6.956 },
    { inputs: 128, outputs: 128, batch: 4, height: 28, width: 28, direct: 16.573, winograd2: 9.295, winograd4: 5.94 },
    { inputs: 256, outputs: 256, batch: 4, height: 14, width: 14, direct: 17.084, winograd2: 8.933, winograd4: 6.886 },
    { inputs: 512, outputs: 512, batch: 4, height: 7, width: 7, direct: 18.733, winograd2: 12.129, winograd4: 8.484 },
    { inputs: 64, outputs: 64, batch: 1, height: 16, width: 16, direct: 0.365, winograd2: 0.22, winograd4: 0.166 },
    { inputs: 128, outputs: 128, batch: 1, height: 8, width: 8, direct: 0.401, winograd2: 0.245, winograd4: 0.243 },
    { inputs: 256, outputs: 256, batch: 1, height: 4, width: 4, direct: 0.517, winograd2: 0.531, winograd4: 1.099 },
    { inputs: 512, outputs: 512, batch: 1, height: 2, width: 2, direct: 1.21, winograd2: 2.277, winograd4: 3.976 },
    { inputs: 16, outputs: 16, batch: 1, height: 32, width: 32, direct: 0.129, winograd2: 0.129, winograd4: 0.091 },
    { inputs: 32, outputs: 32, batch: 1, height: 16, width: 16, direct: 0.126, winograd2: 0.09, winograd4: 0.074 },
    { inputs: 64, outputs: 64, batch: 1, height: 8, width: 8, direct: 0.132, winograd2: 0.106, winograd4: 0.123 },
    { inputs: 16, outputs: 16, batch: 128, height: 32, width: 32, direct: 15.986, winograd2: 29.971, winograd4: 13.323 },
    { inputs: 32, outputs: 32, batch: 128, height: 16, width: 16, direct: 17.414, winograd2: 13.009, winograd4: 7.795 },
    { inputs: 64, outputs: 64, batch: 128, height: 8, width: 8, direct: 16.528, winograd2: 9.167, winograd4: 5.681 },
  ] },
  { tile: { rows: 6, columns: 16 }, measured: 'Intel(R) Xeon(R) Processor, Node 26.12.1, 2026-11-28', rows: [
    { inputs: 64, outputs: 64, batch: 1, height: 56, width: 56, direct: 2.336, winograd2: 1.583, winograd4: 1.042 },
    { inputs: 128, outputs: 128, batch: 1, height: 28, width: 28, direct: 2.46, winograd2: 1.31, winograd4: 0.912 },
    { inputs: 256, outputs: 256, batch: 1, height: 14, width: 14, direct: 2.789, winograd2: 1.451, winograd4: 1.579 },
    { inputs: 512, outputs: 512, batch: 1, height: 7, width: 7, direct: 3.119, winograd2: 2.696, winograd4: 4.085 },
    { inputs: 64, outputs: 64, batch: 1, height: 28, width: 28, direct: 0.583, winograd2: 0.378, winograd4: 0.27 },
    { inputs: 128, outputs: 128, batch: 1, height: 14, width: 14, direct: 0.651, winograd2: 0.388, winograd4: 0.441 },
    { inputs: 256, outputs: 256, batch: 1, height: 7, width: 7, direct: 0.784, winograd2: 0.689, winograd4: 1.093 },
    { inputs: 512, outputs: 512, batch: 1, height: 4, width: 4, direct: 1.539, winograd2: 1.889, winograd4: 4.229 },
    { inputs: 64, outputs: 64, batch: 1, height: 112, width: 112, direct: 9.651, winograd2: 6.949, winograd4: 4.778 },
    { inputs: 128, outputs: 128, batch: 1, height: 56, width: 56, direct: 10.141, winograd2: 5.474, winograd4: 3.928 },
    { inputs: 256, outputs: 256, batch: 1, height: 28, width: 28, direct: 10.829, winograd2: 5.175, winograd4: 3.611 },
    { inputs: 512, outputs: 512, batch: 1, height: 14, width: 14, direct: 12.476, winograd2: 5.996, winograd4: 6.375 },
    { inputs: 64, outputs: 64, batch: 4, height: 56, width: 56, direct: 9.474, winograd2: 6.928, winograd4: 4.673 },
    { inputs: 128, outputs: 128, batch: 4, height: 28, width: 28, direct: 10.014, winograd2: 5.404, winograd4: 3.872 },
    { inputs: 256, outputs: 256, batch: 4, height: 14, width: 14, direct: 10.727, winograd2: 5.08, winograd4: 4.457 },
    { inputs: 512, outputs: 512, batch: 4, height: 7, width: 7, direct: 12.113, winograd2: 7.836, winograd4: 6.283 },
    { inputs: 64, outputs: 64, batch: 1, height: 16, width: 16, direct: 0.199, winograd2: 0.138, winograd4: 0.122 },
    { inputs: 128, outputs: 128, batch: 1, height: 8, width: 8, direct: 0.238, winograd2: 0.186, winograd4: 0.279 },
    { inputs: 256, outputs: 256, batch: 1, height: 4, width: 4, direct: 0.376, winograd2: 0.485, winograd4: 0.999 },
    { inputs: 512, outputs: 512, batch: 1, height: 2, width: 2, direct: 1.023, winograd2: 1.791, winograd4: 3.241 },
    { inputs: 16, outputs: 16, batch: 1, height: 32, width: 32, direct: 0.067, winograd2: 0.084, winograd4: 0.063 },
    { inputs: 32, outputs: 32, batch: 1, height: 16, width: 16, direct: 0.067, winograd2: 0.059, winograd4: 0.061 },
    { inputs: 64, outputs: 64, batch: 1, height: 8, width: 8, direct: 0.073, winograd2: 0.065, winograd4: 0.091 },
    { inputs: 16, outputs: 16, batch: 128, height: 32, width: 32, direct: 8.641, winograd2: 22.858, winograd4: 12.6 },
    { inputs: 32, outputs: 32, batch: 128, height: 16, width: 16, direct: 8.242, winograd2: 9.622, winograd4: 5.68 },
    { inputs: 64, outputs: 64, batch: 128, height: 8, width: 8, direct: 8.316, winograd2: 5.716, winograd4: 3.516 },
  ] },
];
