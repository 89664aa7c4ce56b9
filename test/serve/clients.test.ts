import { afterAll, describe, expect, test } from 'vitest';
import { createApp } from '../../serve/src/http/app.js';
import { kserveRequest, mlserverRequest, readOutput, type Sent, serialised, tritonRequest } from './clients.js';
import { classes, fakeHost, labels, logitsOf, options, picture, side } from './fakeHost.js';

const host = fakeHost();
const app = createApp({ host, options });
afterAll(() => app.close());

const values = Array.from({ length: 3 * side * side }, (_, at) => (at % 7) - 2);
const floats = Buffer.from(Float32Array.from(values).buffer);
const shape = [1, 3, side, side];
const fp32 = { name: 'image', shape, datatype: 'FP32' };
const logits = Array.from(logitsOf(values));

const send = async (sent: Sent) => {
  const { statusCode, headers, rawPayload } = await app.inject({ method: 'POST', ...sent });
  expect([statusCode, rawPayload.toString().slice(0, 200)]).toEqual([200, expect.any(String)]);
  return { headers, body: rawPayload };
};
const logitsFor = async (sent: Sent): Promise<readonly unknown[]> => {
  const { headers, body } = await send(sent);
  return readOutput('logits', headers, body);
};

describe("Triton's client", () => {
  test.each([
    ['binary in and out, as it is by default', tritonRequest('fake', [{ ...fp32, data: floats }])],
    [
      'with version, id, priority, time and sequence',
      tritonRequest('fake', [{ ...fp32, data: floats }], {
        version: '1',
        requestId: '7',
        parameters: { priority: 1, timeout: 1000, sequence_id: 3, sequence_start: true, sequence_end: false },
      }),
    ],
    ['JSON in and bytes out', tritonRequest('fake', [{ ...fp32, data: values }])],
    ['bytes in and JSON out', tritonRequest('fake', [{ ...fp32, data: floats }], { outputs: [{ name: 'logits', binary: false }] })],
    [
      'with parameters of its own',
      tritonRequest('fake', [{ ...fp32, data: floats }], { parameters: { triton_enable_empty_final_response: false } }),
    ],
  ])('%s', async (_, sent) => {
    expect(await logitsFor(sent)).toEqual(logits);
  });

  test('encoded pictures as BYTES, several in a request', async () => {
    const pictures = serialised(picture(1, 2, 3), picture(4));
    const sent = tritonRequest('fake', [{ name: 'image', shape: [2], datatype: 'BYTES', data: pictures }]);
    expect(await logitsFor(sent)).toEqual([...logitsOf([1, 2, 3]), ...logitsOf([4])]);
  });

  test.each([true, false])('class_count, binary_data=%s', async (binary) => {
    const sent = tritonRequest('fake', [{ ...fp32, data: floats }], { outputs: [{ name: 'logits', binary, classes: 2 }] });
    const best = logits.map((value, index) => ({ value, index })).sort((a, b) => b.value - a.value || a.index - b.index);
    const expected = best
      .slice(0, 2)
      .map(({ value, index }) => [value, index, labels[index]].filter((part) => part !== undefined).join(':'));
    expect(await logitsFor(sent)).toEqual(expected);
  });

  test('its id is in the answer, and an error is read from its "error"', async () => {
    const { headers, body } = await send(tritonRequest('fake', [{ ...fp32, data: floats }], { requestId: 'seven' }));
    const json = JSON.parse(body.toString('utf8', 0, Number(headers['inference-header-content-length'])));
    expect(json).toMatchObject({ id: 'seven', model_name: 'fake', model_version: '1' });
    const refused = await app.inject({ method: 'POST', ...tritonRequest('fake', [{ ...fp32, name: 'INPUT0', data: floats }]) });
    expect([refused.statusCode, typeof refused.json().error]).toEqual([400, 'string']);
  });
});

describe("KServe's client", () => {
  test.each([
    ['JSON', kserveRequest('fake', [{ ...fp32, data: values }])],
    ['bytes in', kserveRequest('fake', [{ ...fp32, data: floats }])],
    ['bytes out', kserveRequest('fake', [{ ...fp32, data: floats }], { parameters: { binary_data_output: true } })],
    [
      'bytes out of one output',
      kserveRequest('fake', [{ ...fp32, data: floats }], { outputs: [{ name: 'logits', parameters: { binary_data: true } }] }),
    ],
    ['half precision', kserveRequest('fake', [{ ...fp32, datatype: 'FP16', data: Buffer.from(Uint16Array.from(values, half).buffer) }])],
  ])('%s', async (_, sent) => {
    expect(await logitsFor(sent)).toEqual(logits);
  });

  test('reads health from the bodies, and of a model from the status', async () => {
    expect((await app.inject('/v2/health/live')).json().live).toBe(true);
    expect((await app.inject('/v2/health/ready')).json().ready).toBe(true);
    expect((await app.inject('/v2/models/fake/ready')).statusCode).toBe(200);
    host.ready = false;
    expect((await app.inject('/v2/models/fake/ready')).statusCode).toBe(503);
    host.ready = true;
  });
});

test("MLServer's client: null is as if it were not there", async () => {
  expect(await logitsFor(mlserverRequest('fake', { ...fp32, data: values }))).toEqual(logits);
  expect(logits).toHaveLength(classes);
});

/** Small whole numbers in binary16. */
function half(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
}
