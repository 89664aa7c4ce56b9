import { readFile } from 'node:fs/promises';
import { createClassifier } from 'senet';

/** What is on a picture: node classify.mjs picture.jpg, or deno run -A, or bun. */
const classifier = await createClassifier();
const { top } = await classifier.classify(await readFile(process.argv[2]));
for (const { label, probability } of top) console.log(label, probability.toFixed(3));
classifier.dispose();
