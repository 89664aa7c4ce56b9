import { pixelsOf } from '../../dist/src/classifier/picture.js';
import { createClassifier, InputError } from '../../dist/src/index.js';

/** A page's own pictures, in all kinds, and what the classifier takes of each: [width, height, ...RGB], or the error. */

/** Each kind of a file's picture, as a page or a worker comes by it. */
const made = {
  ImageData: (blob) => imageData(blob),
  ImageBitmap: (blob) => createImageBitmap(blob),
  OffscreenCanvas: (blob) => draw(blob, new OffscreenCanvas(1, 1)),
  VideoFrame: async (blob) => new VideoFrame(await createImageBitmap(blob), { timestamp: 0 }),
  HTMLCanvasElement: (blob) => draw(blob, document.createElement('canvas')),
  HTMLImageElement: (blob) => image(blob), // not loaded yet
  'HTMLImageElement of a dense screen': (blob) => {
    const dense = new Image();
    dense.srcset = `${URL.createObjectURL(blob)} 2x`;
    return dense;
  },
  "HTMLImageElement of a frame's": (blob) => image(blob, new (frame().Image)()),
  "HTMLCanvasElement of a frame's": (blob) => draw(blob, frame().document.createElement('canvas')),
  "ImageBitmap of a frame's": (blob) => frame().createImageBitmap(blob),
  "Blob of a frame's": async (blob) => new (frame().Blob)([await blob.arrayBuffer()]),
  "ArrayBuffer of a frame's": async (blob) => {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const buffer = new (frame().ArrayBuffer)(bytes.length);
    new Uint8Array(buffer).set(bytes);
    return buffer;
  },
};

export const drawn = async (kind, picture) => numbers(await pixelsOf(await made[kind](blobOf(picture)), {}));

/** As a browser without OffscreenCanvas reads it. */
export async function drawnOnElement(kind, picture) {
  const { OffscreenCanvas } = globalThis;
  const source = await made[kind](blobOf(picture));
  delete globalThis.OffscreenCanvas;
  try {
    return numbers(await pixelsOf(source, {}));
  } finally {
    globalThis.OffscreenCanvas = OffscreenCanvas;
  }
}

/** A video that shows a canvas, as it would a camera: what is taken of it, and what its own drawing has. */
export async function drawnVideo(picture) {
  const canvas = await draw(blobOf(picture), document.createElement('canvas'));
  const video = document.createElement('video');
  video.muted = true;
  const context2d = canvas.getContext('2d');
  video.srcObject = canvas.captureStream();
  const redraw = setInterval(() => context2d.drawImage(canvas, 0, 0), 20); // a stream has a frame for each change
  await video.play();
  clearInterval(redraw);
  const taken = numbers(await pixelsOf(video, {}));
  const context = new OffscreenCanvas(video.videoWidth, video.videoHeight).getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  for (const track of video.srcObject.getTracks()) track.stop();
  return { taken, shown: numbers(await pixelsOf(context.getImageData(0, 0, video.videoWidth, video.videoHeight), {})) };
}

/** What is drawn while a classification waits for its turn, and afterwards: the answers of both, and of the pictures by themselves. */
export async function redrawn(first, second) {
  const classifier = await createClassifier();
  const canvas = await draw(blobOf(first), new OffscreenCanvas(1, 1));
  const next = await draw(blobOf(second), new OffscreenCanvas(1, 1));
  const answers = [classifier.classify(next), classifier.classify(canvas)];
  canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height);
  answers.push(classifier.classify(blobOf(second)), classifier.classify(blobOf(first)));
  const logits = (await Promise.all(answers)).map(({ logits }) => [...logits]);
  classifier.dispose();
  return logits;
}

/** Pictures that cannot be taken. */
const faulty = {
  'a closed ImageBitmap': async () => {
    const bitmap = await createImageBitmap(new ImageData(3, 2));
    bitmap.close();
    return bitmap;
  },
  'a closed VideoFrame': () => {
    const canvas = new OffscreenCanvas(3, 2);
    canvas.getContext('2d');
    const frame = new VideoFrame(canvas, { timestamp: 0 });
    frame.close();
    return frame;
  },
  'an empty canvas': () => new OffscreenCanvas(0, 2),
  'a canvas that was handed on': () => {
    const canvas = new OffscreenCanvas(3, 2);
    new MessageChannel().port1.postMessage(canvas, [canvas]);
    return canvas;
  },
  'an empty element': () => Object.assign(document.createElement('canvas'), { width: 3, height: 0 }),
  'a broken image': () => image(new Blob([new Uint8Array(9)])),
  'an image that is not there': () => Object.assign(new Image(), { src: '/nowhere.png' }),
  'an image without src': () => new Image(),
  'an SVG without a size': () => Object.assign(new Image(), { src: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"/>' }),
  'a video without a frame': () => document.createElement('video'),
  'an image of another origin': (other) => Object.assign(new Image(), { src: other }),
  'a canvas with an image of another origin': async (other) => {
    const foreign = Object.assign(new Image(), { src: other });
    await foreign.decode();
    const canvas = document.createElement('canvas');
    canvas.getContext('2d').drawImage(foreign, 0, 0);
    return canvas;
  },
  'too wide an ImageBitmap': () => createImageBitmap(new ImageData(70_000, 2)),
  'too large a canvas': () => new OffscreenCanvas(13_400, 13_400),
  'an SVG element': () => document.createElementNS('http://www.w3.org/2000/svg', 'image'),
  'a Response': () => new Response(),
  'a context': () => new OffscreenCanvas(1, 1).getContext('2d'),
  'an input': () => document.createElement('input'),
  'a stream': () => new MediaStream(),
};

export async function refused(what, ...args) {
  const picture = await faulty[what](...args);
  return await pixelsOf(picture, {}, 'it').then(
    ({ width, height }) => ({ width, height }),
    (error) => ({ typed: error instanceof InputError, message: error.message }),
  );
}

const numbers = ({ width, height, data }) => [width, height, ...data];
const blobOf = (base64) => new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))]);
const image = (blob, element = new Image()) => Object.assign(element, { src: URL.createObjectURL(blob) });
const frame = () => document.body.appendChild(document.createElement('iframe')).contentWindow;

async function draw(blob, canvas) {
  const bitmap = await createImageBitmap(blob);
  Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
  canvas.getContext('2d').drawImage(bitmap, 0, 0);
  return canvas;
}

async function imageData(blob) {
  const canvas = await draw(blob, new OffscreenCanvas(1, 1));
  return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
}
