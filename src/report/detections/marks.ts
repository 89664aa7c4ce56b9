import type { Detection } from '../../detector/detector.js';
import { visible } from '../visible.js';
import { classColour, inkOn, type Rgb } from './classColour.js';
import { glyphHeight, glyphWidth } from './glyphs.js';

/** A rectangle in whole pixels of a picture. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface BoxFrame extends Area {
  readonly colour: Rgb;
}

/** A label on a ground of its class's colour. */
export interface Tag extends Area {
  readonly colour: Rgb;
  readonly ink: Rgb;
  /** What there is room for. */
  readonly text: string;
  /** All of it. */
  readonly title: string;
}

/** What is drawn over a picture. */
export interface Marks {
  /** Pixels a dot of the tags' font. */
  readonly unit: number;
  /** The width of a frame's line, and of its dark edge to either side, by which it is seen on any ground. */
  readonly line: number;
  readonly edge: number;
  /** The surest last, so that it lies on top. */
  readonly frames: readonly BoxFrame[];
  readonly tags: readonly Tag[];
}

/** A dot is so small a share of a picture's mean side, so that a tag is about a 27th of it. */
const dotsAcross = 300;
/** Dots about a tag's text. */
export const margin = 2;
/** Dots from a character to the next. */
export const advance = glyphWidth + 1;
const tagHeight = glyphHeight + 2 * margin;

/** Where frames and tags of detections lie on a picture, the surest detection first. All of them lie within it. A picture that is too small for text has no tags. */
export function marksOf({ width, height }: Pick<Area, 'width' | 'height'>, detections: readonly Detection[]): Marks {
  const unit = Math.max(1, Math.round(Math.sqrt(width * height) / dotsAcross));
  const frames = detections.map(({ box: { x1, y1, x2, y2 }, index }) => {
    const [x, y] = [within(Math.floor(x1), width - 1), within(Math.floor(y1), height - 1)];
    return {
      x,
      y,
      width: within(Math.ceil(x2), width - x, x) || 1,
      height: within(Math.ceil(y2), height - y, y) || 1,
      colour: classColour(index),
    };
  });
  const tags: Tag[] = [];
  detections.forEach((detection, i) => {
    const tag = tagOf(detection, frames[i] as BoxFrame, { width, height }, unit, tags);
    if (tag) tags.push(tag);
  });
  return { unit, line: unit + 1, edge: Math.ceil(unit / 2), frames: frames.toReversed(), tags: tags.toReversed() };
}

/** How far a coordinate lies behind another, from 0 to `most`. */
const within = (value: number, most: number, from = 0): number => Math.min(Math.max(value - from, 0), most);

/** Above the frame or else within it, at the left or else at the right, where no other tag is; if there is one everywhere, above. */
function tagOf(
  { label, score, index }: Detection,
  frame: BoxFrame,
  { width: across, height: down }: Pick<Area, 'width' | 'height'>,
  unit: number,
  others: readonly Area[],
): Tag | undefined {
  const room = Math.floor((across / unit - 2 * margin + 1) / advance);
  const height = tagHeight * unit;
  if (room < 1 || height > down) return undefined;
  const shown = visible(label);
  const text = fitted(shown, score, room);
  if (text === '') return undefined;
  const width = (lengthOf(text) * advance - 1 + 2 * margin) * unit;
  const places = [frame.y - height, frame.y, frame.y + frame.height - height, frame.y + frame.height].flatMap((y) =>
    [frame.x, frame.x + frame.width - width].map((x) => ({ x: within(x, across - width), y: within(y, down - height), width, height })),
  );
  const place = places.find((one) => !others.some((other) => overlap(one, other))) ?? (places[0] as Area);
  const colour = classColour(index);
  return { ...place, colour, ink: inkOn(colour), text, title: `${shown} ${score.toFixed(2)}` };
}

const overlap = (a: Area, b: Area): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Of Chinese, Japanese and Korean scripts, and emoji: as wide as two others. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** In characters. */
export const lengthOf = (text: string): number => Array.from(text).reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0);

/** Label and score where there is room for both, else as much of the label as there is room for. */
function fitted(label: string, score: number, room: number): string {
  const end = ` ${score.toFixed(2)}`;
  return room > end.length + 1 ? cut(label, room - end.length) + end : cut(label, room);
}

function cut(text: string, room: number): string {
  if (lengthOf(text) <= room) return text;
  let kept = '';
  for (const character of text) {
    if (lengthOf(kept) + lengthOf(character) > room - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
