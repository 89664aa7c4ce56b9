/** Red, green and blue, from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

export const black: Rgb = [0, 0, 0];
export const white: Rgb = [255, 255, 255];

/** In degrees. Multiples of it never come close to one another soon (Vogel 1979), so classes of neighbouring numbers have hues that differ. */
const goldenAngle = 137.508;
const [saturation, lightness] = [0.85, 0.55];

/** The colour of a class, by its number. */
export function classColour(index: number): Rgb {
  const hue = (index * goldenAngle) % 360;
  // HSL to RGB, of CSS Color 4, §7.1
  const channel = (n: number): number => {
    const k = (n + hue / 30) % 12;
    const share = lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * share);
  };
  return [channel(0), channel(8), channel(4)];
}

/** Relative luminance, from 0 to 1 (WCAG 2.2). */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** How far two colours are told apart, from 1 to 21 (WCAG 2.2). */
export function contrast(a: Rgb, b: Rgb): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Black or white, whichever is better read on a colour: the contrast is at least √21. */
export const inkOn = (colour: Rgb): Rgb => (contrast(colour, black) >= contrast(colour, white) ? black : white);

export const hex = (colour: Rgb): string => `#${colour.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
