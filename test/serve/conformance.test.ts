import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../serve/src/http/app.js';
import { kserveRequest, type Sent, serialised, tritonRequest } from './clients.js';
import { options } from './fakeHost.js';
import { type Hosted, hosted, pictures } from './hosted.js';

/** What a server with a network answers over HTTP, held by a validator to what the protocol has published: test/fixtures/oip. */
interface Protocol {
  readonly paths: Readonly<Record<string, { readonly request?: string; readonly 200: string; readonly error?: string }>>;
}
const protocol = JSON.parse(readFileSync(new URL('../fixtures/oip/protocol.json', import.meta.url), 'utf8')) as Protocol;

const ajv = new Ajv2020({ strict: false });
ajv.addSchema({ $id: 'protocol', ...protocol });

/** What the protocol has against a body. */
function complaints(schema: string | undefined, body: unknown): unknown {
  const validate = ajv.getSchema(`protocol#/schemas/${schema}`);
  if (validate === undefined) return `no schema ${schema}`;
  return validate(body) ? null : validate.errors;
}

let served: Hosted;
let app: ReturnType<typeof createApp>;
let address: string;
beforeAll(async () => {
  served = await hosted();
  app = createApp({ host: served.host, options: { ...options, bodyLimit: 2 ** 20 } });
  address = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await app.close();
  await served[Symbol.asyncDispose]();
});

const get = async (path: string) => {
  const response = await fetch(`${address}${path}`);
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: (await response.json()) as Readonly<Record<string, unknown>>,
  };
};

const inferPath = 'POST /v2/models/{name}/versions/{version}/infer';
const inference = protocol.paths[inferPath];

/** An answer whose JSON ends where the header says, or with the body. */
async function infer({ url, headers, payload }: Sent) {
  const response = await fetch(`${address}${url}`, { method: 'POST', headers, body: new Uint8Array(payload) });
  const bytes = Buffer.from(await response.arrayBuffer());
  const header = response.headers.get('inference-header-content-length');
  expect(Number(response.headers.get('content-length'))).toBe(bytes.length);
  const end = header === null ? bytes.length : Number(header);
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    header,
    body: JSON.parse(bytes.toString('utf8', 0, end)) as Answered,
    tail: bytes.subarray(end),
  };
}

interface Answered {
  readonly id?: string;
  readonly outputs: readonly {
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly parameters?: { readonly binary_data_size: number };
  }[];
}

const named = (path: string, version: boolean): string =>
  path
    .replace(/^\w+ /, '')
    .replace('{name}', 'cifar')
    .replace('/versions/{version}', version ? '/versions/1' : '');

describe('answers', () => {
  const reads = Object.entries(protocol.paths).filter(([path]) => path.startsWith('GET '));
  const asked = new Map(reads.flatMap(([path, { 200: schema }]) => [true, false].map((version) => [named(path, version), schema])));
  test.each([...asked])('GET %s is %s', async (path, schema) => {
    const { status, type, body } = await get(path);
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    expect(complaints(schema, body)).toBeNull();
  });

  test('every version of the metadata can be asked for, and no other', async () => {
    const { versions } = (await get('/v2/models/cifar')).body as { readonly versions: readonly string[] };
    for (const version of versions) expect((await get(`/v2/models/cifar/versions/${version}`)).status).toBe(200);
    expect((await get('/v2/models/cifar/versions/2')).status).toBe(404);
  });

  test.each(['/v2/models/none', '/v2/models/cifar/versions/2', '/v2/models/none/ready'])(
    '%s is an error in the form of its path',
    async (path) => {
      const { status, body } = await get(path);
      expect(status).toBe(404);
      expect(complaints('metadata_model_error_response', body)).toBeNull();
    },
  );
});

const floats = Float32Array.from({ length: 2 * 3 * 32 * 32 }, (_, at) => Math.sin(at));
const image = { name: 'image', shape: [2, 3, 32, 32], datatype: 'FP32' };
const json = { ...image, data: Array.from(floats) };
const binary = { ...image, data: Buffer.from(floats.buffer) };
const encoded = {
  name: 'image',
  shape: [2],
  datatype: 'BYTES',
  data: serialised(...pictures.slice(0, 2).map((bytes) => Buffer.from(bytes))),
};
const best = (asBytes: boolean) => ({ name: 'logits', binary: asBytes, classes: 3 });

/** Requests, and whether bytes follow the answer's JSON. */
const requests: readonly (readonly [name: string, sent: Sent, binary: boolean])[] = [
  ['JSON in and out', kserveRequest('cifar', [json]), false],
  ['bytes in, JSON out', kserveRequest('cifar', [binary]), false],
  ['JSON in, bytes out', tritonRequest('cifar', [json], { version: '1', requestId: '42' }), true],
  ['bytes in and out', tritonRequest('cifar', [binary], { version: '1' }), true],
  ['pictures', tritonRequest('cifar', [encoded]), true],
  ['classes as JSON', tritonRequest('cifar', [binary], { outputs: [best(false)] }), false],
  ['classes as bytes', tritonRequest('cifar', [binary], { outputs: [best(true)] }), true],
];

describe('inference', () => {
  test.each(requests)('%s', async (_, sent, inBytes) => {
    const length = Object.entries(sent.headers).find(([name]) => name.toLowerCase() === 'inference-header-content-length')?.[1];
    const request = JSON.parse(sent.payload.toString('utf8', 0, Number(length ?? sent.payload.length))) as { readonly id?: string };
    expect(complaints(inference?.request, request)).toBeNull(); // so what is answered here is of the protocol
    const { status, type, header, body, tail } = await infer(sent);
    expect(status).toBe(200);
    expect(complaints(inference?.[200], body)).toBeNull();
    expect(body.id).toBe(request.id);
    expect([type, header !== null]).toEqual(inBytes ? ['application/octet-stream', true] : ['application/json; charset=utf-8', false]);
    expect(tail.length).toBe(body.outputs.reduce((sum, { parameters }) => sum + (parameters?.binary_data_size ?? 0), 0));
    for (const { datatype, shape, parameters } of body.outputs)
      if (datatype === 'FP32' && parameters !== undefined)
        expect(parameters.binary_data_size).toBe(4 * shape.reduce((product, extent) => product * extent, 1));
  });

  test.each([
    ['no inputs', { inputs: [] }],
    ['no data', { inputs: [image] }],
    ['another datatype', { inputs: [{ ...json, datatype: 'INT64' }] }],
    ['no JSON', undefined],
  ])('%s is an error in its form', async (_, request) => {
    const payload = Buffer.from(request === undefined ? '{' : JSON.stringify(request));
    const { status, type, body } = await infer({ url: '/v2/models/cifar/infer', headers: {}, payload });
    expect([status, type]).toEqual([400, 'application/json; charset=utf-8']);
    expect(complaints(inference?.error, body)).toBeNull();
  });
});

test('the schemas refuse what is not of the protocol', () => {
  const tensor = { name: 'a', shape: [1], datatype: 'FP32', data: [1] };
  expect(complaints('inference_response', { model_name: 'a', outputs: [tensor] })).toBeNull();
  for (const [schema, body] of [
    ['inference_response', { outputs: [tensor] }],
    ['inference_response', { model_name: 'a', outputs: [{ ...tensor, data: undefined }] }],
    ['inference_response', { model_name: 'a', outputs: [{ ...tensor, parameters: { binary_data_size: 4 } }] }],
    ['inference_response', { model_name: 'a', model_version: 1, outputs: [] }],
    ['inference_request', { inputs: [{ ...tensor, datatype: 'FLOAT' }] }],
    ['inference_request', { inputs: [tensor], parameters: { nested: {} } }],
    ['metadata_model_response', { name: 'a', versions: [1], platform: 'b' }],
    ['metadata_server_response', { name: 'a', version: '1' }],
    ['ready_model_response', { name: 'a', ready: 'yes' }],
    ['inference_error_response', { message: 'a' }],
  ] as const)
    expect(complaints(schema, JSON.parse(JSON.stringify(body)))).not.toBeNull();
});
