// How much memory the import of a large ONNX file takes beyond the packed weights, as a share of the file: a chain of convolutions, whose weights lie in the file or in another one beside
// it. Each is written and measured in processes of their own, by the most that the latter ever held before and after. (A process begins with the most that the one held which started it.) Arguments: --megabytes (100), --json.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const channels = 300;
const layerBytes = channels * channels * 9 * 4;

/** Writes the model, and the file beside it. Values are small, so that nothing overflows. */
async function write(folder, layers, isBeside) {
  const support = new URL('../dist/test/support/files/onnx.js', import.meta.url).href; // only here, where the file is made
  const { external, onnxFile, raw } = await import(support);
  const weight = (i) => Float32Array.from({ length: layerBytes / 4 }, (_, k) => Math.sin(k + i) / 100);
  const stored = (i) =>
    isBeside ? external({ location: 'weights.bin', offset: String(i * layerBytes), length: String(layerBytes) }) : raw(weight(i));
  const names = Array.from({ length: layers }, (_, i) => `w${'x'.repeat(i % 4)}${i}`); // so that bytes begin at all remainders of 4
  const nodes = names.map((name, i) => [
    'Conv',
    [i === 0 ? 'x' : `c${i - 1}`, name],
    [i + 1 < layers ? `c${i}` : 'y'],
    { pads: [1, 1, 1, 1] },
  ]);
  const initializers = names.map((name, i) => ({ name, shape: [channels, channels, 3, 3], type: 1, stored: [stored(i)] }));
  writeFileSync(join(folder, 'model.onnx'), onnxFile({ nodes, initializers }));
  if (isBeside) writeFileSync(join(folder, 'weights.bin'), Buffer.concat(names.map((_, i) => Buffer.from(weight(i).buffer))));
}

/** In its own process: prints { bytes, packed }, those beyond what it held before. */
async function measure(file) {
  const { build, compile, conv, tensor } = await import('../dist/src/index.js');
  const { readOnnxFile } = await import('../dist/src/node/onnxFile.js');
  const { peakBytes } = await import('../dist/src/node/peakBytes.js');
  const { graphOfOnnx } = await import('../dist/src/onnx/index.js');
  const input = [1, channels, 8, 8];
  const small = build([1, 3, 8, 8], (x) => conv(x, 'w', { out: 4, kernel: 3, padding: 1 }));
  (await compile(small, new Map([['w.weight', tensor([4, 3, 3, 3], new Float32Array(108))]]), { kernels: 'strict' })).dispose();
  const before = peakBytes();
  const { graph, weights } = graphOfOnnx(await readOnnxFile(file), { input });
  const session = await compile(graph, weights, { kernels: 'strict' });
  const bytes = peakBytes() - before;
  const output = session.run(tensor(input, new Float32Array(channels * 64).fill(1)));
  if (![...output.values()][0].data.every(Number.isFinite)) throw new Error('the network gives no numbers');
  console.log(JSON.stringify({ bytes, packed: session.weightBytes }));
}

const { values: flags, positionals } = parseArgs({
  options: { megabytes: { type: 'string', default: '100' }, json: { type: 'boolean' } },
  allowPositionals: true,
});
const [task, folder, isBeside] = positionals;
const layers = Math.round((1e6 * Number(flags.megabytes)) / layerBytes);
if (task === 'write') await write(folder, layers, isBeside === 'true');
else if (task === 'measure') await measure(join(folder, 'model.onnx'));
else print([false, true].map(shareOf));

function shareOf(isBeside) {
  const folder = mkdtempSync(join(tmpdir(), 'senet-import-'));
  const run = (task) =>
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), task, folder, String(isBeside), '--megabytes', flags.megabytes], {
      encoding: 'utf8',
    });
  try {
    run('write');
    const { bytes, packed } = JSON.parse(run('measure'));
    const size = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    return { weights: isBeside ? 'in another file' : 'in the file', size, packed, beyond: bytes - packed, share: (bytes - packed) / size };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function print(rows) {
  if (flags.json) return console.log(JSON.stringify(rows));
  const mega = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  for (const { weights, size, packed, beyond, share } of rows)
    console.log(
      `weights ${weights}: ${mega(size)}, packed ${mega(packed)}, beyond that ${mega(beyond)}, ${share.toFixed(2)} times the file`,
    );
}
