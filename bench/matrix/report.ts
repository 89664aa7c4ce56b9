import { SenetError } from '../../src/errors.js';
import type { Answer, Task } from './answer.js';
import { cells, columns } from './cells.js';
import { conclusions, isHeard } from './conclusions.js';
import { bitsOf, groupsOf } from './groups.js';
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
    '| the most speed | the defaults. Their bits depend on the runtime and on the tile that it finds fastest; [checks.md](checks.md) has the limits of their errors |',
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
    `- **classifier**: of how many photographs the label is that of the first row, by default options; and of how many the logits have its bits, strict and direct. The network knows the ten classes of CIFAR-10; the labels are ${pictures.map(({ file }) => `${labelOf(first.answer, file)} (${file})`).join(', ')}.`,
    '- **strict bits**: of how many of the networks below the logits have the bits of the first row, strict and direct.',
    '- **relaxed bits**: which column of the table below they are, direct.',
    '- **threads**: of how many networks, strict and relaxed, two threads give the bits of one.',
    '- –: not there, or not run. Emulated processors are slow, so that only smaller networks are run there. They compute what their manual says; no real one was tried.',
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

const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;

const labelOf = ({ pictures }: Answer, file: string): string => {
  const told = pictures[file];
  return told === undefined || typeof told === 'string' ? 'none' : told.label;
};

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
