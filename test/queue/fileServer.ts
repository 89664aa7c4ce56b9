import { open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface FileServer {
  readonly address: string;
  /** Ranges that were asked for. */
  readonly ranges: readonly string[];
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback that answers as it is told. */
export async function serveAnswers(answer: Answer): Promise<FileServer> {
  const ranges: string[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ranges,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The files below a folder, by ranges. */
export const serveFolder = (folder: string): Promise<FileServer> =>
  serveAnswers((request, response) => {
    sendRange(join(folder, decodeURIComponent(request.url ?? '/')), request.headers.range ?? '', response).catch(() =>
      response.writeHead(404).end(),
    );
  });

async function sendRange(path: string, range: string, response: ServerResponse): Promise<void> {
  const handle = await open(path);
  const { size } = await handle.stat();
  const [, from = 0, to = size - 1] = (/^bytes=(\d+)-(\d+)$/.exec(range) ?? []).map(Number);
  const bytes = Buffer.alloc(to - from + 1);
  await handle.read(bytes, 0, bytes.length, from).finally(() => handle.close());
  response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${size}`, 'content-length': bytes.length }).end(bytes);
}
