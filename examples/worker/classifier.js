import { createClassifier } from 'senet';

const classifier = createClassifier(); // not awaited here: a message that comes before its listener is lost
addEventListener('message', async ({ data }) => {
  const { top } = await (await classifier).classify(data);
  postMessage(top);
});
