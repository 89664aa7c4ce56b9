/**
 * Characters that a terminal obeys, or that turn the text about them round: C0 and C1 controls, line separators and bidirectional marks. A name in a file
 * may hold any of them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const commanding = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g;

const written = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text of one line that shows what it holds: `\u001b[31m` instead of red. In JSON's text it means the same as before. */
export const visible = (text: string): string => text.replace(commanding, written);

/** The same for text of several lines. */
export const visibleLines = (text: string): string =>
  text.replace(commanding, (character) => (character === '\n' ? '\n' : written(character)));
