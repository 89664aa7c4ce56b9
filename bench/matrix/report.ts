import { SenetError } from '../../src/errors.js';
import type { Answer, Bits, Each, Task } from './answer.js';
import { bitsOf, type Group, groupsOf, isIn } from './groups.js';
import type { MatrixResult, Measured } from './measure.js';

/** docs/runtimes.md: what to conclude, a row per place, and the bits. Everything is compared with the first row that answered. */
export function matrixMarkdown({ networks, pictures }: Task, { date, machine, rows, missing }: MatrixResult): string {
  const heard = rows.filter(isHeard);
  const [first] = heard;
  if (first === undefined) throw new SenetError(`no runtime answered: ${missing.join('; ')}`);
  const groups = groupsOf(heard.map(({ answer }) => answer));
  const strict = bitsOf(first.answer, 'strict');
  const lines = [
    '# Runtimes',
    '',
    'The same program in each runtime that can be installed here: published networks, the classifier on photographs, and the bits of small networks.',
    `\`npm run runtimes\` wrote this page on ${date}, on ${machine}.${missing.map((why) => ` Not here: ${why}.`).join('')}`,
    '',
    'Node 26, Deno and Bun are installed from npm by the command; `npm run runtimes:arm` fetches Node for Arm64, and `apt-get install chromium firefox-esr webkit2gtk-driver xvfb qemu-user-static` the others.',
    '`npm run test:runtimes` and `npm run test:browser` hold Node, Deno, Bun and Chromium to some of the bits below. Firefox, WebKitGTK and Arm64 are tried by this command alone.',
    '',
    '## What to conclude',
    '',
    ...conclusions(first, heard, groups),
    '',
    '| you want | take |',
    '| --- | --- |',
    "| the same bits in every runtime and on every processor | `{ kernels: 'strict', algorithms: 'direct' }` |",
    '| the most speed | the defaults. Their bits depend on the runtime and on the tile that it finds fastest; their errors have the same limits |',
    '| threads in a page | the headers `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`. Without them there is one thread, and `session.threadsNote` says why |',
    '| a network in a service worker | a bundle in one file, since a service worker imports nothing later. There is one thread |',
    '',
    '## Runtimes and places',
    '',
    line(['runtime', 'place', 'switched', ...columns.map(({ head }) => head)]),
    line(['---', '---', '---', ...columns.map(() => '---')]),
    ...rows.map((row) => line([row.version, row.where, row.switched, ...cells(row, first.answer, groups)])),
    '',
    '- **place**: isolated pages are served with the two headers. Workers run a bundle, as module workers.',
    '- **vectors**: the largest error of the shipped conformance vectors (224×224), strict and direct, against PyTorch in float64, relative to the largest logit. The limit is 1e-5.',
    `- **classifier**: of how many photographs the label is that of the first row, by default options; and of how many the logits have its bits, strict and direct. The labels are ${pictures.map(({ file }) => `${labelOf(first.answer, file)} (${file})`).join(', ')}.`,
    '- **strict bits**: of how many of the networks below the logits have the bits of the first row, strict and direct.',
    '- **relaxed bits**: which column of the table below they are, direct.',
    '- **threads**: of how many networks, strict and relaxed, two threads give the bits of one.',
    '- –: not run. Emulated processors are slow, so that only smaller networks are run there.',
    ...failures(rows),
    '',
    '## Bits',
    '',
    'CRC-32 of the logits as float32 (little-endian), direct, of weights and an image made from names (`uniform-v1`, seed 7).',
    '',
    line(['network', 'size', 'strict', ...groups.map(({ name, fusion }) => `relaxed ${name}, ${fusion}`)]),
    line(['---', '---:', '---', ...groups.map(() => '---')]),
    ...networks.map(({ id, size }) => line([id, `${size}`, ...[strict, ...groups.map(({ bits }) => bits)].map((bits) => bits[id] ?? '–')])),
  ];
  return `${lines.join('\n')}\n`;
}

/** A row that answered. */
interface Heard extends Measured {
  readonly answer: Answer;
}

const isHeard = (row: Measured): row is Heard => typeof row.answer !== 'string';

const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;

interface Column {
  readonly head: string;
  cell(answer: Answer, first: Answer, groups: readonly Group[]): string;
}

const columns: readonly Column[] = [
  { head: 'SharedArrayBuffer', cell: ({ sharedMemory }) => (sharedMemory ? 'yes' : 'no') },
  { head: 'relaxed SIMD', cell: ({ relaxed }) => ({ none: 'no', fused: 'yes', 'not fused': 'yes, not fused' })[relaxed] },
  { head: 'vectors', cell: ({ vectors }) => worstText(vectors) },
  {
    head: 'classifier',
    cell({ pictures }, first) {
      const same = (key: 'label' | 'bits'): string => equalText(pictures, first.pictures, (picture) => picture[key]);
      return `${same('label')} labels, ${same('bits')} to the bit`;
    },
  },
  { head: 'strict bits', cell: ({ bits }, first) => equalText(bits, first.bits, ({ strict }) => strict) },
  { head: 'relaxed bits', cell: (answer, _, groups) => groups.find((group) => isIn(answer, group))?.name ?? '' },
  { head: 'threads', cell: threadsText },
];

const cells = ({ answer }: Measured, first: Answer, groups: readonly Group[]): readonly string[] =>
  columns.map(({ cell }) => (typeof answer === 'string' ? 'failed' : cell(answer, first, groups)));

/** The results that are some. */
const given = <T>(each: Each<T>): readonly (readonly [string, T])[] =>
  Object.entries(each).flatMap(([name, told]) => (typeof told === 'string' ? [] : [[name, told as T] as const]));

/** `4 of 4`. */
function equalText<T>(each: Each<T>, first: Each<T>, part: (result: T) => string): string {
  const expected = new Map(given(first));
  const equal = given(each).filter(([name, result]) => {
    const other = expected.get(name);
    return other !== undefined && part(result) === part(other);
  });
  return `${equal.length} of ${Object.keys(each).length}`;
}

/** An error that is missing or above the limit counts as Infinity. */
function worstOf(vectors: Answer['vectors']): number {
  const errors = given(vectors).map(([, { error, pass }]) => (pass && error !== null ? error : Number.POSITIVE_INFINITY));
  return errors.length < Object.keys(vectors).length ? Number.POSITIVE_INFINITY : Math.max(...errors);
}

function worstText(vectors: Answer['vectors']): string {
  if (Object.keys(vectors).length === 0) return '–';
  const worst = worstOf(vectors);
  return Number.isFinite(worst) ? worst.toExponential(1) : 'failed';
}

/** `4 of 4`, or why there is one thread. */
function threadsText({ bits, threads }: Answer): string {
  const [[, { note }] = ['', { note: undefined }]] = given<Bits>(threads);
  if (note !== undefined) return `one: ${note.split(';', 1)[0]}`;
  const alone = new Map(given(bits));
  const pairs = given(threads).flatMap(([id, two]) =>
    (['strict', 'relaxed'] as const).map((build) => [two[build], alone.get(id)?.[build]]),
  );
  const ran = pairs.filter(([two]) => two !== undefined);
  return `${ran.filter(([two, one]) => two === one).length} of ${ran.length}`;
}

const labelOf = ({ pictures }: Answer, file: string): string => {
  const told = pictures[file];
  return told === undefined || typeof told === 'string' ? 'none' : told.label;
};

function conclusions(first: Heard, heard: readonly Heard[], groups: readonly Group[]): readonly string[] {
  const differing = heard.filter(({ answer }) => {
    const expected = bitsOf(first.answer, 'strict');
    return Object.keys(answer.bits).some((id) => bitsOf(answer, 'strict')[id] !== expected[id]);
  });
  const worst = Math.max(
    ...heard.filter(({ answer }) => Object.keys(answer.vectors).length > 0).map(({ answer }) => worstOf(answer.vectors)),
  );
  const networks = Object.keys(first.answer.bits).length;
  return [
    differing.length === 0
      ? `- **Strict kernels with direct algorithms give the same bits everywhere**: ${networks} networks in ${heard.length} places, on ${architectures(heard)}.`
      : `- **Strict kernels with direct algorithms do not give the same bits everywhere**: ${names(differing)} differ in some of ${networks} networks.`,
    Number.isFinite(worst)
      ? `- The networks of the conformance vectors err by ${worst.toExponential(1)} at most, wherever they ran.`
      : '- Some conformance vectors fail.',
    `- Relaxed SIMD has ${groups.length} ${groups.length === 1 ? 'set' : 'sets'} of bits. ${groups.map((group) => groupText(group, first.answer, heard)).join(' ')}`,
  ];
}

/** `x64 and arm64, emulated by QEMU 7.2`: what stands behind the versions. */
const architectures = (heard: readonly Heard[]): string =>
  [...new Set(heard.map(({ version }) => /\b(x64|arm64)\b.*/.exec(version)?.[0] ?? 'another processor'))].join(' and ');

function groupText(group: Group, first: Answer, heard: readonly Heard[]): string {
  const strict = bitsOf(first, 'strict');
  const asStrict = Object.entries(group.bits).every(([id, bits]) => bits === strict[id]);
  const members = names(heard.filter(({ answer }) => isIn(answer, group)));
  return `${group.name}: products are ${group.fusion}${asStrict ? ', so that the bits are those of strict kernels' : ''} (${members}).`;
}

/** Each runtime once, without what follows its version. */
const names = (rows: readonly Measured[]): string =>
  [...new Set(rows.map(({ version }) => `${version.split(',', 1)[0]}${version.includes('arm64') ? ' on Arm64' : ''}`))].join(', ');

/** What was thrown, a line each. */
function failures(rows: readonly Measured[]): readonly string[] {
  const thrown = rows.flatMap(({ version, where, switched, answer }) => {
    const place = [version, where, switched].filter(Boolean).join(', ');
    if (typeof answer === 'string') return [`- failed: ${place}: ${answer}`];
    return Object.entries({ ...answer.vectors, ...answer.pictures, ...answer.bits }).flatMap(([name, told]) =>
      typeof told === 'string' ? [`- failed: ${place}, ${name}: ${told}`] : [],
    );
  });
  return thrown;
}
