/**
 * The filter's side of Winograd's minimal filtering (Lavin & Gray 2016, arXiv:1509.09308, §4; kernels/winograd.ts has the other two):
 * G of F(m, 3), rows of three.
 */
// biome-ignore format: matrices
const G: Readonly<Record<2 | 4, readonly number[]>> = {
  2: [
    1, 0, 0,
    1 / 2, 1 / 2, 1 / 2,
    1 / 2, -1 / 2, 1 / 2,
    0, 0, 1,
  ],
  4: [
    1 / 4, 0, 0,
    -1 / 6, -1 / 6, -1 / 6,
    -1 / 6, 1 / 6, -1 / 6,
    1 / 24, 1 / 12, 1 / 6,
    1 / 24, -1 / 12, 1 / 6,
    0, 0, 1,
  ],
};

/** u = G g Gᵀ, (m+2)² values in row-major order, of the 3×3 filter at w[at]; in float64. */
export function filterTransform(m: 2 | 4, w: Float32Array | Float64Array, at: number, u: Float64Array): void {
  const g = G[m];
  const side = m + 2;
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) {
      let sum = 0;
      for (let p = 0; p < 3; p++)
        for (let q = 0; q < 3; q++) sum += (g[i * 3 + p] as number) * (w[at + p * 3 + q] as number) * (g[j * 3 + q] as number);
      u[i * side + j] = sum;
    }
}
