import { readFile } from 'node:fs/promises';
import { compare, createModel, loadSafetensors, openCheckpoint, recognise } from 'senet';

/** Which module of another program is wrong: node verify.mjs dump.safetensors weights.safetensors. docs/compare.md writes both from PyTorch. */
const [, , dumpFile, weightsFile] = process.argv;
const dump = loadSafetensors(await readFile(dumpFile));
const { model, options, classes, weights } = await recognise(await openCheckpoint(await readFile(weightsFile)));

const [batch, , ...size] = dump.get('input').shape;
const { tensors, first } = compare(createModel(model, { ...options, classes, batch, size }), weights, dump);
for (const { name, ratio } of tensors) console.log(`${name}: ${ratio.toFixed(2)} of its error bound`);
console.log(first ? `${first.name} is wrong` : `${model}: all agree`);
