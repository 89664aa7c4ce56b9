import type { Pixels } from '../../src/io/resize.js';
import type { Told } from './inPage.js';

/** What a browser gave against what Pillow gives, as a cell of a table: `0`, or the largest difference in levels with the share of pixels that differ. */
export function differenceText(told: Told | undefined, expected: Pixels): string {
  if (told === undefined) return '';
  if (typeof told === 'string') return `none (${told.replace(/^Error: /, '')})`.replaceAll('|', '\\|');
  const { width, height } = told;
  if (width !== expected.width || height !== expected.height) return `${width}×${height}, not ${expected.width}×${expected.height}`;
  const found = Buffer.from(told.data, 'base64');
  let largest = 0;
  let differing = 0;
  for (let at = 0; at < found.length; at += 3) {
    let most = 0;
    for (let c = at; c < at + 3; c++) most = Math.max(most, Math.abs((found[c] as number) - (expected.data[c] as number)));
    largest = Math.max(largest, most);
    if (most > 0) differing++;
  }
  return largest === 0 ? '0' : `${largest} (${shareText(differing / (width * height))})`;
}

/** Never 0 % of what differs. */
const shareText = (share: number): string => (share < 0.01 ? 'below 1 %' : `${Math.floor(100 * share)} %`);
