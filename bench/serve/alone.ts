import { readFile } from 'node:fs/promises';
import { createClassifier } from '../../src/classifier/create.js';
import { enableRelaxed } from '../../src/node/engine.js';

/** What one process is to classify, again and again. */
export interface AloneTask {
  readonly picture: string;
  readonly weights?: string | undefined;
  readonly seconds: number;
}

export interface Alone {
  readonly images: number;
  readonly seconds: number;
  readonly logits: readonly number[];
}

/** The library alone: a child of the bench. */
const { picture, weights, seconds } = JSON.parse(process.argv[2] as string) as AloneTask;
enableRelaxed();
const classifier = await createClassifier(weights === undefined ? {} : { weights: await readFile(weights) });
const bytes = await readFile(picture);
const { logits } = await classifier.classify(bytes);
let images = 0;
const start = performance.now();
for (; performance.now() - start < 1000 * seconds; images++) await classifier.classify(bytes);
const result: Alone = { images, seconds: (performance.now() - start) / 1000, logits: Array.from(logits) };
process.stdout.write(JSON.stringify(result));
