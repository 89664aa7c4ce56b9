import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../serve/src/http/app.js';
import { classes, fakeHost, labels, logitsOf, options, picture, side } from './fakeHost.js';

let host: ReturnType<typeof fakeHost>;
let app: ReturnType<typeof createApp>;
beforeEach(() => {
  host = fakeHost();
  app = createApp({ host, options });
});
afterEach(() => app.close());

const length = 3 * side * side;
const ramp = (from: number): readonly number[] => Array.from({ length }, (_, at) => from + at);
const url = '/v2/models/fake/infer';
const image = (data: unknown, shape: readonly number[] = [1, 3, side, side], datatype = 'FP32') => ({
  name: 'image',
  datatype,
  shape,
  data,
});
const infer = (payload: object, path = url) => app.inject({ method: 'POST', url: path, payload });

/** A request of the binary extension: the JSON with sizes, then the tensor. */
function binary(tensor: object, bytes: Uint8Array, more: object = {}) {
  const json = JSON.stringify({ inputs: [{ ...tensor, parameters: { binary_data_size: bytes.length } }], ...more });
  return app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(Buffer.byteLength(json)) },
    payload: Buffer.concat([Buffer.from(json), bytes]),
  });
}

const floatBytes = (values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, at) => {
    bytes.writeFloatLE(value, 4 * at);
  });
  return bytes;
};

/** BYTES as the extension has them. */
const elements = (...all: readonly Uint8Array[]): Buffer =>
  Buffer.concat(
    all.flatMap((bytes) => {
      const prefix = Buffer.alloc(4);
      prefix.writeUInt32LE(bytes.length);
      return [prefix, bytes];
    }),
  );

describe('metadata and health', () => {
  test('of the server and the model, with and without version and slash', async () => {
    const server = (await app.inject('/v2')).json();
    expect(server).toEqual({ name: 'senet-serve', version: '0.0.0', extensions: ['binary_tensor_data', 'classification'] });
    expect((await app.inject('/v2/')).json()).toEqual(server);
    const model = {
      name: 'fake',
      versions: ['1'],
      platform: 'senet',
      inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 3, 4, 4], parameters: { datatypes: 'FP32 FP16 UINT8 BYTES' } }],
      outputs: [{ name: 'logits', datatype: 'FP32', shape: [-1, 5] }],
    };
    for (const path of ['/v2/models/fake', '/v2/models/fake/versions/1']) expect((await app.inject(path)).json()).toEqual(model);
  });

  test('readiness is of the models, and liveness is not', async () => {
    const statuses = async () =>
      Promise.all(
        ['/v2/health/live', '/v2/health/ready', '/v2/models/fake/ready', '/v2/models/fake/versions/1/ready'].map(
          async (path) => (await app.inject(path)).statusCode,
        ),
      );
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    host.ready = false;
    expect(await statuses()).toEqual([200, 503, 503, 503]);
  });

  test('another model, another version and another path are 404', async () => {
    for (const path of ['/v2/models/other', '/v2/models/fake/versions/2', '/v2/models/other/ready', '/v3']) {
      const response = await app.inject(path);
      expect([response.statusCode, response.json().code]).toEqual([404, 'not-found']);
    }
    expect((await infer({ inputs: [image(ramp(0))] }, '/v2/models/fake/versions/2/infer')).statusCode).toBe(404);
  });
});

describe('tensors in JSON', () => {
  test('flat and nested data are the same, and the answer has the id', async () => {
    const flat = ramp(-20);
    const rows = Array.from({ length: 3 * side }, (_, row) => flat.slice(row * side, (row + 1) * side));
    const nested = [Array.from({ length: 3 }, (_, c) => rows.slice(c * side, (c + 1) * side))];
    const expected = {
      id: 'seven',
      model_name: 'fake',
      model_version: '1',
      outputs: [{ name: 'logits', datatype: 'FP32', shape: [1, classes], data: Array.from(logitsOf(flat)) }],
    };
    for (const data of [flat, nested]) {
      const response = await infer({ id: 'seven', inputs: [image(data)], outputs: [{ name: 'logits' }] });
      expect(response.json()).toEqual(expected);
    }
  });

  test('every image has its own answer, in their order', async () => {
    const { outputs } = (await infer({ inputs: [image([...ramp(0), ...ramp(100)], [2, 3, side, side])] })).json();
    expect(outputs[0]).toMatchObject({ shape: [2, classes], data: [...logitsOf(ramp(0)), ...logitsOf(ramp(100))] });
  });

  test('pixels are normalised by the server, whichever of their dimensions is the channel', async () => {
    const planes = ramp(3);
    const interleaved = ramp(0).map((at) => planes[(at % 3) * side * side + Math.floor(at / 3)] as number);
    for (const [data, shape] of [
      [planes, [1, 3, side, side]],
      [interleaved, [1, side, side, 3]],
    ] as const) {
      const { outputs } = (await infer({ inputs: [image(data, shape, 'UINT8')] })).json();
      expect(outputs[0].data).toEqual(Array.from(logitsOf(planes)));
    }
  });

  test('the best classes are told as Triton tells them', async () => {
    const values = ramp(0).map((at) => [1.5, 4, 2, 3, 5][at] ?? 0);
    const { outputs } = (await infer({ inputs: [image(values)], outputs: [{ name: 'logits', parameters: { classification: 3 } }] })).json();
    expect(outputs).toEqual([{ name: 'logits', datatype: 'BYTES', shape: [1, 3], data: ['5:4', `4:1:${labels[1]}`, `3:3:${labels[3]}`] }]);
  });

  test.each([
    ['a shape of another size', image(ramp(0), [1, 3, 4, 5]), /\[1, 3, 4, 5\].*FP32 or FP16 \[N, 3, 4, 4\]/],
    ['another datatype', image(ramp(0), [1, 3, 4, 4], 'INT64'), /INT64/],
    ['another name', { ...image(ramp(0)), name: 'x' }, /one input, image; found "x"/],
    ['too few values', image(ramp(0).slice(1)), /47 values: its shape needs 48/],
    ['a value that is none', image(ramp(0).map((at) => (at === 7 ? null : at))), /value 7 is not a number/],
    ['a value beyond float32', image(ramp(0).map((at) => (at === 7 ? 1e300 : at))), /value 7 is not a finite number/],
    ['half precision', image(ramp(0), [1, 3, 4, 4], 'FP16'), /binary/],
    ['a picture', image(['cGljdHVyZQ=='], [1], 'BYTES'), /binary/],
    ['no image', image([], [0, 3, 4, 4]), /no image/],
    ['ragged lists', image([[[[1]]]]), /a list of 1 where the shape has 3/],
    ['a byte above 255', image(ramp(250), [1, 3, 4, 4], 'UINT8'), /value 6 is not a whole number from 0 to 255/],
  ])('%s is refused', async (_, tensor, message) => {
    const response = await infer({ inputs: [tensor] });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual({ error: expect.stringMatching(message), code: 'invalid' });
    expect(host.asked).toEqual([]);
  });

  test.each([undefined, 'application/json; charset=utf-8', 'application/x-www-form-urlencoded'])('as %o it is JSON', async (type) => {
    const payload = JSON.stringify({ inputs: [image(ramp(0))] });
    const response = await app.inject({ method: 'POST', url, headers: type === undefined ? {} : { 'content-type': type }, payload });
    expect(response.statusCode).toBe(200);
  });

  test('more images than allowed are 413, another media type 415', async () => {
    expect((await infer({ inputs: [image([], [5, 3, 4, 4])] })).statusCode).toBe(413);
    const response = await app.inject({ method: 'POST', url, headers: { 'content-type': 'text/plain' }, payload: '{}' });
    expect([response.statusCode, response.json().code]).toEqual([415, 'media-type']);
  });

  test('what nests too deeply, or has too many keys or lists, is refused before it is parsed', async () => {
    const post = (payload: string) => app.inject({ method: 'POST', url, headers: { 'content-type': 'application/json' }, payload });
    expect((await post('['.repeat(60_000))).json().error).toMatch(/nests more than 12/);
    expect((await post(`{${Array.from({ length: 1001 }, (_, at) => `"${at}":0`)}}`)).json().error).toMatch(/more than 1000 keys/);
    const quoted = { id: '[{:"\\', inputs: [image(ramp(0))] };
    expect((await infer(quoted)).json().id).toBe(quoted.id);
  });
});

describe('the binary tensor extension', () => {
  test('carries float32 in and out, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.float({ min: -1e6, max: 1e6, noNaN: true }), { minLength: length, maxLength: length }),
        async (values) => {
          const response = await binary({ ...image(undefined) }, floatBytes(values), { parameters: { binary_data_output: true } });
          const size = Number(response.headers['inference-header-content-length']);
          const json = JSON.parse(response.rawPayload.subarray(0, size).toString());
          expect(json.outputs).toEqual([
            { name: 'logits', datatype: 'FP32', shape: [1, classes], parameters: { binary_data_size: 4 * classes } },
          ]);
          expect(response.rawPayload.subarray(size)).toEqual(floatBytes(Array.from(logitsOf(Float32Array.from(values)))));
        },
      ),
    );
  });

  test('is read as Triton’s Python client sends it: without a type, with parameters for other models', async () => {
    const bytes = floatBytes(ramp(5));
    const inputs = [{ ...image(undefined), parameters: { binary_data_size: bytes.length } }];
    const parameters = { sequence_id: 9, sequence_start: true, sequence_end: false, priority: 1, timeout: 1000, binary_data_output: true };
    const json = JSON.stringify({ id: '1', inputs, parameters });
    const headers = { 'inference-header-content-length': String(json.length) };
    const response = await app.inject({ method: 'POST', url, headers, payload: Buffer.concat([Buffer.from(json), bytes]) });
    const size = Number(response.headers['inference-header-content-length']);
    expect(JSON.parse(response.payload.slice(0, size))).toMatchObject({ id: '1', model_name: 'fake' });
    expect(response.rawPayload.subarray(size)).toEqual(floatBytes(Array.from(logitsOf(ramp(5)))));
  });

  test('shared memory is refused, of inputs and of outputs', async () => {
    const parameters = { shared_memory_region: 'a', shared_memory_byte_size: 4 };
    for (const payload of [
      { inputs: [{ ...image(undefined), parameters }] },
      { inputs: [image(ramp(0))], outputs: [{ name: 'logits', parameters }] },
    ])
      expect((await infer(payload)).json()).toEqual({ error: expect.stringMatching(/shared memory is not supported/), code: 'invalid' });
  });

  test('reads half precision: signs, subnormals and the largest', async () => {
    // binary16's 1, -2, 65504, its smallest subnormal 2^-24 and smallest normal 2^-14 (IEEE 754, 3.6)
    const known: readonly (readonly [number, number])[] = [
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x0001, 2 ** -24],
      [0x0400, 2 ** -14],
    ];
    const bytes = Buffer.alloc(2 * length);
    known.forEach(([bits], at) => {
      bytes.writeUInt16LE(bits, 2 * at);
    });
    const { outputs } = (await binary(image(undefined, [1, 3, side, side], 'FP16'), bytes)).json();
    expect(outputs[0].data).toEqual(known.map(([, value]) => value));
    bytes.writeUInt16LE(0x7c00, 0);
    expect((await binary(image(undefined, [1, 3, side, side], 'FP16'), bytes)).json().error).toMatch(/value 0 is not a finite/);
  });

  test('carries pictures, each with its length', async () => {
    const bytes = elements(picture(1, 2, 3), picture(9));
    const { outputs } = (await binary({ name: 'image', datatype: 'BYTES', shape: [2] }, bytes)).json();
    expect(outputs[0]).toMatchObject({ shape: [2, classes], data: [...logitsOf([1, 2, 3]), ...logitsOf([9])] });
  });

  test('carries the best classes', async () => {
    const outputs = [{ name: 'logits', parameters: { classification: 2, binary_data: true } }];
    const response = await binary({ name: 'image', datatype: 'BYTES', shape: [1] }, elements(picture(7, 9)), { outputs });
    const size = Number(response.headers['inference-header-content-length']);
    expect(response.rawPayload.subarray(size)).toEqual(elements(Buffer.from('9:1:bee'), Buffer.from('7:0:ant')));
  });

  test.each([
    ['an element beyond the end', Buffer.from([9, 0, 0, 0, 1]), /element 0 of BYTES ends beyond/],
    ['bytes behind the last element', Buffer.concat([elements(picture()), Buffer.alloc(3)]), /3 bytes .* follow the last/],
    ['what is no picture', elements(Buffer.from('text')), /no picture/],
  ])('%s is refused', async (_, bytes, message) => {
    const response = await binary({ name: 'image', datatype: 'BYTES', shape: [1] }, bytes);
    expect(response.statusCode).toBe(400);
    expect(response.json().error).toMatch(message);
  });

  test('lengths that do not add up are refused', async () => {
    const short = await binary(image(undefined), floatBytes(ramp(0)).subarray(4));
    expect(short.json()).toEqual({ error: expect.stringMatching(/188 bytes.* needs 192/), code: 'invalid' });
    const post = (length: string) =>
      app.inject({
        method: 'POST',
        url,
        headers: { 'inference-header-content-length': length },
        payload: JSON.stringify({ inputs: [image(ramp(0))] }),
      });
    for (const length of ['0', '-1', '1e3', 'x', '99999999', '0x10']) expect((await post(length)).statusCode).toBe(400);
  });
});
