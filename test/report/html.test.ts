import { expect, test } from 'vitest';
import { htmlTable, page } from '../../src/report/html.js';

const wide = 'x'.repeat(41);

test('on a phone nothing is wider than the page: each section is scrolled by itself, and long text is broken', () => {
  const html = page({
    title: 't',
    heading: 'h',
    facts: [['data', wide]],
    sections: [htmlTable(['a'], [[wide], ['short']]), '<svg></svg>'],
  });
  expect(html).toContain('width=device-width');
  expect(html).toContain('section { overflow-x: auto }');
  expect(html.match(/<(table|svg)/g)).toHaveLength(2);
  expect(html.match(/<section><(table|svg)/g)).toHaveLength(2);
  expect(html).toContain(`<td class="long">${wide}</td>`);
  expect(html).toContain('<td>short</td>');
  expect(html).toMatch(/body \{[^}]*overflow-wrap: anywhere/);
});
