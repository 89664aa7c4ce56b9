import { createClassifier } from 'senet';
import { decodeImage } from 'senet/image';

/** From nothing to the first label, as docs/library.md says it for a page: the network is called by its name, and weights and picture are promises. */
const fetched = async (path) => (await fetch(path)).arrayBuffer();

async function main() {
  const picture = fetched('picture').then((bytes) => decodeImage(bytes));
  const classifier = await createClassifier({ model: 'se_resnet20x2_cifar10.senet', weights: fetched('weights') });
  const { top } = await classifier.classify(await picture);
  globalThis.answer = { label: top[0].label, ms: performance.now() };
}

main();
