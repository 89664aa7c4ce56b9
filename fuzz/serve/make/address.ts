import { text } from '../../../test/support/files/bytes.js';
import type { Draw } from '../../draw.js';
import { host, type Malformed, pictureRequest, type Request, refused } from '../request.js';

/** Addresses, methods, types, tokens and times that are not served. */

const nowhere: Request = { method: 'GET', target: '/', headers: [], body: new Uint8Array() };

const paths = (draw: Draw): Malformed =>
  refused(
    {
      ...nowhere,
      target: draw.pick([
        '/',
        '//',
        '/v3',
        '/v2/../../etc/passwd',
        '/v2/models/../../../etc/passwd',
        '/v2/models/%2e%2e%2fetc%2fpasswd',
        '/v2/models/%00',
        '/v2/models/%zz',
        '/v2/models/default/versions/99',
        '/v2/models/default/versions/-1/ready',
        '/v2/models/__proto__',
        '/v2/models/constructor/ready',
        '/assets/weights/se_resnet20x2_cifar10.safetensors',
        '/v1/classify/more',
        '/metrics/x',
        `/v2/models/${'a'.repeat(draw.whole(257, 3000))}`,
        `/${'a/'.repeat(draw.whole(1, 2000))}`,
        `/v2/${Buffer.from(draw.bytes(draw.whole(1, 20))).toString('hex')}`,
      ]),
    },
    ...[400, 404, 414],
  );

const methods = (draw: Draw): Malformed =>
  refused(
    {
      ...nowhere,
      method: draw.pick(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'LINK', 'POST']),
      target: draw.pick(['/v2', '/v2/health/live', '/v2/models/default', '/openapi.json', '/metrics']),
    },
    404,
  );

const query = (draw: Draw): Malformed =>
  refused(
    pictureRequest(
      text('P'),
      `?${draw.pick([
        'top=0',
        'top=1.5',
        'top=11',
        'top=-1',
        'top=a',
        'top=1&top=2',
        'top=',
        'gates=1',
        'gates=TRUE',
        'gates=',
        'model=x',
        'model=',
        'model=__proto__',
        'modle=default',
        '__proto__=1',
        'path=/etc/passwd',
        `top=${'9'.repeat(draw.whole(20, 400))}`,
        `${'a&'.repeat(draw.whole(1, 1000))}`,
      ])}`,
    ),
    ...[400, 404],
  );

const types = (draw: Draw): Malformed => {
  const request = { ...pictureRequest(text('P')), target: draw.pick(['/v1/classify', '/v2/models/default/infer']) };
  const type = draw.pick([
    'text/html',
    'application/xml',
    'image/gif',
    'image/svg+xml',
    'x',
    ';;',
    'video/mp4; a=b',
    'a/'.repeat(draw.length(500) + 2),
  ]);
  return refused({ ...request, headers: [['Content-Type', type]] }, 415);
};

const encodings = (draw: Draw): Malformed => {
  const request = pictureRequest(text('P'));
  const coded = draw.pick(['gzip', 'br', 'deflate', 'identity, gzip', 'x', 'zstd']);
  return refused({ ...request, headers: [...request.headers, ['Content-Encoding', coded]] }, 415);
};

const times = (draw: Draw): Malformed => {
  const request = pictureRequest(text('P'));
  const time = draw.pick(['0', '-1', '1.5', 'soon', '1e3', '0x10', '9'.repeat(draw.whole(10, 50)), '1 1', '٣'.normalize(), '1;2']);
  return refused({ ...request, headers: [...request.headers, ['timeout', Buffer.from(time).toString('latin1')]] });
};

/** Without the token that the server asks for, or with another. */
const tokens = (draw: Draw): Malformed => {
  const given = draw.pick([
    '',
    'Bearer',
    'Bearer fuz',
    'Bearer fuzzz',
    'bearer FUZZ',
    'Basic fuzz',
    'fuzz',
    `Bearer ${'f'.repeat(draw.length(9000) + 1)}`,
  ]);
  const target = draw.pick(['/v2', '/openapi.json', '/metrics', '/v2/models/default', '/nowhere']);
  const lines = [`GET ${target} HTTP/1.1`, host.join(': '), ...(given === '' ? [] : [`Authorization: ${given}`])];
  return { bytes: text(`${lines.join('\r\n')}\r\n\r\n`), statuses: [401] };
};

export const address: readonly ((draw: Draw) => Malformed)[] = [paths, methods, query, types, encodings, times, tokens];
