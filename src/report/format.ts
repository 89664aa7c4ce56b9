import { visible } from './visible.js';

/** How numbers and text are written where people read them. */

/** 28088024 → `28,088,024`. */
export const thousands = (value: number): string => value.toLocaleString('en-US');

/** 3860488192 → `3.860`, in units of 1e9. */
export const giga = (value: number): string => (value / 1e9).toFixed(3);

/** 28311552 → `27.0`, in MiB. */
export const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** 0.76341 → `76.34 %`. */
export const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`;

/** `+0.75 % (+0.24 to +1.26)`: what is found, and the interval that holds the truth with 95 % confidence. */
export const intervalText = (found: string, low: number, high: number, format: (value: number) => string): string =>
  `${found} (${format(low)} to ${format(high)})`;

/** Text as HTML, SVG and their attributes in double quotes hold it. XML has no place for control characters, however they are written. */
export const escapeMarkup = (text: string): string =>
  visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll(']]>', ']]&gt;').replaceAll('"', '&quot;');

/** 3725 s → `1 h 02 min`, 75 s → `1 min 15 s`, 3 s → `3 s`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
}
