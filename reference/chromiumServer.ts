import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { UnsupportedError } from '../src/errors.js';

/** What our modules and their dependencies import by name, where browsers would find it. */
const imports = {
  '@jsquash/jpeg/': '/node_modules/@jsquash/jpeg/',
  '@jsquash/webp/': '/node_modules/@jsquash/webp/',
  'fastest-levenshtein': '/node_modules/fastest-levenshtein/esm/mod.js',
  fflate: '/node_modules/fflate/esm/browser.js',
  pako: '/node_modules/pako/dist/pako.mjs',
};

/** A page without content, to which scripts may be added. */
export const blank = `<!doctype html><meta charset="utf-8"><title>senet</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>`;

export interface ServeOptions {
  /** Whether pages are cross-origin isolated, and so have SharedArrayBuffer. @defaultValue true */
  readonly isolated?: boolean;
}

/**
 * Serves the package's root on loopback, on a free port, with a blank page at `/`.
 *
 * @param more what else is answered, by path
 * @throws UnsupportedError where sirv is missing
 */
export async function serveRoot(
  more: Readonly<Record<string, RequestListener>> = {},
  { isolated = true }: ServeOptions = {},
): Promise<{ readonly origin: string; close(): void }> {
  const root = dirname(createRequire(import.meta.url).resolve('senet/package.json')); // from the build and from the source alike
  const { default: sirv } = await needBrowserPackage(import('sirv'));
  const files = sirv(root, { dev: true }); // reads each file when asked, so a rebuilt dist/ is seen
  const answer: RequestListener = (request, response) => {
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    const own = more[request.url ?? ''];
    if (own !== undefined) own(request, response);
    else if (request.url === '/') response.setHeader('Content-Type', 'text/html').end(blank);
    else if (/\/(\.|%2e)/i.test(request.url ?? '')) response.writeHead(404).end();
    else files(request, response);
  };
  const server = createServer(answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${port}`, close };
}

/** @throws UnsupportedError that says what to install */
export async function needBrowserPackage<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (cause) {
    throw new UnsupportedError(`Chromium is driven by playwright-core and sirv: npm install -D playwright-core sirv (${String(cause)})`, {
      cause,
    });
  }
}
