/** Boxes, each of a kind: of a class, or of a level. */
interface Found {
  readonly boxes: Float64Array;
  readonly kinds: ArrayLike<number>;
}
interface Expected {
  readonly boxes: readonly (readonly number[])[];
  readonly kinds: readonly number[];
}

/** Which of what was found each expected box is. */
export interface Pairs {
  /** By the expected box; undefined where there is none. */
  readonly of: readonly (number | undefined)[];
  /** The largest difference of any coordinate within a pair, in pixels. */
  readonly farthest: number;
  /** Boxes on either side that are in no pair. */
  readonly unpaired: number;
}

/** Pairs boxes of one kind, the nearest first, as long as all four coordinates are so near: as sets, since neighbours in the order of scores may change places. */
export function pairBoxes(found: Found, expected: Expected, within: number): Pairs {
  const count = found.boxes.length / 4;
  const near: { readonly expected: number; readonly found: number; readonly distance: number }[] = [];
  expected.boxes.forEach((box, i) => {
    for (let j = 0; j < count; j++) {
      if (found.kinds[j] !== expected.kinds[i]) continue;
      const distance = Math.max(...box.map((side, k) => Math.abs(side - (found.boxes[4 * j + k] as number))));
      if (distance <= within) near.push({ expected: i, found: j, distance });
    }
  });
  near.sort((a, b) => a.distance - b.distance);
  const of: (number | undefined)[] = expected.boxes.map(() => undefined);
  const taken = new Set<number>();
  let farthest = 0;
  for (const pair of near) {
    if (of[pair.expected] !== undefined || taken.has(pair.found)) continue;
    of[pair.expected] = pair.found;
    taken.add(pair.found);
    farthest = Math.max(farthest, pair.distance);
  }
  return { of, farthest, unpaired: of.filter((at) => at === undefined).length + count - taken.size };
}
