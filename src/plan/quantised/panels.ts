import type { BytePanels, Spans } from '../packing.js';

/** What is packed: whole numbers, but for the factors. */
export interface PanelValues {
  /** [outputs, channels of a group, filter rows, filter columns], from −128 to 127. */
  readonly weights: ArrayLike<number>;
  /** Of each output: what its sum begins with, and what the sum is multiplied with. */
  readonly starts: ArrayLike<number>;
  readonly factors: ArrayLike<number>;
}

/** Bytes of a tap that a step of four reads: of channels past a group's there are weights of 0. */
export const runOf = ({ length }: Spans): number => Math.ceil(length / 4) * 4;

/** Steps of a panel: four terms of each of its columns. */
export function stepsOf({ filter: [, P, Q], spans }: BytePanels): number {
  if (spans.kind === 'depthwise') return Math.ceil((P * Q) / 4);
  return spans.kind === 'fours' ? P * Q : (P * Q * runOf(spans)) / 4;
}

/** Bytes of a panel: a start and a factor of 4 bytes, and the weights. */
const panelBytes = (panels: BytePanels): number => panels.spans.columns * 4 * (2 + stepsOf(panels));

export const panelsBytes = (panels: BytePanels): number => panels.spans.outputs.length * panelBytes(panels);

/** Fills `bytes`, panelsBytes long. */
export function packBytePanels(panels: BytePanels, { weights, starts, factors }: PanelValues, bytes: DataView): void {
  const {
    outputs,
    filter: [Cg, P, Q],
    groups,
    spans,
  } = panels;
  const { columns, length, kind } = spans;
  const Og = outputs / groups;
  const size = panelBytes(panels);
  new Uint8Array(bytes.buffer, bytes.byteOffset, panelsBytes(panels)).fill(0);
  spans.outputs.forEach((first, panel) => {
    const at = panel * size;
    for (let column = 0; column < columns && first + column < outputs; column++) {
      const o = first + column;
      bytes.setInt32(at + column * 4, starts[o] as number, true);
      bytes.setFloat32(at + (columns + column) * 4, factors[o] as number, true);
      const group = Math.floor(o / Og);
      // the first channel of o's group, counted from the panel's first
      const own = kind === 'dense' ? group * Cg - (spans.starts[panel] as number) : 0;
      for (let c = 0; c < Cg; c++)
        for (let tap = 0; tap < P * Q; tap++) {
          const place = at + columns * 8 + placeOf(kind, column, columns, own + c, tap, kind === 'dense' ? runOf(spans) : length);
          bytes.setInt8(place, weights[(o * Cg + c) * P * Q + tap] as number);
        }
    }
  });
}

/** Where the weight of a panel's column for a channel and a tap is, behind its factors. */
function placeOf(kind: Spans['kind'], column: number, columns: number, channel: number, tap: number, run: number): number {
  switch (kind) {
    case 'depthwise':
      return (tap >> 2) * 64 + column * 4 + (tap & 3);
    case 'fours':
      return tap * 64 + (column & 3) * 16 + (column >> 2) * 4 + channel;
    default: {
      const term = tap * run + channel;
      return (term >> 2) * columns * 4 + column * 4 + (term & 3);
    }
  }
}
