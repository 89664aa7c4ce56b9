// How much memory the first picture takes, from a file of weights to its label, in 8 bits and in floats: SE-ResNet-50 of drawn weights, or the network that is
// named. Files are written, and each is measured, in processes of their own: the most that the process ever held, as a whole, and beyond what one holds that has
// only loaded the library. Arguments: --model (timm/legacy_seresnet50), --json.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const picture = fileURLToPath(new URL('../assets/images/chelsea.png', import.meta.url));
const forms = ['float', 'int8'];

/** Both forms of the network, calibrated on drawn numbers: its memory does not depend on them. */
async function write(folder, model) {
  const { compile, createModel, saveSafetensors, syntheticTensor, syntheticWeights } = await import('../dist/src/index.js');
  const { networkMetadata } = await import('../dist/src/checkpoints/index.js');
  const { lookupOf, observe, recipeOf } = await import('../dist/src/quant/calibrate.js');
  const { quantisedFile } = await import('../dist/src/quant/file.js');
  const { quantisedWith } = await import('../dist/src/quant/graph.js');
  const { quantisedWeights } = await import('../dist/src/quant/weights.js');
  const graph = createModel(model);
  const weights = syntheticWeights(graph, { seed: 7 });
  async function* images() {
    yield syntheticTensor('input', graph.nodes[0].shape, 7);
  }
  const lookup = lookupOf(await observe(graph, weights, images(), compile), 'min-max');
  const quantised = quantisedWith(graph, lookup, new Set());
  const said = (quantisation) => networkMetadata({ model, options: quantisation ? { quantised: quantisation } : {} }, { format: 'pt' });
  writeFileSync(join(folder, 'float.safetensors'), saveSafetensors(weights, { metadata: said() }));
  const tensors = quantisedWeights(graph, quantised, weights);
  writeFileSync(join(folder, 'int8.safetensors'), quantisedFile(quantised.graph, tensors, said(recipeOf(graph, lookup, new Set()))));
}

/** In its own process: prints { before, peak }. */
async function measure(file) {
  const { build, compile, conv, createClassifier, tensor } = await import('../dist/src/index.js');
  const { fileSource } = await import('../dist/src/node/index.js');
  const { peakBytes } = await import('../dist/src/node/peakBytes.js');
  const small = build([1, 3, 8, 8], (x) => conv(x, 'w', { out: 4, kernel: 3, padding: 1 }));
  (await compile(small, new Map([['w.weight', tensor([4, 3, 3, 3], new Float32Array(108))]]))).dispose();
  const before = peakBytes();
  const handle = await open(file);
  const classifier = await createClassifier({ weights: fileSource(handle, statSync(file).size) });
  const { top } = await classifier.classify(readFileSync(picture));
  const peak = peakBytes();
  await handle.close();
  if (!(top[0].probability > 0)) throw new Error('the network gives no probability');
  console.log(JSON.stringify({ before, peak }));
}

const { values: flags, positionals } = parseArgs({
  options: { model: { type: 'string', default: 'timm/legacy_seresnet50' }, json: { type: 'boolean' } },
  allowPositionals: true,
});
const [task, path] = positionals;
if (task === 'write') await write(path, flags.model);
else if (task === 'measure') await measure(path);
else print(measured());

function measured() {
  const folder = mkdtempSync(join(tmpdir(), 'senet-memory-'));
  const run = (...parts) =>
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...parts, '--model', flags.model], { encoding: 'utf8' });
  try {
    run('write', folder);
    return forms.map((form) => {
      const file = join(folder, `${form}.safetensors`);
      const { before, peak } = JSON.parse(run('measure', file));
      return { form, file: statSync(file).size, peak, beyond: peak - before };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function print(rows) {
  const [float, int8] = rows;
  const ratios = { file: int8.file / float.file, peak: int8.peak / float.peak, beyond: int8.beyond / float.beyond };
  if (flags.json) return console.log(JSON.stringify({ model: flags.model, rows, ratios }));
  const mega = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  for (const { form, file, peak, beyond } of rows)
    console.log(`${flags.model} in ${form}: a file of ${mega(file)}, at most ${mega(peak)} held, ${mega(beyond)} beyond the library`);
  const shown = Object.entries(ratios).map(([what, ratio]) => `${what} ${ratio.toFixed(2)}`);
  console.log(`8 bits against floats: ${shown.join(', ')}`);
}
