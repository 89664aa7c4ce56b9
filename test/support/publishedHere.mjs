// Loaded before the command (node --import): the package names other addresses and other SHA-256s of published files than those at hand, which nobody could test with.
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/** Texts of the built package and what is to stand in their place. */
const instead = Object.entries(JSON.parse(process.env.SENET_TEST_PUBLISHED ?? '{}'));

if (isMainThread) register(import.meta.url);

export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (!url.includes('/dist/node/') || loaded.source === undefined) return loaded;
  const source = instead.reduce((text, [from, to]) => text.replaceAll(from, to), new TextDecoder().decode(loaded.source));
  return { ...loaded, source };
}
