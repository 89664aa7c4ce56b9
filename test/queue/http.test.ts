import { afterEach, describe, expect, test } from 'vitest';
import { addressBelow, fetchBytes } from '../../serve/src/queue/http.js';
import { type FileServer, serveAnswers } from './fileServer.js';

/** More than two of the pieces of 8 MiB that are asked for at a time. */
const content = Uint8Array.from({ length: 17 * 2 ** 20 }, (_, i) => (i * 31) >> 3);

let server: FileServer;
afterEach(() => server.close());

/** Bytes [from, to] of the content, as a server sends them that cuts what it is told to. */
const asked = (range = ''): readonly [number, number] => /^bytes=(\d+)-(\d+)$/.exec(range)?.slice(1).map(Number) as [number, number];

describe('a file by ranges', () => {
  test('comes whole, piece by piece', async () => {
    server = await serveAnswers(({ headers }, response) => {
      const [from, to] = asked(headers.range);
      response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${content.length}` }).end(content.subarray(from, to + 1));
    });
    expect(Buffer.compare(await fetchBytes(server.address, content.length), content)).toBe(0);
    expect(server.ranges).toEqual(['bytes=0-8388607', 'bytes=8388608-16777215', `bytes=16777216-${content.length - 1}`]);
  });

  test('comes whole from a server that knows no ranges', async () => {
    server = await serveAnswers((_, response) => void response.end(content));
    expect(Buffer.compare(await fetchBytes(server.address, content.length), content)).toBe(0);
    expect(server.ranges).toHaveLength(1);
  });

  test('comes whole over connections that are cut and a server that is busy: each piece is asked for again', async () => {
    let requests = 0;
    server = await serveAnswers(({ headers }, response) => {
      requests++;
      const [from, to] = asked(headers.range);
      if (requests % 3 === 1) return void response.writeHead(503).end();
      response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${content.length}`, 'content-length': to - from + 1 });
      if (requests % 3 === 0) return void response.end(content.subarray(from, to + 1));
      response.write(content.subarray(from, from + 1000), () => response.destroy());
    });
    expect(Buffer.compare(await fetchBytes(server.address, content.length), content)).toBe(0);
    expect(requests).toBe(9);
  });

  test.each([
    ['that is not there', 404, {}, /expected bytes 0-9 of 10, found status 404/],
    ['of another size', 206, { 'content-range': 'bytes 0-9/11' }, /expected bytes 0-9 of 10, found bytes 0-9\/11/],
    ['of which another range comes', 206, { 'content-range': 'bytes 1-10/10' }, /found bytes 1-10\/10/],
    ['that is longer than it says', 206, { 'content-range': 'bytes 0-9/10' }, /expected 10 bytes, found more/],
    ['that is elsewhere', 302, { location: 'http://127.0.0.1:1/' }, /cannot be read/],
  ] as const)('%s is refused', async (_, status, headers, message) => {
    server = await serveAnswers((_, response) => void response.writeHead(status, headers).end('eleven byte'));
    await expect(fetchBytes(server.address, 10)).rejects.toMatchObject({ name: 'InputError', message: expect.stringMatching(message) });
  });

  test('from a server that is never well is given up', async () => {
    server = await serveAnswers((_, response) => void response.writeHead(500).end());
    await expect(fetchBytes(server.address, 10)).rejects.toThrow('cannot be read (status 500)');
    expect(server.ranges).toHaveLength(4);
  });
});

test('an address below another leads nowhere else', async () => {
  server = await serveAnswers((_, response) => void response.end());
  expect(addressBelow('http://a/b/', 'class 1/ü?#.png')).toBe('http://a/b/class%201/%C3%BC%3F%23.png');
  for (const path of ['../c', 'x/../../c', '/c', './c', '', 'x//c'])
    expect(() => addressBelow('http://a/b', path)).toThrow('expected an image below');
});
