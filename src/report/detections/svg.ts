import { escapeMarkup } from '../format.js';
import { hex } from './classColour.js';
import { glyphHeight } from './glyphs.js';
import { type Area, advance, type BoxFrame, lengthOf, type Marks, margin, type Tag } from './marks.js';

/** Of the fonts that monospace stands for, a character is 0.6 em wide and its capitals are 0.7 em tall. */
const fontSize = advance / 0.6;

/**
 * A picture with marks over it, as the text of an SVG file that needs nothing beside itself.
 *
 * @param href the picture, upright, as a `data:` address
 */
export function detectionsSvg(
  { width, height }: Pick<Area, 'width' | 'height'>,
  href: string,
  { unit, line, edge, frames, tags }: Marks,
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<image width="${width}" height="${height}" preserveAspectRatio="none" href="${href}"/>
<g fill="none">
${frames.map((frame) => `${outline(frame, line, '#000000', line + 2 * edge)}${outline(frame, line, hex(frame.colour), line)}`).join('\n')}
</g>
<g font-family="'DejaVu Sans Mono', monospace" font-size="${fontSize * unit}">
${tags.map((tag) => tagMarkup(tag, unit)).join('\n')}
</g>
</svg>
`;
}

/** The frame's line, drawn so thick; it lies within the frame. */
function outline({ x, y, width, height }: BoxFrame, line: number, colour: string, thick: number): string {
  const [across, down] = [width, height].map((extent) => Math.max(extent - line, 0));
  return `<rect x="${x + line / 2}" y="${y + line / 2}" width="${across}" height="${down}" stroke="${colour}" stroke-width="${thick}"/>`;
}

function tagMarkup({ x, y, width, height, colour, ink, text, title }: Tag, unit: number): string {
  const length = (lengthOf(text) * advance - 1) * unit; // whatever font is there, the text ends with its tag
  const place = `x="${x + margin * unit}" y="${y + (margin + glyphHeight) * unit}" textLength="${length}" lengthAdjust="spacingAndGlyphs"`;
  return `<g><title>${escapeMarkup(title)}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${hex(colour)}"/><text ${place} fill="${hex(ink)}">${escapeMarkup(text)}</text></g>`;
}
