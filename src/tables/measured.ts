import { anyText, flag, listOf, measured, objectWith, optional, record, share, wholeFrom } from '../io/schema.js';

/** What was measured of the paper's tables, condensed from committed results by `npm run build:results`; each part names its file, date and command. */

const origin = { file: anyText, date: anyText, command: anyText };
const ofOneNetwork = { ...origin, cpu: anyText, model: anyText, se: flag, milliseconds: measured };

export const measuredResults = objectWith({
  /** Of an image of 224 pixels on one thread, medians. */
  times: listOf(objectWith({ ...ofOneNetwork, runtime: anyText })),
  /** Of a step of training, forward and backward, medians. */
  steps: listOf(objectWith({ ...ofOneNetwork, batch: wholeFrom(1), threads: wholeFrom(1) })),
  /** Networks that were trained alike but for one thing; shares of the test images that are right. */
  ablations: listOf(
    objectWith({
      ...origin,
      finding: anyText,
      network: anyText,
      images: optional(anyText, ''),
      recipe: anyText,
      variants: listOf(objectWith({ name: anyText, options: record, seeds: wholeFrom(2), mean: share, low: measured, high: measured })),
    }),
  ),
});

export type MeasuredResults = ReturnType<typeof measuredResults.read>;
