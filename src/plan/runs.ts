import type { Runs, Tile } from './plan.js';

/**
 * Which input channels each panel of outputs reads: those of the groups that its outputs belong to (weights across groups are 0).
 * Groups of four in and out are read in pairs, each half of a panel of 8 its own four, so that no product is wasted.
 * Groups that are no multiple of a wide panel get panels of 8.
 */
export function runsOf(outputs: number, channelsPerGroup: number, groups: number, tile: Tile): Runs {
  const outputsPerGroup = outputs / groups;
  const paired = channelsPerGroup === 4 && outputsPerGroup === 4 && groups % 2 === 0;
  const columns = groups === 1 || outputsPerGroup % tile.columns === 0 ? tile.columns : 8;
  const panels = Math.ceil(outputs / columns);
  if (paired) return { columns, starts: Array.from({ length: panels }, (_, panel) => panel * 8), length: 4, paired };
  const groupOf = (output: number): number => Math.floor(Math.min(output, outputs - 1) / outputsPerGroup);
  const spans = Array.from({ length: panels }, (_, panel) => ({
    from: groupOf(panel * columns) * channelsPerGroup,
    to: (groupOf(panel * columns + columns - 1) + 1) * channelsPerGroup,
  }));
  const length = Math.max(...spans.map(({ from, to }) => to - from));
  // a shorter span near the end starts earlier, so that every panel reads the same length within the pixel
  return { columns, starts: spans.map(({ from }) => Math.min(from, channelsPerGroup * groups - length)), length, paired };
}
