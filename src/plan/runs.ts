import type { Runs } from './plan.js';

/**
 * Which input channels each panel of 8 outputs reads: those of the groups that its outputs belong to (weights across groups are 0).
 * Groups of four in and out are read in pairs, each half of the panel its own four, so that no product is wasted.
 */
export function runsOf(outputs: number, channelsPerGroup: number, groups: number): Runs {
  const outputsPerGroup = outputs / groups;
  const panels = Math.ceil(outputs / 8);
  if (channelsPerGroup === 4 && outputsPerGroup === 4 && groups % 2 === 0)
    return { starts: Array.from({ length: panels }, (_, panel) => panel * 8), length: 4, paired: true };
  const groupOf = (output: number): number => Math.floor(Math.min(output, outputs - 1) / outputsPerGroup);
  const spans = Array.from({ length: panels }, (_, panel) => ({
    from: groupOf(panel * 8) * channelsPerGroup,
    to: (groupOf(panel * 8 + 7) + 1) * channelsPerGroup,
  }));
  const length = Math.max(...spans.map(({ from, to }) => to - from));
  // a shorter span near the end starts earlier, so that every panel reads the same length within the pixel
  return { starts: spans.map(({ from }) => Math.min(from, channelsPerGroup * groups - length)), length, paired: false };
}
