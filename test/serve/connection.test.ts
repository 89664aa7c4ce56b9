import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { refuseConnection } from '../../serve/src/http/connection.js';

/** What is written for an error of Node's parser or timers. */
function answered(code: string): string {
  const socket = Object.assign(new PassThrough(), { destroySoon: () => socket.end() });
  refuseConnection(Object.assign(new Error('of Node'), { code }), socket as unknown as Parameters<typeof refuseConnection>[1]);
  return String(socket.read() ?? '');
}

test.each([
  ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'Request Timeout', 'timeout'],
  ['HPE_HEADER_OVERFLOW', 431, 'Request Header Fields Too Large', 'headers'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413, 'Payload Too Large', 'too-large'],
  ['HPE_INVALID_METHOD', 400, 'Bad Request', 'invalid'],
])('%s is %i', (error, status, phrase, code) => {
  const [head, body] = answered(error).split('\r\n\r\n') as [string, string];
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} ${phrase}\r\n`));
  expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
  expect(JSON.parse(body)).toEqual({ error: expect.stringMatching(/\S/), code });
});

test('a connection that was reset is not written to', () => {
  expect(answered('ECONNRESET')).toBe('');
});
