/** Gates by colour: shut is blue, one half is grey, open is orange. Both ends differ in lightness from the middle, so that the order reads without hue. */
const stops: readonly (readonly [red: number, green: number, blue: number])[] = [
  [23, 62, 120],
  [74, 132, 190],
  [214, 211, 203],
  [222, 133, 78],
  [158, 52, 14],
];

/** @param share from 0, the gate that is furthest shut, to 1 */
export function colourOf(share: number): readonly [red: number, green: number, blue: number] {
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const below = Math.min(Math.floor(at), stops.length - 2);
  const [from, to] = [stops[below], stops[below + 1]] as [readonly number[], readonly number[]];
  const mixed = from.map((value, i) => Math.round(value + (at - below) * ((to[i] as number) - value)));
  return mixed as unknown as readonly [number, number, number];
}

/** Where a gate lies between the ends of the scale, which are one half less and more `reach`. */
export const shareOf = (gate: number, reach: number): number => (reach === 0 ? 0.5 : 0.5 + (gate - 0.5) / (2 * reach));
