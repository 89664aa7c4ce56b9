import type { Pixels } from '../../io/resize.js';
import { black, type Rgb } from './classColour.js';
import { glyphHeight, glyphOf } from './glyphs.js';
import { type Area, advance, lengthOf, type Marks, margin } from './marks.js';

/** A picture with marks over it, as pixels. The picture handed in stays as it is. */
export function burn(picture: Pixels, { unit, line, edge, frames, tags }: Marks): Pixels {
  const drawn = { ...picture, data: picture.data.slice() };
  for (const frame of frames) {
    outline(drawn, grown(frame, edge), line + 2 * edge, black);
    outline(drawn, frame, line, frame.colour);
  }
  for (const tag of tags) {
    fill(drawn, tag, tag.colour);
    write(drawn, tag.text, tag.x + margin * unit, tag.y + margin * unit, unit, tag.ink);
  }
  return drawn;
}

const grown = ({ x, y, width, height }: Area, by: number): Area => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

function outline(picture: Pixels, { x, y, width, height }: Area, line: number, colour: Rgb): void {
  const [across, down] = [Math.min(line, width), Math.min(line, height)];
  fill(picture, { x, y, width, height: down }, colour);
  fill(picture, { x, y: y + height - down, width, height: down }, colour);
  fill(picture, { x, y, width: across, height }, colour);
  fill(picture, { x: x + width - across, y, width: across, height }, colour);
}

/** As much of a rectangle as lies on the picture. */
function fill({ width: across, height: down, data }: Pixels, { x, y, width, height }: Area, colour: Rgb): void {
  for (let row = Math.max(0, y); row < Math.min(down, y + height); row++)
    for (let column = Math.max(0, x); column < Math.min(across, x + width); column++) data.set(colour, 3 * (row * across + column));
}

function write(picture: Pixels, text: string, left: number, top: number, unit: number, ink: Rgb): void {
  let x = left;
  for (const character of text) {
    glyphOf(character).forEach((dots, column) => {
      for (let row = 0; row < glyphHeight; row++)
        if ((dots >> row) & 1) fill(picture, { x: x + column * unit, y: top + row * unit, width: unit, height: unit }, ink);
    });
    x += lengthOf(character) * advance * unit;
  }
}
