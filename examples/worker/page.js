/** The page stays free while its worker says what is on the picture that is chosen. Needs a bundler: workers have no import map. */
const [input, output] = document.querySelectorAll('input, output');
const worker = new Worker(new URL('./classifier.js', import.meta.url), { type: 'module' });
worker.addEventListener('message', ({ data }) => {
  output.value = data.map(({ label, probability }) => `${label} ${probability.toFixed(3)}`).join('\n');
});
input.addEventListener('change', () => worker.postMessage(input.files[0]));
