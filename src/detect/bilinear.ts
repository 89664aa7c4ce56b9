/** Writes row `y` of a plane, as wide as the plane, to `row`. */
export type ReadRow = (y: number, row: Float64Array) => void;

/** What each of `outSize` pixels takes from a line of `inSize`: (1 − `weights[i]`) of pixel `low[i]` and `weights[i]` of pixel `high[i]`. */
interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weights: Float64Array;
}

/** Pixel i's centre lies at (i + ½) · in / out − ½ of the line, but not before its first pixel's; behind the last pixel that one counts twice. */
function taps(inSize: number, outSize: number): Taps {
  const step = inSize / outSize;
  const at = Float64Array.from({ length: outSize }, (_, i) => Math.max(0, step * (i + 0.5) - 0.5));
  const low = Int32Array.from(at, (place) => Math.min(Math.floor(place), inSize - 1));
  return { low, high: low.map((pixel) => Math.min(pixel + 1, inSize - 1)), weights: at.map((place, i) => place - (low[i] as number)) };
}

/**
 * One plane resized by bilinear interpolation without antialiasing: torch's `interpolate(mode='bilinear', align_corners=False)` with the sizes given. First
 * along the rows, then between two of them, in float64, and rounded once to `out`'s precision. Each row is read once at most; rows that a smaller plane
 * skips are not read.
 *
 * @param out what the rows are written to, the first from `first` on, the others `stride` further each
 */
export function resizeBilinear(
  read: ReadRow,
  [inHeight, inWidth]: readonly [number, number],
  [outHeight, outWidth]: readonly [number, number],
  out: Float32Array | Float64Array,
  first: number,
  stride: number,
): void {
  const across = taps(inWidth, outWidth);
  const down = taps(inHeight, outHeight);
  const row = new Float64Array(inWidth);
  const held = [new Float64Array(outWidth), new Float64Array(outWidth)] as const; // rows resized across: the even ones and the odd ones
  const heldRow = [-1, -1];
  const resized = (y: number): Float64Array => {
    const parity = y % 2 === 0 ? 0 : 1;
    if (heldRow[parity] !== y) {
      read(y, row);
      resizeRow(row, across, held[parity]);
      heldRow[parity] = y;
    }
    return held[parity];
  };
  for (let y = 0; y < outHeight; y++) {
    const above = resized(down.low[y] as number);
    const below = resized(down.high[y] as number); // the same row, or the one of the other parity
    const weight = down.weights[y] as number;
    const at = first + y * stride;
    for (let x = 0; x < outWidth; x++) out[at + x] = (1 - weight) * (above[x] as number) + weight * (below[x] as number);
  }
}

function resizeRow(row: Float64Array, { low, high, weights }: Taps, out: Float64Array): void {
  for (let x = 0; x < out.length; x++) {
    const weight = weights[x] as number;
    out[x] = (1 - weight) * (row[low[x] as number] as number) + weight * (row[high[x] as number] as number);
  }
}
