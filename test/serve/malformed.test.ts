import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { afterAll, expect, test } from 'vitest';
import { createApp } from '../../serve/src/http/app.js';
import { errorCodes } from '../../serve/src/http/errors.js';
import { cases } from '../support/length.js';
import { fakeHost, options, picture, side } from './fakeHost.js';

/** Requests that are answered, spoilt in one to three places: whatever comes of it, the answer is 200 or a typed 4xx. */
const app = createApp({ host: fakeHost(), options });
afterAll(() => app.close());

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

const values = Array.from({ length: 3 * side * side }, (_, at) => at / 8);
const tensor = { name: 'image', datatype: 'FP32', shape: [1, 3, side, side] };
const url = '/v2/models/fake/versions/1/infer';

function binary(input: object, bytes: Buffer): Sent {
  const json = Buffer.from(
    JSON.stringify({
      id: 'a',
      inputs: [{ ...input, parameters: { binary_data_size: bytes.length } }],
      outputs: [{ name: 'logits', parameters: { binary_data: true, classification: 3 } }],
    }),
  );
  const headers = { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(json.length), timeout: '5000' };
  return { method: 'POST', url, headers, payload: Buffer.concat([json, bytes]) };
}

const elements = Buffer.concat([Buffer.from([3, 0, 0, 0]), picture(1, 2), Buffer.from([2, 0, 0, 0]), picture(7)]);
const json = { 'content-type': 'application/json', 'x-request-id': 'a' };
const nested = [
  Array.from({ length: 3 }, (_, c) => Array.from({ length: side }, (_, h) => values.slice((c * side + h) * side).slice(0, side))),
];
const sound: readonly Sent[] = [
  { method: 'POST', url, headers: json, payload: Buffer.from(JSON.stringify({ id: 'a', inputs: [{ ...tensor, data: values }] })) },
  {
    method: 'POST',
    url,
    headers: json,
    payload: Buffer.from(JSON.stringify({ parameters: {}, inputs: [{ ...tensor, data: nested }], outputs: [] })),
  },
  binary(tensor, Buffer.from(Float32Array.from(values).buffer)),
  binary({ ...tensor, datatype: 'FP16' }, Buffer.alloc(2 * values.length, 0x2e)),
  binary({ name: 'image', datatype: 'UINT8', shape: [1, side, side, 3] }, Buffer.alloc(values.length, 7)),
  binary({ name: 'image', datatype: 'BYTES', shape: [2] }, elements),
  { method: 'POST', url: '/v1/classify?top=2&gates=true&model=fake', headers: { 'content-type': 'image/png' }, payload: picture(1, 2, 3) },
  {
    method: 'POST',
    url: '/v1/classify',
    headers: { 'content-type': 'multipart/form-data; boundary=edge' },
    payload: Buffer.from(
      '--edge\r\nContent-Disposition: form-data; name="f"; filename="a"\r\nContent-Type: image/png\r\n\r\nP12\r\n--edge--\r\n',
    ),
  },
];

type Spoil = (sent: Sent) => Sent;

/** Takes bytes out at a place (a share of the length), and puts others in. */
const splice = (place: number, out: number, put: Uint8Array) => (bytes: Buffer) => {
  const at = Math.floor(place * bytes.length);
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + out)]);
};
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const bytes = fc.uint8Array({ maxLength: 8 });
const spliced = fc.record({ place: share, out: fc.nat(12), put: bytes }).map(({ place, out, put }) => splice(place, out, put));

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0.5,
    1e308,
    2 ** 53,
    '',
    'BYTES',
    'FP16',
    'UINT8',
    [],
    {},
    [[]],
    [null],
    'x'.repeat(300),
    [1e9],
    [2 ** 32, 2 ** 32],
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Puts another value in the place of one that is in the JSON, or another key beside it. */
function replaced(value: unknown, path: readonly number[], other: unknown, key: string | undefined): unknown {
  if (typeof value !== 'object' || value === null || path.length === 0) return other;
  const [first, ...rest] = path as [number, ...number[]];
  const keys = Object.keys(value);
  const at = keys.length === 0 ? '0' : (keys[first % keys.length] as string);
  const inner = replaced((value as Record<string, unknown>)[at], rest, other, key);
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === at ? inner : item));
  return { ...value, [at]: inner, ...(key !== undefined && { [key]: other }) };
}

const inJson: fc.Arbitrary<Spoil> = fc
  .record({
    path: fc.array(fc.nat(50), { minLength: 1, maxLength: 5 }),
    other: odd,
    key: fc.option(fc.constantFrom('__proto__', 'data', 'parameters', 'binary_data_size', 'constructor', 'outputs'), { nil: undefined }),
    fix: fc.boolean(),
  })
  .map(({ path, other, key, fix }) => (sent) => {
    const length = Number(sent.headers['inference-header-content-length'] ?? sent.payload.length);
    let parsed: unknown;
    try {
      parsed = JSON.parse(sent.payload.subarray(0, length).toString());
    } catch {
      return sent;
    }
    const text = Buffer.from(JSON.stringify(replaced(parsed, path, other, key)));
    const headers =
      fix && length !== sent.payload.length ? { ...sent.headers, 'inference-header-content-length': String(text.length) } : sent.headers;
    return { ...sent, headers, payload: Buffer.concat([text, sent.payload.subarray(length)]) };
  });

const word = fc.stringMatching(/^[ -~]{0,20}$/);
const headerNames = [
  'content-type',
  'inference-header-content-length',
  'timeout',
  'content-encoding',
  'accept',
  'x-request-id',
  'authorization',
  'expect',
  'content-length',
];
const inHeaders: fc.Arbitrary<Spoil> = fc
  .record({
    name: fc.constantFrom(...headerNames),
    value: fc.oneof(
      word,
      fc.constantFrom(
        '0',
        '-1',
        '99999999999',
        '1e9',
        'application/json',
        'multipart/form-data; boundary=a',
        'image/png',
        'gzip',
        'text/plain;',
      ),
    ),
  })
  .map(({ name, value }) => (sent) => ({ ...sent, headers: { ...sent.headers, [name]: value } }));

const inUrl: fc.Arbitrary<Spoil> = fc
  .record({ place: share, out: fc.nat(6), put: fc.oneof(word, fc.constantFrom('%', '%zz', '/..', '?', '&top=', '%00', '#', '//')) })
  .map(({ place, out, put }) => (sent) => {
    const text = splice(place, out, Buffer.from(put))(Buffer.from(sent.url)).toString();
    return { ...sent, url: `/${encodeURI(text).replaceAll('%25', '%').replace(/^\/+/, '')}` };
  });

const inBody: fc.Arbitrary<Spoil> = spliced.map((splice) => (sent) => ({ ...sent, payload: splice(sent.payload) }));
const cutShort: fc.Arbitrary<Spoil> = share.map((place) => (sent) => ({
  ...sent,
  payload: sent.payload.subarray(0, Math.floor(place * sent.payload.length)),
}));
const method: fc.Arbitrary<Spoil> = fc
  .constantFrom('GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH')
  .map((method) => (sent) => ({ ...sent, method }));

const spoilt = fc
  .tuple(
    fc.constantFrom(...sound),
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: inJson },
        { weight: 3, arbitrary: inBody },
        { weight: 3, arbitrary: inHeaders },
        { weight: 2, arbitrary: inUrl },
        { weight: 2, arbitrary: cutShort },
        { weight: 1, arbitrary: method },
      ),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([sent, spoils]) => spoils.reduce((before, spoil) => spoil(before), sent));

const send = (sent: Sent) => app.inject(sent as InjectOptions);

test('what is spoilt here is answered while it is sound', async () => {
  for (const sent of sound) expect((await send(sent)).statusCode).toBe(200);
});

test('a malformed request is a typed 4xx', { timeout: 300_000 }, async () => {
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(spoilt, async (sent) => {
      const response = await send(sent);
      const { statusCode: status } = response;
      seen.set(status, (seen.get(status) ?? 0) + 1);
      if (status === 200) return;
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
      const body = response.json();
      expect(Object.keys(body).sort()).toEqual(['code', 'error']);
      expect(body.error).toMatch(/\S/);
      expect(errorCodes).toContain(body.code);
    }),
    { numRuns: cases(5000) },
  );
  for (const status of [200, 400, 404, 413, 415]) expect(seen.get(status)).toBeGreaterThan(0); // else the spoiling is too coarse, or too fine
});
