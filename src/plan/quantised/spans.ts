import type { Spans } from '../packing.js';
import type { Tile } from '../plan.js';
import { gradSpans } from '../spans.js';

/**
 * Which outputs each panel of a product of bytes makes, and which channels it reads: as of floats, but that groups of four channels in and out go by fours,
 * and the channels of a depthwise convolution by sixteens.
 */
export function spans8Of(outputs: number, channelsPerGroup: number, groups: number, tile: Tile): Spans {
  const outputsPerGroup = outputs / groups;
  const sixteens = Array.from({ length: Math.ceil(outputs / 16) }, (_, panel) => panel * 16);
  const each = { columns: 16, outputs: sixteens, starts: sixteens } as const;
  if (channelsPerGroup === 4 && outputsPerGroup === 4 && groups % 4 === 0) return { ...each, length: 4, kind: 'fours' };
  if (channelsPerGroup === 1 && outputsPerGroup === 1 && groups > 1) return { ...each, length: 1, kind: 'depthwise' };
  return gradSpans(outputs, channelsPerGroup, groups, tile);
}
