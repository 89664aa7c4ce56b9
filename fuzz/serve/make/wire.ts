import { concatBytes, text } from '../../../test/support/files/bytes.js';
import type { Draw } from '../../draw.js';
import { authorization, bytesOf, host, type Malformed, pictureRequest, type Request, refused, withLength } from '../request.js';

/** What is not HTTP, or HTTP that is not answered: lines, headers, lengths, chunks. */

const lines = (...all: readonly string[]): Uint8Array => Buffer.from(`${all.join('\r\n')}\r\n\r\n`, 'latin1');
const headers = [host, authorization].map(([name, value]) => `${name}: ${value}`);
const last = (bytes: Uint8Array, ...statuses: readonly number[]): Malformed => ({ bytes, statuses, last: true });

/** A first line that is none. */
const firstLine = (draw: Draw): Malformed =>
  last(
    lines(
      draw.pick([
        `${draw.pick(['BREW', 'get', 'P OST', '', 'GE\0T', 'X'.repeat(draw.length(2000) + 5)])} /v2 HTTP/1.1`,
        `GET /v2 ${draw.pick(['HTTP/1.2', 'HTTP/9.9', 'HTTQ/1.1', 'HTTP/1', 'http/1.1', 'HTTP/11', 'FTP'])}`,
        `GET ${draw.pick(['/v2 /v2', '/v\t2', '', '/\0', '/v2\r'])} HTTP/1.1`,
      ]),
      ...headers,
    ),
    400,
  );

const headerLine = (draw: Draw): Malformed =>
  last(
    lines(
      'GET /v2 HTTP/1.1',
      ...headers,
      draw.pick(['x\0y: a', 'x y: a', ': a', 'x: a\0b', 'x : a', 'x', 'x: \u0001', '(x): a', 'x:\u007f', 'é: a', `x: a\rb`]),
    ),
    400,
  );

const noHost = (): Malformed => last(lines('GET /v2 HTTP/1.1', headers[1] as string), 400);

const longHeaders = (draw: Draw): Malformed =>
  last(
    lines(
      'GET /v2 HTTP/1.1',
      ...headers,
      ...(draw.once(2)
        ? [`x: ${'y'.repeat(draw.whole(17_000, 60_000))}`]
        : Array.from({ length: draw.whole(3500, 5000) }, (_, i) => `x-${i}: y`)),
    ),
    431,
  );

const length = (draw: Draw): Malformed =>
  last(
    withLength(pictureRequest(text('P')), draw.pick(['-1', '+1', '1e0', '0x1', '1, 1', '1 1', 'x', '', '9'.repeat(draw.whole(20, 40))])),
    400,
  );

const longBody = (draw: Draw): Malformed => last(withLength(pictureRequest(text('P')), String(draw.whole(33_554_433, 2 ** 40))), 413);

const twoLengths = (draw: Draw): Malformed =>
  last(
    lines(
      'POST /v1/classify HTTP/1.1',
      ...headers,
      'Content-Type: image/png',
      `Content-Length: ${draw.whole(0, 9)}`,
      draw.pick([`Content-Length: ${draw.whole(10, 99)}`, 'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip']),
    ),
    400,
  );

const encoding = (draw: Draw): Malformed =>
  last(
    lines(
      'POST /v1/classify HTTP/1.1',
      ...headers,
      'Content-Type: image/png',
      `Transfer-Encoding: ${draw.pick(['gzip', 'chunked, gzip', 'chunked; q=1', 'identity', 'xchunked', ''])}`,
    ),
    400,
  );

/** A body in chunks, of which one is wrong. */
function chunks(draw: Draw): Malformed {
  const head = lines('POST /v1/classify HTTP/1.1', ...headers, 'Content-Type: image/png', 'Transfer-Encoding: chunked');
  const kind = draw.whole(0, 3);
  if (kind === 0) return last(concatBytes([head, lines(draw.pick(['zz', '-1', 'F'.repeat(17), '1 1', '', '0x1', '1g']))]), 400);
  if (kind === 1) return last(concatBytes([head, text(`3\r\nabcd\r\n0\r\n\r\n`)]), 400);
  if (kind === 2) return last(concatBytes([head, text(`1;${'x'.repeat(draw.whole(17_000, 40_000))}\r\na\r\n0\r\n\r\n`)]), 413);
  return last(concatBytes([head, text('1\r\na\r\n0\r\n'), lines(`x: ${'y'.repeat(draw.whole(17_000, 40_000))}`)]), 400, 431);
}

/** Fewer bytes than are promised, and then none. */
const cutShort =
  (good: (draw: Draw) => Request) =>
  (draw: Draw): Malformed => {
    const whole = bytesOf(good(draw));
    return { bytes: whole.subarray(0, draw.whole(1, whole.length - 1)), statuses: [400], last: true, finish: true };
  };

/** More bytes than are promised: a cut picture, and a request that is none. */
const overlong =
  (good: (draw: Draw) => Request) =>
  (draw: Draw): Malformed => {
    const request = good(draw);
    return last(withLength(request, String(draw.whole(1, Math.floor(request.body.length / 2)))), 400);
  };

const noise = (draw: Draw): Malformed => ({
  bytes: concatBytes([draw.pick([text('\u0016\u0003\u0001'), text('\0'), text('hello'), text('{')]), draw.bytes(draw.length(3000))]),
  statuses: [400],
  last: true,
  finish: true,
});

const expectation = (draw: Draw): Malformed => {
  const request = pictureRequest(text('P'));
  const headers = [...request.headers, ['Expect', draw.pick(['200-ok', '100', 'x', 'more'])] as const];
  return { ...refused({ ...request, headers }, 417), last: true };
};

const tunnel = (draw: Draw): Malformed => last(lines(`CONNECT ${draw.pick(['a:1', '127.0.0.1:22', '/v2'])} HTTP/1.1`, ...headers), 400);

/** @param good requests that are sound */
export const wire = (good: (draw: Draw) => Request): readonly ((draw: Draw) => Malformed)[] => [
  ...[firstLine, headerLine, noHost, longHeaders, length, longBody, twoLengths, encoding, chunks, noise, expectation, tunnel],
  cutShort(good),
  overlong(good),
];
