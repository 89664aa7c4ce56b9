import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export interface LoopbackServer {
  readonly origin: string;
  /** The headers of every request so far. */
  readonly requests: readonly IncomingMessage[];
}

/** A server on loopback that answers as `handle` does, until the test ends. */
export async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<LoopbackServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Sends a file as a good server does: with its length and validator, and from the byte that is asked for if that is of the same file. */
export function sendFile(request: IncomingMessage, response: ServerResponse, file: Uint8Array, etag: string | null = '"v1"'): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const same = [undefined, etag].includes(request.headers['if-range'] as string | undefined);
  const headers = { ...(etag !== null && { etag }), 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes' };
  if (from === 0 || !same) {
    response.writeHead(200, { ...headers, 'content-length': file.length });
    response.write(file);
  } else if (from >= file.length) response.writeHead(416, { ...headers, 'content-range': `bytes */${file.length}` });
  else {
    const range = `bytes ${from}-${file.length - 1}/${file.length}`;
    response.writeHead(206, { ...headers, 'content-length': file.length - from, 'content-range': range });
    response.write(file.subarray(from));
  }
  response.end();
}

/** Announces all of the file from `from` on, sends `count` bytes of it, and hangs up. */
export function breakOff(
  request: IncomingMessage,
  response: ServerResponse,
  file: Uint8Array,
  count: number,
  etag: string | null = '"v1"',
  arrived: () => Promise<unknown> = () => setTimeout(100),
): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const range = from > 0 && { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` };
  response.writeHead(from > 0 ? 206 : 200, { ...(etag !== null && { etag }), 'content-length': file.length - from, ...range });
  response.write(file.subarray(from, from + count), () => void arrived().then(() => response.destroy())); // the bytes first, then the end
}
