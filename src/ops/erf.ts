/**
 * 2/√π ∫₀ˣ e^−t² dt, to a few units of float64's last digit: by the series of positive terms 2/√π e^−x² Σ 2ⁿx²ⁿ⁺¹/(2n + 1)!! (Abramowitz & Stegun 1964,
 * 7.1.6), and from 2 on by erfc's continued fraction (7.1.14).
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size >= 6) return Math.sign(x); // erfc(6) is 2·10⁻¹⁷
  return size < 2 ? series(x) : Math.sign(x) * (1 - complement(size));
}

function series(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 2 ** -54; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum || x;
}

/** e^−x² / √π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))) */
function complement(x: number): number {
  let tail = x;
  for (let n = 60; n > 0; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
}
