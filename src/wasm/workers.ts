/** Which workers there are here, and whether there can be any. */

/** What Electron calls its processes that are not pages. */
const withoutPage: readonly unknown[] = ['browser', 'utility'];

/**
 * Whether workers are those of node:worker_threads, as in Node, Deno and Bun, which can let go of them. A global `Worker` tells nothing: Deno and Bun have one,
 * and in Node onnxruntime-web makes one. Nor does any `process`: bundlers put one into pages, and Electron's pages have Node's.
 */
export function hasNodeThreads(): boolean {
  const { process } = globalThis as { readonly process?: { readonly versions?: Partial<Record<string, string>>; readonly type?: unknown } };
  const real = Object.prototype.toString.call(process) === '[object process]'; // a bundler's is a plain object
  if (!real || process?.versions?.node === undefined) return false;
  return process.versions.electron === undefined || withoutPage.includes(process.type);
}

// (module (memory 1 1 shared))
const sharedProbe = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x05, 0x04, 0x01, 0x03, 0x01, 0x01];

/** Why there is one thread here whatever is asked for; undefined if there can be more. */
export function whyOneThread(): string | undefined {
  if (globalThis.crossOriginIsolated === false)
    return 'the page is not cross-origin isolated; serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';
  if (typeof SharedArrayBuffer === 'undefined') return 'this engine has no SharedArrayBuffer';
  if (!WebAssembly.validate(Uint8Array.from(sharedProbe))) return 'this engine has no WebAssembly threads';
  if (!hasNodeThreads() && typeof Worker === 'undefined') return 'there are no workers here';
  return undefined;
}
