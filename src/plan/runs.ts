import type { Runs, Tile } from './plan.js';

/**
 * Which input channels each panel of outputs reads: those of the groups that its outputs belong to (weights across groups are 0).
 * Groups of four in and out are read in pairs, each half of a panel of 8 its own four, so that no product is wasted; a depthwise
 * convolution's columns have a channel each.
 * Groups that are no multiple of a wide panel get panels of 8.
 */
export function runsOf(outputs: number, channelsPerGroup: number, groups: number, tile: Tile): Runs {
  const outputsPerGroup = outputs / groups;
  const inPanelsOf8 = (length: number, kind: 'fours' | 'depthwise'): Runs => {
    const starts = Array.from({ length: Math.ceil(outputs / 8) }, (_, panel) => panel * 8);
    return { columns: 8, starts, length, kind };
  };
  if (channelsPerGroup === 4 && outputsPerGroup === 4 && groups % 2 === 0) return inPanelsOf8(4, 'fours');
  if (channelsPerGroup === 1 && outputsPerGroup === 1 && groups > 1) return inPanelsOf8(1, 'depthwise');
  const columns = groups === 1 || outputsPerGroup % tile.columns === 0 ? tile.columns : 8;
  const panels = Math.ceil(outputs / columns);
  const groupOf = (output: number): number => Math.floor(Math.min(output, outputs - 1) / outputsPerGroup);
  const spans = Array.from({ length: panels }, (_, panel) => ({
    from: groupOf(panel * columns) * channelsPerGroup,
    to: (groupOf(panel * columns + columns - 1) + 1) * channelsPerGroup,
  }));
  const length = Math.max(...spans.map(({ from, to }) => to - from));
  // a shorter span near the end starts earlier, so that every panel reads the same length within the pixel
  return { columns, starts: spans.map(({ from }) => Math.min(from, channelsPerGroup * groups - length)), length, kind: 'dense' };
}
