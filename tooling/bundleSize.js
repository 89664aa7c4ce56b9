// What a page loads: bundles of the built package by esbuild, minified, in kB of 1000 bytes, and gzipped. Code is apart from what is loaded when it is first
// needed. Argument: --json.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build, version } from 'esbuild';
import { table } from '../dist/src/report/table.js';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' } } });

const running = ['compile', 'loadSafetensors', 'tensor'];

/** What else a program has: what is asked for when a file needs it. */
const onDemand = {
  'senet/onnx, which reads and writes, loaded when it is needed': "export const importer = () => import('senet/onnx')",
};

/** Each by what it imports of `senet`. */
const programs = {
  "a network of one's own, from layers": [
    ...['add', 'bn', 'build', 'conv', 'globalAvgPool', 'linear', 'maxPool2d', 'relu', 'squeezeExcite'],
    ...running,
  ],
  'resnetModels, one family': ['resnetModels', ...running],
  'createModel, with all networks': ['createModel', ...running],
  'createClassifier, with all formats of weights': ['createClassifier'],
  'senet/onnx, which reads and writes, loaded when it is needed': running,
};

/** What a chunk that is loaded when it is needed holds, by the files in it. A session loads one of the four builds of the kernels, which differ by a few bytes: that with fused multiply-add counts. */
const parts = [
  { part: 'kernels', file: /\/wasm\/binary\/relaxed\.js$/ },
  { part: 'kernels of training', file: /\/wasm\/binary\/training\/relaxed\.js$/ },
  { part: 'kernels of imported networks', file: /\/wasm\/binary\/imported\/relaxed\.js$/ },
  { part: 'kernels of quantised graphs', file: /\/wasm\/binary\/quantised\/relaxed\.js$/ },
  { part: 'other builds of the kernels', file: /\/wasm\/binary\/(\w+\/)?(strict|relaxed)/ },
  { part: 'planner of further ops, reader of packed weights', file: /\/wasm\/further\.js$/ },
  { part: 'threads', file: /\/wasm\/pool\.js$/ },
  { part: 'decoder of JPEG', file: /\/binary\/mozjpeg|mozjpeg_dec/ },
  { part: 'decoder of JPEG in CMYK or 4:4:0', file: /\/binary\/turbojpeg/ },
  { part: 'decoder of WebP', file: /\/binary\/webp|webp_dec/ },
  { part: 'inflate of PNG', file: /\/pako\// },
  { part: 'writer of ONNX', file: /\/onnx\/export\/toOnnx\.js$/ },
  { part: 'importer of ONNX, rarer operators', file: /\/onnx\/rules\/rarer\.js$/ },
  { part: 'importer of ONNX, values in other files', file: /\/onnx\/external\.js$/ },
  { part: 'importer of ONNX', file: /\/src\/onnx\// },
  { part: 'weights that ship', file: /\/pretrained\/binary\// },
  { part: 'names of ImageNet classes', file: /imagenetClasses/ },
];
const partOf = ({ inputs }) => parts.find(({ file }) => Object.keys(inputs).some((path) => file.test(path)))?.part ?? 'code';

/** The sizes of a program's parts: all chunks that it can reach, and no others. */
async function sizesOf(names, more = '') {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export { ${names.join(', ')} } from 'senet'\n${more}`, resolveDir: resolve(import.meta.dirname, '..') },
    ...{ bundle: true, splitting: true, minify: true, format: 'esm', outdir: '/bundle', write: false, metafile: true },
  });
  const contents = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [resolve(path), output]));
  const [entry] = [...outputs].find(([, { entryPoint }]) => entryPoint === '<stdin>');
  const reachedFrom = (paths, kinds) => {
    const reached = new Set(paths);
    for (const path of reached)
      for (const { external, kind, path: found } of outputs.get(path).imports)
        if (!external && kinds.includes(kind)) reached.add(resolve(found));
    return reached;
  };
  const atOnce = reachedFrom([entry], ['import-statement']);
  const reached = reachedFrom(atOnce, ['import-statement', 'dynamic-import']);
  const sizes = new Map();
  for (const path of reached) {
    const part = atOnce.has(path) ? 'code' : partOf(outputs.get(path));
    const [minified, gzipped] = sizes.get(part) ?? [0, 0];
    const bytes = contents.get(path);
    sizes.set(part, [minified + bytes.length, gzipped + gzipSync(bytes, { level: 9 }).length]);
  }
  return ['code', ...parts.map(({ part }) => part)].flatMap((part) => {
    const [minified, gzipped] = sizes.get(part) ?? [];
    return minified === undefined ? [] : [{ part, minified, gzipped }];
  });
}

const measured = [];
for (const [program, names] of Object.entries(programs)) {
  const sizes = (await sizesOf(names, onDemand[program])).filter(({ part }) => part !== 'other builds of the kernels');
  const both = sizes.filter(({ part }) => part === 'code' || part === 'kernels');
  const sum = (size) => both.reduce((total, { [size]: bytes }) => total + bytes, 0);
  measured.push({ program, imports: names, sizes, withKernels: { minified: sum('minified'), gzipped: sum('gzipped') } });
}

if (flags.json) console.log(JSON.stringify({ esbuild: version, programs: measured }, null, 2));
else {
  const kilo = (bytes) => (bytes / 1000).toFixed(1);
  const row = (program, part, { minified, gzipped }) => [program, part, kilo(minified), kilo(gzipped)];
  const rows = measured.flatMap(({ program, sizes, withKernels }) => {
    const [code, kernels, ...later] = sizes;
    return [
      row(program, 'code and kernels', withKernels),
      row('', 'code', code),
      row('', 'kernels', kernels),
      ...later.map((size) => row('', size.part, size)),
    ];
  });
  console.log(table([['program', 'part', 'minified, kB', 'gzipped, kB'], ...rows]));
  console.log(`esbuild ${version}; parts below the kernels are loaded when they are first needed`);
}
