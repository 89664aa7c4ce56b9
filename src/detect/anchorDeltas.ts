import { ShapeError } from '../errors.js';
import { dims4, type Tensor } from '../tensor.js';
import type { Floats } from './boxes.js';

/** What a proposal head says of one image's anchors: how each is to be moved. It stays in the maps that the head wrote, since few of it is ever read. */
export interface AnchorDeltas {
  /** Of anchors. */
  readonly count: number;
  /** Whether all numbers are smaller than that. */
  below(limit: number): boolean;
  /** Copies an anchor's dx, dy, dw, dh. */
  read(anchor: number, into: Float64Array): void;
}

/** A level's anchors from `first` on: so many cells at each place, and their fours as planes of `places` numbers. */
interface Level {
  readonly first: number;
  readonly end: number;
  readonly cells: number;
  readonly places: number;
  readonly planes: Floats;
}

/**
 * @param maps [N, cells · 4, H, W], the finest first
 * @param image which one of the batch
 * @throws ShapeError if a map has no such image, or its channels are no multiple of four
 */
export function anchorDeltas(maps: readonly Tensor[], image: number): AnchorDeltas {
  const levels: Level[] = [];
  let count = 0;
  for (const { shape, data } of maps) {
    const [N, channels, H, W] = dims4(shape);
    if (!(image >= 0 && image < N) || channels % 4 !== 0)
      throw new ShapeError(`anchors: 4 values per cell, of image ${image}`, { map: shape });
    const places = H * W;
    const cells = channels / 4;
    const planes = data.subarray(image * channels * places, (image + 1) * channels * places);
    levels.push({ first: count, end: count + cells * places, cells, places, planes });
    count += cells * places;
  }
  return {
    count,
    below: (limit) => levels.every(({ planes }) => allBelow(planes, limit)),
    read(anchor, into) {
      const { first, cells, places, planes } = levels.find(({ end }) => anchor < end) as Level;
      const place = Math.floor((anchor - first) / cells);
      const cell = anchor - first - place * cells;
      for (let k = 0, at = 4 * cell * places + place; k < 4; k++, at += places) into[k] = planes[at] as number;
    },
  };
}

/** False for NaN too. */
export function allBelow(values: Floats, limit: number): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i] as number) < limit)) return false;
  return true;
}
