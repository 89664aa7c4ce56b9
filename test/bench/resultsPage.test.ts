import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Committed, resultsPage } from '../../bench/resultsPage.js';

const results = new URL('../../bench/results/', import.meta.url);
const committed = readdirSync(results, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({ file, result: JSON.parse(readFileSync(new URL(file, results), 'utf8')) as Committed['result'] }));

test('the page shows every committed result, and links its file', async () => {
  const page = await resultsPage(committed);
  expect(committed.length).toBeGreaterThan(5);
  for (const { file, result } of committed) {
    expect(page).toContain(`href="${file}"`);
    expect(page).toContain(`${result.host.cpu}, ${result.date}`);
  }
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test('the committed page is of these files: npm run bench:report', async () => {
  const headings = (html: string) => [...html.matchAll(/<h[23][^>]*>(.*?)<\/h[23]>/g)].map(([, text]) => text);
  expect(headings(readFileSync(new URL('index.html', results), 'utf8'))).toEqual(headings(await resultsPage(committed)));
});

test('the newest files stand first', async () => {
  const { result } = committed[0] as Committed;
  const page = await resultsPage(['2026-01-01-a.json', '2026-01-02-a.json'].map((file) => ({ file, result })));
  expect(page.indexOf('2026-01-02-a.json')).toBeLessThan(page.indexOf('2026-01-01-a.json'));
});
