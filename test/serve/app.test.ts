import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../serve/src/http/app.js';
import { RefusedError } from '../../serve/src/models/model.js';
import { fakeHost, options, picture } from './fakeHost.js';

let host: ReturnType<typeof fakeHost>;
let app: ReturnType<typeof createApp>;
beforeEach(() => {
  host = fakeHost();
  app = createApp({ host, options });
});
afterEach(() => app.close());

const classify = (headers: Readonly<Record<string, string>> = {}, on = app) =>
  on.inject({ method: 'POST', url: '/v1/classify', headers: { 'content-type': 'image/png', ...headers }, payload: picture(1, 2) });

describe('refusals', () => {
  test.each([
    ['full', 429],
    ['deadline', 503],
    ['stopping', 503],
    ['unavailable', 503],
  ] as const)('%s is %i, and when to ask again is said in whole seconds', async (reason, status) => {
    host.before = async () => {
      throw new RefusedError(reason, 'not now', 1.5);
    };
    const response = await classify();
    expect([response.statusCode, response.json(), response.headers['retry-after']]).toEqual([
      status,
      { error: 'not now', code: reason },
      '2',
    ]);
  });

  test('a fault of the server is 500 and tells nothing of it', async () => {
    host.before = async () => {
      throw new TypeError('secret');
    };
    const response = await classify();
    expect([response.statusCode, response.json()]).toEqual([500, { error: 'the server failed to answer', code: 'internal' }]);
  });
});

describe('deadlines', () => {
  test('are those of the timeout header, at most those of the server', async () => {
    for (const [header, ms] of [
      ['250', 250],
      ['99999999', options.timeout],
      [undefined, options.timeout],
    ] as const) {
      const before = performance.now();
      await classify(header === undefined ? {} : { timeout: header });
      const deadline = host.asked.at(-1)?.deadline as number;
      expect(deadline).toBeGreaterThanOrEqual(before + ms);
      expect(deadline).toBeLessThanOrEqual(performance.now() + ms);
    }
  });

  test('that are over are 503', async () => {
    host.before = () => sleep(20);
    const response = await classify({ timeout: '1' });
    expect([response.statusCode, response.json().code]).toEqual([503, 'deadline']);
  });

  test.each(['0', '-1', '1.5', 'soon', ''])('a timeout of %o is refused', async (timeout) => {
    expect((await classify({ timeout })).json().error).toMatch(/timeout header is a whole number of milliseconds from 1/);
  });
});

describe('the token', () => {
  beforeEach(() => {
    app = createApp({ host, options: { ...options, token: 'open.sesame' } });
  });

  test.each([undefined, 'open.sesame', 'Bearer', 'Bearer open', 'Bearer open.sesame2', 'Basic open.sesame'])(
    '%o is refused',
    async (authorization) => {
      const response = await classify(authorization === undefined ? {} : { authorization });
      expect([response.statusCode, response.json().code, response.headers['www-authenticate']]).toEqual([401, 'unauthorised', 'Bearer']);
      expect(host.asked).toEqual([]);
    },
  );

  test('lets in, and is not asked for by probes alone', async () => {
    expect((await classify({ authorization: 'Bearer open.sesame' })).statusCode).toBe(200);
    expect((await app.inject('/v2/health/live')).statusCode).toBe(200);
    expect((await app.inject('/v2/health/ready')).statusCode).toBe(200);
    for (const path of ['/v2', '/openapi.json', '/nowhere']) expect((await app.inject(path)).statusCode).toBe(401);
  });
});

describe('request ids', () => {
  test('are the client’s where they are short words, else random', async () => {
    const id = async (given: string) => (await classify({ 'x-request-id': given })).headers['x-request-id'];
    expect(await id('trace-1:2.3_4')).toBe('trace-1:2.3_4');
    for (const given of ['two words', 'x'.repeat(129), '{"a":1}'])
      expect(await id(given)).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  });

  test('are in the log, pictures and queries are not', async () => {
    const lines: string[] = [];
    const { pino } = await import('pino');
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const logged = createApp({ host, options, log });
    await logged.inject({
      method: 'POST',
      url: '/v1/classify?top=1&secret=7',
      headers: { 'content-type': 'image/png', 'x-request-id': 'mine' },
      payload: Buffer.from('PICTURE'),
    });
    await logged.inject({ method: 'POST', url: '/v2/models/fake/infer', headers: { 'x-request-id': 'mine' }, payload: 'PICTURE' });
    await logged.close();
    const text = lines.join('');
    expect(lines.filter((line) => JSON.parse(line).reqId === 'mine')).toHaveLength(2);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ method: 'POST', route: '/v1/classify', status: 400 });
    expect(text).not.toMatch(/PICTURE|secret/);
  });
});

test('metrics are told of each answer by its route and model, and read at /metrics', async () => {
  const seen: unknown[] = [];
  const metrics = {
    contentType: 'text/plain; version=0.0.4',
    text: async () => 'up 1\n',
    responded: (...all: unknown[]) => void seen.push(all),
  };
  const counted = createApp({ host, options, metrics });
  expect((await counted.inject('/metrics')).payload).toBe('up 1\n');
  await classify({}, counted);
  await counted.inject('/what/ever');
  await counted.inject('/v2/models/fake/versions/1/ready');
  await counted.inject({ method: 'POST', url: '/v2/models/fake/infer', headers: { 'content-length': '99999999' } });
  await counted.inject('/v2/models/made-up');
  await counted.inject({ method: 'POST', url: '/v1/classify?model=made-up' });
  await counted.inject({ method: 'POST', url: '/v1/classify?model=fake' });
  await counted.close();
  expect(seen).toEqual([
    [{ method: 'GET', route: '/metrics', status: 200, model: '' }, expect.any(Number)],
    [{ method: 'POST', route: '/v1/classify', status: 200, model: 'fake' }, expect.any(Number)],
    [{ method: 'GET', route: 'none', status: 404, model: '' }, expect.any(Number)],
    [{ method: 'GET', route: '/v2/models/:name/versions/:version/ready', status: 200, model: 'fake' }, expect.any(Number)],
    [{ method: 'POST', route: '/v2/models/:name/infer', status: 413, model: 'fake' }, expect.any(Number)],
    [{ method: 'GET', route: '/v2/models/:name', status: 404, model: '' }, expect.any(Number)],
    [{ method: 'POST', route: '/v1/classify', status: 404, model: '' }, expect.any(Number)],
    [{ method: 'POST', route: '/v1/classify', status: 415, model: 'fake' }, expect.any(Number)],
  ]);
  expect((await app.inject('/metrics')).statusCode).toBe(404);
});

describe('on a socket', () => {
  let port: number;
  beforeEach(async () => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    port = (app.server.address() as AddressInfo).port;
  });

  /** What is answered to these bytes. */
  async function raw(...bytes: readonly (string | Buffer)[]): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', () => {});
    for (const piece of bytes) socket.write(piece);
    await once(socket, 'close');
    return text;
  }

  const end = 'Connection: close\r\n\r\n';

  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400, 'invalid'],
    ['no host', `GET /v2 HTTP/1.1\r\n${end}`, 400, 'invalid'],
    ['long headers', `GET /v2 HTTP/1.1\r\nHost: a\r\nx: ${'y'.repeat(20_000)}\r\n${end}`, 431, 'headers'],
    ['an address that is none', `GET /v2/%zz HTTP/1.1\r\nHost: a\r\n${end}`, 400, 'invalid'],
    ['a long name', `GET /v2/models/${'a'.repeat(300)} HTTP/1.1\r\nHost: a\r\n${end}`, 414, 'invalid'],
    ['another expectation', `POST /v1/classify HTTP/1.1\r\nHost: a\r\nExpect: more\r\nContent-Length: 1\r\n${end}`, 417, 'headers'],
    ['a tunnel', `CONNECT a:1 HTTP/1.1\r\nHost: a\r\n${end}`, 400, 'invalid'],
    ['a length that is none', `POST /v1/classify HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n${end}`, 400, 'invalid'],
    ['two lengths', `POST /v1/classify HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n${end}`, 400, 'invalid'],
    [
      'a chunk that is none',
      `POST /v1/classify HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n${end}zz\r\n`,
      400,
      'invalid',
    ],
    [
      'a long body',
      `POST /v1/classify HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: 99999999\r\n${end}`,
      413,
      'too-large',
    ],
    [
      'a body that is packed',
      `POST /v1/classify HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n${end}x`,
      415,
      'media-type',
    ],
  ])('%s is answered as all errors are', async (_, bytes, status, code) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual({ error: expect.any(String), code });
  });

  test('a chunked body over the limit is 413', async () => {
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    const answer = await raw(
      `POST /v1/classify HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n${end}`,
      chunk,
      chunk,
      chunk,
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 [\s\S]*"code":"too-large"/);
  });

  test('each of many clients has the answer to its own picture, whoever goes away meanwhile', async () => {
    host.before = () => sleep(Math.random() * 20);
    const ask = async (n: number) => {
      const controller = new AbortController();
      const request = fetch(`http://127.0.0.1:${port}/v1/classify?top=1`, {
        method: 'POST',
        headers: { 'content-type': 'image/png', 'x-request-id': `client-${n}` },
        body: new Uint8Array(picture(...Array.from({ length: 5 }, (_, k) => (k === n % 5 ? 100 + n : 0)))),
        signal: controller.signal,
      });
      if (n % 3 === 0) setTimeout(() => controller.abort(), 10);
      const response = await request;
      const body = (await response.json()) as { readonly top: readonly [{ readonly index: number }] };
      return [response.headers.get('x-request-id'), body.top[0].index];
    };
    const answers = await Promise.allSettled(Array.from({ length: 150 }, (_, n) => ask(n)));
    for (const [n, answer] of answers.entries())
      if (answer.status === 'fulfilled') expect(answer.value).toEqual([`client-${n}`, n % 5]);
      else expect(n % 3).toBe(0);
  });

  test('a client that goes away aborts its request', async () => {
    let go: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      host.before = () => {
        resolve();
        return new Promise((then) => {
          go = then;
        });
      };
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /v1/classify HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: 2\r\n\r\nP1');
    await asked;
    const { signal } = host.asked[0] as { signal: AbortSignal };
    expect(signal.aborted).toBe(false);
    socket.destroy();
    await once(signal, 'abort');
    go();
    host.before = async () => {};
    expect((await fetch(`http://127.0.0.1:${port}/v2/health/live`)).status).toBe(200);
  });

  test('what bodies hold together is bounded, and free again when they end', async () => {
    const head = `POST /v1/classify HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: ${options.bodyLimit}\r\n\r\n`;
    const slow = Array.from({ length: 8 }, () => connect(port, '127.0.0.1'));
    for (const socket of slow) socket.write(head);
    const small = () =>
      fetch(`http://127.0.0.1:${port}/v1/classify`, {
        method: 'POST',
        headers: { 'content-type': 'image/png' },
        body: new Uint8Array(picture(1)),
      });
    let response = await small();
    while (response.status === 200) response = await small(); // until the eight have arrived
    expect([response.status, response.headers.get('retry-after'), ((await response.json()) as { code: string }).code]).toEqual([
      429,
      '1',
      'full',
    ]);
    for (const socket of slow) socket.destroy();
    while (response.status === 429) response = await small();
    expect(response.status).toBe(200);
  });

  test('close answers what was accepted, refuses what comes, and drains the host', async () => {
    let go: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      host.before = () => {
        resolve();
        return new Promise((then) => {
          go = then;
        });
      };
    });
    host.drain = async (ms) => {
      host.drained = ms;
      await first;
    };
    const post = () =>
      fetch(`http://127.0.0.1:${port}/v1/classify`, {
        method: 'POST',
        headers: { 'content-type': 'image/png' },
        body: new Uint8Array(picture(3)),
      });
    const first = post();
    await asked;
    const closed = app.close();
    while (host.drained === undefined) await sleep(1);
    const late = await post();
    expect([late.status, ((await late.json()) as { code: string }).code]).toEqual([503, 'stopping']);
    expect((await fetch(`http://127.0.0.1:${port}/v2/health/ready`)).status).toBe(503);
    go();
    expect((await first).status).toBe(200);
    await closed;
    expect(host.drained).toBe(options.drain);
  });
});
