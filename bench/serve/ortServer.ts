import cluster from 'node:cluster';
import { readFile } from 'node:fs/promises';
import Fastify from 'fastify';
import * as web from 'onnxruntime-web';
import { createClassifier } from '../../src/classifier/create.js';
import { loadNative, nativeOptions } from '../native.js';

/** A network in ONNX, for the server below. */
export interface OrtServerTask {
  readonly engine: 'ort' | 'ort-native';
  readonly file: string;
  /** senet's weights of the same network: its pictures are decoded and prepared by senet, so that engines differ and nothing else. */
  readonly weights?: string | undefined;
  readonly workers: number;
}

/** What one writes in an hour around onnxruntime: Fastify in as many processes as there are cores, an image a run, a thread a session. */
const { engine, file, weights, workers } = JSON.parse(process.argv[2] as string) as OrtServerTask;
if (cluster.isPrimary) {
  let listening = 0;
  cluster.on('listening', (_, { port }) => {
    if (++listening === workers) process.stdout.write(`${engine} listens on http://127.0.0.1:${port}\n`);
  });
  for (let i = 0; i < workers; i++) cluster.fork();
  process.once('SIGTERM', () => process.exit(0));
} else {
  process.once('disconnect', () => process.exit(0));
  if (engine === 'ort') web.env.wasm.numThreads = 1;
  const ort = engine === 'ort' ? web : loadNative().ort;
  const options = engine === 'ort' ? { executionProviders: ['wasm'], graphOptimizationLevel: 'all' as const } : nativeOptions;
  const session = await ort.InferenceSession.create(await readFile(file), options);
  const { prepare, network } = await createClassifier(weights === undefined ? {} : { weights: await readFile(weights) });
  const app = Fastify({ bodyLimit: 2 ** 25 });
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_: unknown, body: Buffer) => body);
  app.post('/v1/classify', async ({ body, query }) => {
    const { data, shape } = await prepare(body as Buffer);
    const outputs = await session.run({ input: new ort.Tensor('float32', data as Float32Array, shape) });
    const logits = outputs.logits?.data as Float32Array;
    if ('logits' in (query as object)) return { logits: Array.from(logits) };
    const highest = Math.max(...logits);
    const powers = Array.from(logits, (logit) => Math.exp(logit - highest));
    const sum = powers.reduce((a, b) => a + b);
    const top = powers.map((power, index) => ({ index, label: network.labels?.[index]?.name ?? null, probability: power / sum }));
    return { top: top.sort((a, b) => b.probability - a.probability).slice(0, 5) };
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
}
