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

/** Measured by npm run bench:costs, relaxed 6×8, one thread: AMD EPYC, Node 20.20.2, 2026-11-24. */
// biome-ignore format: one shape a line
export const costs: readonly Cost[] = [
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
];
