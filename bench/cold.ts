import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { peakBytes } from '../src/node/peakBytes.js';
import type { Start } from './jobs.js';

/** What a cold start is told, as JSON in its only argument. */
export interface ColdTask extends Pick<Start, 'engine' | 'variant' | 'packed'> {
  readonly model: string;
  /** Holds weights.safetensors, model.onnx and, once a start was told to save them, packed weights. */
  readonly folder: string;
  readonly save?: boolean;
}

// each engine is imported only by who runs it, so that time and memory are its own
const { engine, variant, model, folder, packed = false, save = false } = JSON.parse(process.argv[2] ?? '') as ColdTask;

async function senet(): Promise<void> {
  const { enableRelaxed } = await import('../src/node/engine.js');
  if (variant === 'relaxed') enableRelaxed();
  const { compile, createModel, openCheckpoint, syntheticTensor } = await import('senet'); // as a user has it
  const { fileSource } = await import('senet/node');
  const packedFile = join(folder, 'packed');
  const file = await open(packed && !save ? packedFile : join(folder, 'weights.safetensors'));
  const source = fileSource(file, (await file.stat()).size);
  const weights = packed && !save ? source : (await openCheckpoint(source)).tensors;
  const session = await compile(createModel(model), weights, { kernels: variant === 'relaxed' ? 'relaxed' : 'strict' });
  await file.close();
  session.run(syntheticTensor('input', [1, 3, 224, 224], 7));
  if (save) await writeFile(packedFile, await session.save());
}

async function tfjs(): Promise<void> {
  const { createModel, loadSafetensors, syntheticTensor } = await import('../src/index.js');
  const { compileTfjs } = await import('../reference/engines/compileTfjs.js');
  const weights = loadSafetensors(await readFile(join(folder, 'weights.safetensors')));
  const contender = await compileTfjs(createModel(model), weights);
  await contender.run(syntheticTensor('input', [1, 3, 224, 224], 7));
}

async function ort(native: boolean): Promise<void> {
  const { syntheticTensor } = await import('../src/io/synthetic.js');
  const load = async () => {
    if (native) return (await import('./native.js')).loadNative().ort;
    const web = await import('onnxruntime-web');
    web.env.wasm.numThreads = 1;
    return web;
  };
  const api = await load();
  const options = native ? { intraOpNumThreads: 1 } : { executionProviders: ['wasm'] };
  const session = await api.InferenceSession.create(await readFile(join(folder, 'model.onnx')), {
    ...options,
    graphOptimizationLevel: 'all',
  });
  const { data, shape } = syntheticTensor('input', [1, 3, 224, 224], 7);
  await session.run({ input: new api.Tensor('float32', data as Float32Array, shape) });
}

if (engine === 'senet') await senet();
else if (engine === 'tfjs') await tfjs();
else await ort(engine === 'ort-native');
process.stdout.write(`${JSON.stringify({ peakMiB: peakBytes() / 2 ** 20 })}\n`, () => process.exit());
