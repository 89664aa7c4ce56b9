/** Boxes with what else tells them apart. */
export interface BoxSet {
  /** [n, 4] */
  readonly boxes: Float64Array;
  /** [n] */
  readonly scores: Float64Array;
  /** [n]: classes of detections, levels of proposals. */
  readonly labels: Int32Array;
}

/** What two boxes and scores may differ by. */
export interface Allowed {
  /** Pixels, of each side's place. */
  readonly pixels: number;
  readonly score: number;
}

/** How many of one set have no partner of their own in the other, of the same label and as near as allowed, and the other way round. */
export function unmatched(a: BoxSet, b: BoxSet, { pixels, score }: Allowed): number {
  const free = new Set(b.labels.keys());
  const near = (i: number, j: number): boolean =>
    a.labels[i] === b.labels[j] &&
    Math.abs((a.scores[i] as number) - (b.scores[j] as number)) <= score &&
    [0, 1, 2, 3].every((side) => Math.abs((a.boxes[4 * i + side] as number) - (b.boxes[4 * j + side] as number)) <= pixels);
  let lonely = 0;
  for (const i of a.labels.keys()) {
    const partner = [...free].find((j) => near(i, j));
    if (partner === undefined) lonely++;
    else free.delete(partner);
  }
  return lonely + free.size;
}
