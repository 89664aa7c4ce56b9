import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseHTML } from 'linkedom';
import { afterAll, expect, test } from 'vitest';

/** `npm run docs:site`: it is built without a warning, and what its pages link to and load is there. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const beside = mkdtempSync(join(tmpdir(), 'site-'));
const site = join(beside, 'docs');
afterAll(() => rmSync(beside, { recursive: true }));

execFileSync('node', ['tooling/site.js', site], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
const files = readdirSync(site, { recursive: true, encoding: 'utf8' });
const pages = new Map(
  files
    .filter((file) => file.endsWith('.html'))
    .map((file) => [join(site, file), parseHTML(readFileSync(join(site, file), 'utf8')).document]),
);

/** What a page names in an attribute, by the elements that have it. */
const named = (document: Document, attribute: 'href' | 'src', elements = '*'): readonly string[] =>
  [...document.querySelectorAll(`${elements}[${attribute}]`)].map((element) => element.getAttribute(attribute) as string);

const isElsewhere = (link: string): boolean => /^([a-z]+:|\/)/.test(link);

/** Why a link of a page leads nowhere. */
function broken(page: string, link: string): string | undefined {
  const [path = '', anchor = ''] = link.split('#').map(decodeURIComponent);
  const target = path === '' ? page : resolve(dirname(page), path);
  if (target === beside) return undefined; // the web page, which is built beside it
  if (!existsSync(target) || !statSync(target).isFile()) return `${link}: no such file`;
  const document = pages.get(target);
  if (anchor !== '' && document?.getElementById(anchor) === null) return `${link}: no such anchor`;
  return undefined;
}

test('a link that leads nowhere is found', () => {
  const page = join(site, 'library.html');
  expect(broken(page, 'models.html')).toBeUndefined();
  expect(broken(page, 'modls.html')).toContain('no such file');
  expect(broken(page, 'spec')).toContain('no such file');
  expect(broken(page, 'ARCHITECTURE.html#words')).toBeUndefined();
  expect(broken(page, 'ARCHITECTURE.html#wrds')).toContain('no such anchor');
});

test('every link leads to a file, and to an anchor of it', () => {
  const links = [...pages].flatMap(([page, document]) =>
    [...named(document, 'href'), ...named(document, 'src')].filter((link) => !isElsewhere(link)).map((link) => ({ page, link })),
  );
  expect(links.length).toBeGreaterThan(5000);
  expect(new Set(links.flatMap(({ page, link }) => broken(page, link) ?? []))).toEqual(new Set());
});

test('no page loads anything from another host', () => {
  const loaded = [...pages.values()].flatMap((document) => [...named(document, 'src'), ...named(document, 'href', 'link')]);
  expect(loaded.filter((link) => isElsewhere(link) && !link.startsWith('data:'))).toEqual([]);
  const styles = files.filter((file) => /\.(css|svg)$/.test(file)).map((file) => readFileSync(join(site, file), 'utf8'));
  expect(styles.flatMap((text) => text.match(/@import|(url\(|href=)["']?(https?:)?\/\/[^)]*/g) ?? [])).toEqual([]);
});

test('every document of docs/ is a page, and no other that is linked is left as Markdown', () => {
  const documents = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
  expect(documents.filter((file) => !files.includes(file.replace('.md', '.html')))).toEqual([]);
  expect(files.filter((file) => file.endsWith('.md'))).toEqual([]);
});

test('every entry of the package is a module, by its name', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly exports: Record<string, { types?: string }>;
  };
  const entries = Object.keys(exports).filter((name) => exports[name]?.types !== undefined && name !== './bench' && name !== './web'); // other names of ./engines and of the whole
  const pages = entries.map((name) => `modules/senet${name.slice(1).replace('/', '_')}.html`);
  expect(files.filter((file) => file.startsWith('modules/')).sort()).toEqual(pages.sort());
});

test('every exported name has a page', () => {
  const source = readFileSync(join(root, 'src/index.ts'), 'utf8');
  const names = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list]) =>
    (list as string).split(',').map((name) => name.replace('type ', '').trim()),
  );
  const own = new Set(files.flatMap((file) => /senet\.(\w+)\.html$/.exec(file)?.[1] ?? []));
  expect(names.length).toBeGreaterThan(150);
  expect(names.filter((name) => name !== '' && !own.has(name))).toEqual([]);
});

test('each page links to the web page', () => {
  for (const [page, document] of pages)
    if (!page.includes('media')) expect(named(document, 'href').some((link) => resolve(dirname(page), link) === beside)).toBe(true);
});
