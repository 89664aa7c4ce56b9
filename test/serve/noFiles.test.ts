import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { Connection } from '../../fuzz/serve/connection.js';

const bin = fileURLToPath(new URL('../../serve/dist/server.js', import.meta.url));
const preload = new URL('recordOpens.mjs', import.meta.url).href;
const weights = fileURLToPath(new URL('../../assets/weights/se_resnet20x2_cifar10.safetensors', import.meta.url));
const server = spawn(process.execPath, ['--import', preload, bin, '--port', '0', '--workers', '1', '--weights', weights], {
  stdio: ['ignore', 'pipe', 'pipe'],
});
afterAll(() => {
  server.kill('SIGKILL');
});

/** A file that nothing of the server has to do with. */
const secret = fileURLToPath(new URL('../../CITATION.cff', import.meta.url));

test('no path in a request opens a file', async () => {
  let opened: string[] = [];
  createInterface(server.stderr).on('line', (line) => {
    if (line.startsWith('OPENED ')) opened.push(line);
  });
  const [line] = await once(createInterface(server.stdout), 'line');
  const port = Number(new URL(/http:\S+$/.exec(line)?.[0] as string).port);
  expect(opened.some((line) => line.endsWith(` ${weights}`))).toBe(true); // so the server's own files are seen

  const picture = await readFile(new URL('../../assets/images/moose.webp', import.meta.url));
  const post = (target: string, body: Buffer, type: string, ...headers: readonly string[]): Buffer => {
    const lines = [`POST ${target} HTTP/1.1`, 'Host: a', `Content-Type: ${type}`, `Content-Length: ${body.length}`, ...headers];
    return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
  };
  const form = (name: string, file: string): Buffer =>
    Buffer.concat([
      Buffer.from(`--edge\r\nContent-Disposition: form-data; name="${name}"; filename="${file}"\r\nContent-Type: image/webp\r\n\r\n`),
      picture,
      Buffer.from('\r\n--edge--\r\n'),
    ]);
  const json = (more: object): Buffer =>
    Buffer.from(JSON.stringify({ inputs: [{ name: 'image', datatype: 'BYTES', shape: [1], data: [secret], ...more }] }));
  const get = (target: string): Buffer => Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const requests = [
    post('/v1/classify', picture, 'image/webp'), // what is loaded late is loaded by this one
    post('/v1/classify?gates=true', picture, 'image/webp'),
    ...[
      secret,
      `file://${secret}`,
      '/../../../../etc/passwd',
      `/v2/models/${encodeURIComponent(secret)}`,
      `/v2/models/..%2f..%2fCITATION.cff/ready`,
    ].map(get),
    post(`/v1/classify?model=${encodeURIComponent(secret)}`, picture, 'image/webp'),
    post(`/v1/classify?weights=${secret}`, picture, 'image/webp'),
    post('/v1/classify', Buffer.from(secret), 'application/octet-stream'),
    post('/v1/classify', Buffer.from(`file://${secret}`), 'image/png'),
    post('/v1/classify', form(secret, secret), 'multipart/form-data; boundary=edge'),
    post('/v1/classify', picture, 'image/webp', `x-request-id: ${secret}`, `Referer: file://${secret}`, `X-Sendfile: ${secret}`),
    post('/v2/models/se_resnet20x2_cifar10/infer', json({}), 'application/json'),
    post('/v2/models/se_resnet20x2_cifar10/infer', json({ parameters: { shared_memory_region: secret } }), 'application/json'),
    post('/v2/models/se_resnet20x2_cifar10/infer', json({ name: secret }), 'application/json'),
    get('/v2'), // what was said of those before has arrived
  ];
  for (const [i, request] of requests.entries()) {
    const connection = new Connection(port);
    connection.send(request);
    const { status } = await connection.answer(30_000);
    connection.destroy();
    expect(status).toBeLessThan(500);
    if (i === 1) opened = [];
  }
  expect(opened).toEqual([]);
});
