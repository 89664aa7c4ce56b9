import { createClassifier } from 'senet';

/** From nothing to the first label: weights and picture fetched at once, the network called by its name. */
const fetched = async (path, as) => (await fetch(path))[as]();
const picture = fetched('picture', 'blob');
const classifier = await createClassifier({ model: 'se_resnet20x2_cifar10.senet', weights: await fetched('weights', 'arrayBuffer') });
const { top } = await classifier.classify(await picture);
globalThis.answer = { label: top[0].label, ms: performance.now() };
