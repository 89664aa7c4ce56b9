import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';

export interface Served {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** The URL of every request, in order, whoever made it. */
  readonly requests: readonly string[];
  close(): void;
}

/** Serves a folder on loopback, on a free port. */
export async function serve(folder: string): Promise<Served> {
  const files = sirv(folder, { dev: true });
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`http://${request.headers.host}${request.url}`);
    files(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, close };
}
