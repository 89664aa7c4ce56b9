import { createClassifier } from 'senet';

/** Says what is on the picture that is chosen. The file stays in the page. */
const [input, output] = document.querySelectorAll('input, output');
const classifier = createClassifier(); // not awaited here: a picture may be chosen before the network is there
input.addEventListener('change', async () => {
  const { top } = await (await classifier).classify(input.files[0]);
  output.value = top.map(({ label, probability }) => `${label} ${probability.toFixed(3)}`).join('\n');
});
