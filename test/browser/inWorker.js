import { decode, drawn, firstCalls, redrawn, refused, run, runAsync } from './inPage.js';

const functions = { decode, drawn, firstCalls, redrawn, refused, run, runAsync };

addEventListener('message', async ({ data: { name, args } }) => {
  try {
    postMessage({ result: await functions[name](...args) });
  } catch (error) {
    postMessage({ error: String(error) });
  }
});
