/** A 3×3 convolution of stride 1. */
export interface Shape3x3 {
  readonly inputs: number;
  readonly outputs: number;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
}

/** m of the F(m×m, 3×3) that is fastest for a shape, or undefined where the direct product is. */
export function fastest({ inputs, outputs, height, width }: Shape3x3): 2 | 4 | undefined {
  if (Math.min(inputs, outputs) < 16) return undefined;
  return Math.min(height, width) >= 8 ? 4 : 2;
}
