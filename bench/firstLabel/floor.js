/** What no engine saves: the same files fetched, the picture decoded and made small by the browser. Nothing says what is on it. */
const fetched = async (path) => (await fetch(path)).arrayBuffer();
const bitmapOf = async (picture) => createImageBitmap(new Blob([await picture]), { colorSpaceConversion: 'none' });

async function main() {
  const [, bitmap] = await Promise.all([fetched('weights'), bitmapOf(fetched('picture'))]);
  const context = new OffscreenCanvas(32, 32).getContext('2d');
  context.drawImage(bitmap, 0, 0, 32, 32);
  context.getImageData(0, 0, 32, 32);
  globalThis.answer = { ms: performance.now() };
}

main();
