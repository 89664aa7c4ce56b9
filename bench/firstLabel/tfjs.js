import '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { loadSafetensors } from 'senet';
import { compileTfjs, loadTfjs } from 'senet/engines';

/**
 * The same with TensorFlow.js, as its good user would: modules preloaded, kernels and weights fetched at once, the weights in float16, the graph as data, batch norm folded,
 * the browser's decoder, the back end's resizing.
 */
const wasmPaths = {
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  'tfjs-backend-wasm-threaded-simd.wasm': threaded,
};
const fetched = async (path, as) => (await fetch(path))[as]();
// not the response's own blob: Chromium 150 fails to give it while the file is still being preloaded
const bitmapOf = async (picture) => createImageBitmap(new Blob([await picture]), { colorSpaceConversion: 'none' });

async function main() {
  const [tf, { graph, labels, preset }, weights, bitmap] = await Promise.all([
    loadTfjs({ wasmPaths }),
    fetched('graph', 'json'),
    fetched('weights', 'arrayBuffer'),
    bitmapOf(fetched('picture', 'arrayBuffer')),
  ]);
  const network = await compileTfjs({ ...graph, outputs: new Map(graph.outputs) }, loadSafetensors(weights), { wasmPaths });
  const { size, mean, std } = preset;
  const image = tf.tidy(() => {
    const scale = size / Math.min(bitmap.width, bitmap.height);
    const [height, width] = [Math.trunc(bitmap.height * scale), Math.trunc(bitmap.width * scale)];
    const resized = tf.image.resizeBilinear(tf.browser.fromPixels(bitmap), [height, width]);
    const cropped = tf.slice(resized, [(height - size) >> 1, (width - size) >> 1, 0], [size, size, 3]);
    return tf.transpose(tf.div(tf.sub(tf.div(cropped, 255), mean), std), [2, 0, 1]).dataSync();
  });
  const { data } = (await network.run({ shape: [1, 3, size, size], data: image })).get('logits');
  globalThis.answer = { label: labels[data.indexOf(Math.max(...data))], ms: performance.now() };
}

main();
