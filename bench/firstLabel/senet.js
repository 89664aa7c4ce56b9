import { createClassifier } from 'senet';

/** From nothing to the first label, with what the package gives. */
const picture = fetch('picture').then((response) => response.blob());
const classifier = await createClassifier();
const { top } = await classifier.classify(await picture);
globalThis.answer = { label: top[0].label, ms: performance.now() };
