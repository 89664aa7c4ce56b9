import { escapeMarkup } from './format.js';

export type Fact = readonly [term: string, text: string];

/** A page of HTML. */
export interface Page {
  readonly title: string;
  readonly heading: string;
  readonly facts: readonly Fact[];
  /** Markup, one below the other; what is wider than a phone is scrolled by itself. */
  readonly sections: readonly string[];
}

/** A page that needs nothing beside itself: no script, no font, no picture. */
export const page = ({ title, heading, facts, sections }: Page): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>
body { font: 14px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em; color: #222; background: #fff; overflow-wrap: anywhere }
table { border-collapse: collapse; margin: 1em 0 } td, th { padding: .15em .7em; border-bottom: 1px solid #ddd; text-align: left; white-space: nowrap }
td { font-variant-numeric: tabular-nums } .long { white-space: normal; min-width: 18em }
.matrix td, .matrix th { padding: .2em .4em; text-align: right; border: 0 } .matrix thead th { writing-mode: vertical-rl; text-align: left }
section { overflow-x: auto } dt { float: left; clear: left; width: 9em; color: #555 } dd { margin-left: 9em }
svg { max-width: 100%; height: auto } @media (max-width: 50em) { svg { max-width: none } dt { float: none } dd { margin-left: 1em } }
</style>
<h1>${escapeMarkup(heading)}</h1>
<dl>${facts.map(([term, text]) => `<dt>${escapeMarkup(term)}</dt><dd>${escapeMarkup(text)}</dd>`).join('\n')}</dl>
${sections.map((markup) => `<section>${markup}</section>`).join('\n')}
</html>
`;

/** What is longer is broken into lines. */
const longest = 40;

export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cell: 'td' | 'th', cells: readonly string[]): string =>
    `<tr>${cells.map((text) => `<${cell}${text.length > longest ? ' class="long"' : ''}>${escapeMarkup(text)}</${cell}>`).join('')}</tr>`;
  return `<table><thead>${line('th', head)}</thead><tbody>\n${rows.map((row) => line('td', row)).join('\n')}\n</tbody></table>`;
}
