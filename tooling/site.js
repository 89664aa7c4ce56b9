// The documentation as pages, beside the web page: every document below, and the public API, by TypeDoc. Links are relative, so that the folder works anywhere.
//   npm run docs:site [-- FOLDER]
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Converter, FileRegistry, KindRouter, PageEvent } from 'typedoc';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = resolve(process.argv[2] ?? resolve(root, 'page/dist/docs'));
const fromRoot = (path) => relative(root, path).replaceAll('\\', '/');

/** The documents in the order in which they are read. */
const sections = {
  'Use it': [
    'docs/library.md',
    'docs/command.md',
    'docs/serving.md',
    'docs/models.md',
    'docs/training.md',
    'docs/scaling.md',
    'docs/compare.md',
    'docs/quantised.md',
    'docs/quantised.md',
    'examples/README.md',
  ],
  'How it works': [
    'ARCHITECTURE.md',
    'docs/one-convolution.md',
    'docs/speed.md',
    ...['paper', 'zoo', 'checkpoints'].map((name) => `docs/spec/${name}.md`),
  ],
  'What was found': [
    'docs/checks.md',
    'bench/results/README.md',
    'docs/accuracy.md',
    'docs/networks.md',
    'docs/page.md',
    'docs/pixels.md',
    'docs/runtimes.md',
    'docs/fuzz.md',
    'docs/mutants.md',
    'findings/README.md',
  ],
  Project: ['CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
};
const sectionOf = new Map(Object.entries(sections).flatMap(([section, paths]) => paths.map((path) => [path, section])));

/** The files that the package's entries are compiled from. */
const { exports } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
const entries = new Set(Object.values(exports).flatMap(({ types }) => types?.replace(/^\.\/dist\/(.*)\.d\.ts$/, '$1.ts') ?? []));

/** Documents lie as in the repository, those of docs/ at the top. */
class Router extends KindRouter {
  getIdealBaseName(reflection) {
    if (!reflection.isDocument()) return super.getIdealBaseName(reflection);
    return fromRoot(reflection.project.files.getReflectionPath(reflection)).replace(/^docs\/|\.md$/g, '');
  }
}

/** What documents link to and is none keeps its path too. */
class Files extends FileRegistry {
  getName(id) {
    const path = this.mediaToPath.get(id);
    if (path !== undefined) this.names.set(id, fromRoot(path));
    return this.names.get(id);
  }
}

const app = await Application.bootstrap({
  name: 'senet',
  entryPoints: [...entries].map((path) => resolve(root, path)),
  tsconfig: resolve(root, 'tooling/site/tsconfig.json'),
  skipErrorChecking: true, // `npm run typecheck` does
  readme: resolve(root, 'README.md'),
  projectDocuments: [...sectionOf.keys()].map((path) => resolve(root, path)),
  basePath: root,
  disableSources: true, // a clone may have any remote, or none that a browser can open
  // of a plan and a graph under construction users see that they are there
  intentionallyNotExported: [
    'src/graph/build.ts:Admit',
    'src/onnx/rules/rule.ts:Rarer',
    'src/ops/op.ts:Emitter',
    'src/ops/op.ts:None',
    'src/plan/group.ts:Group',
    'src/plan/packing.ts:Packing',
    'src/plan/plan.ts:Arg',
    'src/plan/plan.ts:Buffer',
    'src/plan/plan.ts:PlanValue',
    'src/plan/plan.ts:Target',
  ],
  router: 'documents',
  groupOrder: [...Object.keys(sections), '*'],
  sortEntryPoints: false,
  navigation: { includeGroups: true },
  navigationLinks: { 'Try it in the browser': 'page:' },
  jsDocCompatibility: { defaultTag: false }, // defaults are said in words
  headings: { readme: false },
  searchInDocuments: true,
  useFirstParagraphOfCommentAsSummary: true,
  favicon: resolve(root, 'page/public/icon.svg'),
  customCss: resolve(root, 'tooling/site/style.css'),
  highlightLanguages: ['bash', 'html', 'javascript', 'json', 'python', 'typescript', 'wasm'],
});
app.files = new Files();
app.renderer.defineRouter('documents', Router);

app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
  const path = document.project.files.getReflectionPath(document);
  document.name = /^# (.*)$/m.exec(readFileSync(path, 'utf8'))[1].replaceAll('`', '');
  document.frontmatter.group = sectionOf.get(fromRoot(path));
  leavePlain(document.content);
});
app.renderer.on(PageEvent.END, (page) => {
  page.contents = page.contents?.replaceAll('"page:"', `"${'../'.repeat(page.url.split('/').length)}"`);
});

const project = await app.convert();
if (project === undefined) process.exit(1);
leavePlain(project.readme ?? []);
copyLinked(project.files);
app.validate(project);
await app.generateDocs(project, out);
process.exitCode = app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0;

/** A block of code without a language is what somebody types or reads, not TypeScript. */
function leavePlain(parts) {
  for (const part of parts) if (part.kind === 'code') part.text = part.text.replace(/^```\n/, '```text\n');
}

/** What a copied page links to is copied too. */
function copyLinked(files) {
  const pages = [...files.getMediaPaths()].filter((path) => path.endsWith('.html'));
  for (const page of pages)
    for (const [, link] of readFileSync(page, 'utf8').matchAll(/(?:href|src)="([^"#:]+)/g)) {
      const { target } = files.register(page, link);
      files.getName(target);
    }
}
