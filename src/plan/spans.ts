import { pixelBytes } from './layout.js';
import type { Spans } from './packing.js';
import type { Tile } from './plan.js';

/**
 * Which outputs each panel makes, and which input channels it reads: those of its outputs' group. Where a group's outputs are no multiple of the panel,
 * its last one moves back and makes some of the one before it again, so that no panel has outputs of two groups: neither is time lost on weights of
 * 0 across groups, nor does a NaN pass from one group to another.
 *
 * Groups of fewer than 8 outputs share panels all the same (weights across groups are 0), but for two kinds: groups of four in and out are read in
 * pairs, each half of a panel of 8 its own four, and a depthwise convolution's columns have a channel each.
 */
export function spansOf(outputs: number, channelsPerGroup: number, groups: number, tile: Tile): Spans {
  const outputsPerGroup = outputs / groups;
  const padded = pixelBytes(outputs) / 4;
  const eights = Array.from({ length: padded / 8 }, (_, panel) => panel * 8);
  if (channelsPerGroup === 4 && outputsPerGroup === 4 && groups % 2 === 0)
    return { columns: 8, outputs: eights, starts: eights, length: 4, kind: 'fours' };
  if (channelsPerGroup === 1 && outputsPerGroup === 1 && groups > 1)
    return { columns: 8, outputs: eights, starts: eights, length: 1, kind: 'depthwise' };
  if (outputsPerGroup < 8 && groups > 1) return { columns: 8, outputs: eights, ...shared(eights, outputs, channelsPerGroup, groups) };

  const columns = groups === 1 || outputsPerGroup % tile.columns === 0 ? tile.columns : 8;
  const panels = Array.from({ length: groups }, (_, group) => {
    const first = group * outputsPerGroup;
    const end = group === groups - 1 ? padded : first + outputsPerGroup;
    const last = groups === 1 ? end : end - columns; // a panel of 16 may hang over the pixel, but not over the next group
    return Array.from({ length: Math.ceil((end - first) / columns) }, (_, panel) => ({
      output: Math.min(first + panel * columns, last),
      start: group * channelsPerGroup,
    }));
  }).flat();
  return {
    columns,
    outputs: panels.map(({ output }) => output),
    starts: panels.map(({ start }) => start),
    length: channelsPerGroup,
    kind: 'dense',
  };
}

/**
 * Panels for the gradient of weights, each of which reads the same channels for all its outputs: products across groups are made, and left where they
 * are.
 */
export function gradSpans(outputs: number, channelsPerGroup: number, groups: number, tile: Tile): Spans {
  if (groups === 1 || outputs / groups >= 8) return spansOf(outputs, channelsPerGroup, groups, tile);
  const eights = Array.from({ length: pixelBytes(outputs) / 32 }, (_, panel) => panel * 8);
  return { columns: 8, outputs: eights, ...shared(eights, outputs, channelsPerGroup, groups) };
}

/** The channels of all groups that each panel of 8 has outputs of. */
function shared(panels: readonly number[], outputs: number, channelsPerGroup: number, groups: number): Omit<Spans, 'columns' | 'outputs'> {
  const groupOf = (output: number): number => Math.floor((Math.min(output, outputs - 1) * groups) / outputs);
  const spans = panels.map((output) => ({
    from: groupOf(output) * channelsPerGroup,
    to: (groupOf(output + 7) + 1) * channelsPerGroup,
  }));
  const length = Math.max(...spans.map(({ from, to }) => to - from));
  // a shorter span near the end starts earlier, so that every panel reads the same length within the pixel
  return { starts: spans.map(({ from }) => Math.min(from, channelsPerGroup * groups - length)), length, kind: 'dense' };
}
