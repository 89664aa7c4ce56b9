/** a·b + c: one rounding in the relaxed build, two in the strict one. The only place where float kernels of the builds differ. */
export function fmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}
