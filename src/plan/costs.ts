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
  { inputs: 64, outputs: 64, batch: 1, height: 56, width: 56, direct: 3.459, winograd2: 2.139, winograd4: 1.273 },
  { inputs: 128, outputs: 128, batch: 1, height: 28, width: 28, direct: 3.525, winograd2: 1.812, winograd4: 1.21 },
  { inputs: 256, outputs: 256, batch: 1, height: 14, width: 14, direct: 3.507, winograd2: 2.062, winograd4: 1.801 },
  { inputs: 512, outputs: 512, batch: 1, height: 7, width: 7, direct: 3.809, winograd2: 3.344, winograd4: 1.473 },
  { inputs: 64, outputs: 64, batch: 1, height: 28, width: 28, direct: 0.861, winograd2: 0.504, winograd4: 0.322 },
  { inputs: 128, outputs: 128, batch: 1, height: 14, width: 14, direct: 0.889, winograd2: 0.532, winograd4: 0.387 },
  { inputs: 256, outputs: 256, batch: 1, height: 7, width: 7, direct: 0.943, winograd2: 0.775, winograd4: 0.372 },
  { inputs: 512, outputs: 512, batch: 1, height: 4, width: 4, direct: 1.253, winograd2: 0.648, winograd4: 1.366 },
  { inputs: 64, outputs: 64, batch: 1, height: 112, width: 112, direct: 13.855, winograd2: 9.181, winograd4: 6.345 },
  { inputs: 128, outputs: 128, batch: 1, height: 56, width: 56, direct: 14.098, winograd2: 7.425, winograd4: 4.817 },
  { inputs: 256, outputs: 256, batch: 1, height: 28, width: 28, direct: 13.931, winograd2: 6.951, winograd4: 4.733 },
  { inputs: 512, outputs: 512, batch: 1, height: 14, width: 14, direct: 14.218, winograd2: 7.916, winograd4: 7.631 },
  { inputs: 64, outputs: 64, batch: 4, height: 56, width: 56, direct: 13.981, winograd2: 9.534, winograd4: 6.401 },
  { inputs: 128, outputs: 128, batch: 4, height: 28, width: 28, direct: 14.255, winograd2: 7.785, winograd4: 5.017 },
  { inputs: 256, outputs: 256, batch: 4, height: 14, width: 14, direct: 14.093, winograd2: 7.099, winograd4: 5.847 },
  { inputs: 512, outputs: 512, batch: 4, height: 7, width: 7, direct: 15.094, winograd2: 9.738, winograd4: 7.761 },
  { inputs: 64, outputs: 64, batch: 1, height: 16, width: 16, direct: 0.29, winograd2: 0.183, winograd4: 0.121 },
  { inputs: 128, outputs: 128, batch: 1, height: 8, width: 8, direct: 0.303, winograd2: 0.182, winograd4: 0.131 },
  { inputs: 256, outputs: 256, batch: 1, height: 4, width: 4, direct: 0.328, winograd2: 0.167, winograd4: 0.351 },
  { inputs: 512, outputs: 512, batch: 1, height: 2, width: 2, direct: 0.376, winograd2: 0.609, winograd4: 1.392 },
];
