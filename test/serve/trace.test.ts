import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createApp } from '../../serve/src/http/app.js';
import { traceOf } from '../../serve/src/http/trace.js';
import { fakeHost, options, picture, side } from './fakeHost.js';

const trace = '0af7651916cd43dd8448eb211c80319c';
const parent = 'b7ad6b7169203331';

test('a trace is gone on with as traceparent says', () => {
  expect(traceOf(`00-${trace}-${parent}-01`)).toEqual({ trace, parent, span: expect.stringMatching(/^[\da-f]{16}$/), flags: '01' });
  expect(traceOf(`cc-${trace}-${parent}-01-what.comes`)).toMatchObject({ trace, parent });
});

test.each([
  undefined,
  '',
  `00-${trace}-${parent}`,
  `00-${trace}-${parent}-01-more`,
  `ff-${trace}-${parent}-01`,
  `00-${'0'.repeat(32)}-${parent}-01`,
  `00-${trace}-${'0'.repeat(16)}-01`,
  `00-${trace.toUpperCase()}-${parent}-01`,
  `00-${trace}-${parent}-01\n`,
])('%o begins a new one', (given) => {
  const [one, other] = [traceOf(given), traceOf(given)];
  expect(one).toEqual({ trace: expect.stringMatching(/^[\da-f]{32}$/), span: expect.stringMatching(/^[\da-f]{16}$/), flags: '00' });
  expect(one.trace).not.toBe(trace);
  expect(other.trace).not.toBe(one.trace);
});

const tensor = { name: 'image', datatype: 'FP32', shape: [2, 3, side, side], data: Array.from({ length: 6 * side * side }, () => 1) };

test.each([
  ['/v1/classify', picture(1), 'image/png'],
  ['/v2/models/fake/infer', JSON.stringify({ inputs: [tensor] }), 'application/json'],
] as const)('%s: the log and the answer have the same spans, under the trace and the id of the request', async (url, payload, type) => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const app = createApp({ host: fakeHost(), options, log });
  const headers = { 'content-type': type, 'x-request-id': 'mine', traceparent: `00-${trace}-${parent}-01` };
  const response = await app.inject({ method: 'POST', url, payload, headers });
  await app.close();
  const [line] = lines as [{ readonly span: string; readonly spans: Record<string, number> }];
  expect(line).toMatchObject({ reqId: 'mine', trace, parent, status: 200, images: 4, worker: 5 });
  expect(line.spans).toEqual({ read: expect.any(Number), wait: 1.3, prepare: 2, run: 3 });
  expect(response.headers.traceresponse).toBe(`00-${trace}-${line.span}-01`);
  const timings = Object.entries(line.spans).map(([name, ms]) => `${name};dur=${ms}`);
  expect(response.headers['server-timing']).toBe(timings.join(', '));
});

test('errors have a trace too, and no spans', async () => {
  const app = createApp({ host: fakeHost(), options });
  const { headers } = await app.inject('/nowhere');
  expect([headers.traceresponse, headers['server-timing']]).toEqual([expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-00$/), undefined]);
  await app.close();
});
