import { createServer } from 'node:net';

/** Debian's redis-server on loopback, with an append-only file in a folder. */
export const redisArguments = (port, folder) => [
  '--port',
  String(port),
  '--bind',
  '127.0.0.1',
  '--appendonly',
  'yes',
  '--save',
  '',
  '--dir',
  folder,
];

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
