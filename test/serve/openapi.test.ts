import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { expect, test } from 'vitest';
import { createApp } from '../../serve/src/http/app.js';
import { RefusedError } from '../../serve/src/models/model.js';
import { fakeHost, options, picture, side } from './fakeHost.js';

interface Described {
  readonly responses: Readonly<
    Record<string, { readonly headers: object; readonly content: Readonly<Record<string, { readonly schema: object }>> }>
  >;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: object; readonly headers: object };
}

const host = fakeHost();
const metrics = { contentType: 'text/plain', text: async () => '', responded: () => {} };
const routes: string[] = [];
const app = createApp({ host, options, metrics });
const document = (await app.inject('/openapi.json')).json() as Document;
for (const line of app.printRoutes({ commonPrefix: false, includeHooks: false }).matchAll(/── (\S+) \(([A-Z, ]+)\)/g)) routes.push(line[0]);

const ajv = new Ajv2020({ strict: false });
ajv.addSchema({ $id: 'document', ...document });

/** What the document's schema at this place has against a value. */
function complaints(value: unknown, ...place: readonly string[]): unknown {
  const pointer = place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  const validate = ajv.getSchema(`document#/${pointer}`);
  if (validate === undefined) return `no schema at ${pointer}`;
  return validate(value) ? null : validate.errors;
}

/** The body of an answer is as the document says, and its headers are those that are described, in their form. */
function expectDescribed(response: LightMyRequestResponse, method: string, path: string): void {
  const status = String(response.statusCode);
  const place = ['paths', path, method.toLowerCase(), 'responses', status];
  const { headers, content } = document.paths[path]?.[method.toLowerCase()]?.responses[status] ?? { headers: {}, content: {} };
  const [type = ''] = String(response.headers['content-type']).split(';');
  expect(Object.keys(content)).toContain(type);
  if (type === 'application/json') expect(complaints(response.json(), ...place, 'content', type, 'schema')).toBeNull();
  const binary = type === 'application/octet-stream';
  const wanted = Object.keys(headers).filter((name) => binary || name !== 'inference-header-content-length');
  const found = Object.keys(document.components.headers).filter((name) => name in response.headers);
  expect(found.sort()).toEqual(wanted.sort());
  for (const name of found) {
    const text = String(response.headers[name]);
    const value = /^\d+$/.test(text) ? Number(text) : text;
    expect(complaints(value, 'components', 'headers', name, 'schema')).toBeNull();
  }
}

test('the document is one of OpenAPI 3.1', async () => {
  const validator = new Validator();
  expect(await validator.validate({ ...structuredClone(document) })).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
  const { paths: _, ...without } = document;
  expect(await new Validator().validate({ ...without, info: {} })).toMatchObject({ valid: false });
});

test('every path is described once, and nothing else is', async () => {
  expect(document.openapi).toBe('3.1.0');
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => method !== 'parameters')
      .map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  const served = described.filter((line) => {
    const [method, url] = line.split(' ') as ['GET' | 'POST', string];
    return app.hasRoute({ method, url });
  });
  expect(served).toEqual(described);
  expect(described).toHaveLength(routes.length);
});

test('every reference in the document leads to a schema', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name as string);
  expect([...new Set(references)].filter((name) => !(name in document.components.schemas))).toEqual([]);
  for (const name of Object.keys(document.components.schemas)) expect(ajv.getSchema(`document#/components/schemas/${name}`)).toBeDefined();
});

const values = Array.from({ length: 3 * side * side }, (_, at) => at);
const tensor = { name: 'image', datatype: 'FP32', shape: [1, 3, side, side], data: values };
const infer = '/v2/models/{name}/infer';
const image = { 'content-type': 'image/png' };

/** What is asked, where that is described, and the status of the answer. */
const answers: readonly (readonly [method: 'GET' | 'POST', url: string, path: string, status: number, sent: InjectOptions])[] = [
  ['GET', '/v2', '/v2', 200, {}],
  ['GET', '/v2/health/live', '/v2/health/live', 200, {}],
  ['GET', '/v2/health/ready', '/v2/health/ready', 200, {}],
  ['GET', '/v2/models/fake', '/v2/models/{name}', 200, {}],
  ['GET', '/v2/models/fake/versions/1', '/v2/models/{name}/versions/{version}', 200, {}],
  ['GET', '/v2/models/fake/ready', '/v2/models/{name}/ready', 200, {}],
  ['GET', '/v2/models/x/ready', '/v2/models/{name}/ready', 404, {}],
  ['GET', '/v2/models/fake/versions/2', '/v2/models/{name}/versions/{version}', 404, {}],
  ['POST', '/v2/models/fake/infer', infer, 200, { payload: { inputs: [tensor] } }],
  [
    'POST',
    '/v2/models/fake/infer',
    infer,
    200,
    { payload: { id: 'a', inputs: [tensor], outputs: [{ name: 'logits', parameters: { classification: 2 } }] } },
  ],
  [
    'POST',
    '/v2/models/fake/infer',
    infer,
    200,
    {
      payload: { parameters: { binary_data_output: true }, inputs: [tensor] },
      headers: { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` },
    },
  ],
  ['POST', '/v2/models/fake/infer', infer, 400, { payload: { inputs: [] } }],
  ['POST', '/v2/models/x/infer', infer, 404, { payload: { inputs: [tensor] } }],
  ['POST', '/v2/models/fake/infer', infer, 413, { payload: { inputs: [{ ...tensor, shape: [9, 3, side, side] }] } }],
  ['POST', '/v1/classify?gates=true', '/v1/classify', 200, { payload: picture(1), headers: image }],
  ['POST', '/v1/classify', '/v1/classify', 400, { payload: Buffer.from('x'), headers: image }],
  ['POST', '/v1/classify?model=x', '/v1/classify', 404, { payload: picture(1), headers: image }],
  ['POST', '/v1/classify', '/v1/classify', 415, { payload: Buffer.from('x'), headers: { 'content-type': 'text/html' } }],
  ['POST', '/v1/classify', '/v1/classify', 400, { payload: picture(1), headers: { ...image, timeout: 'soon' } }],
  ['POST', '/v1/classify', '/v1/classify', 413, { payload: Buffer.alloc(options.bodyLimit + 1), headers: image }],
  ['GET', '/v2', '/v2', 415, { headers: { 'content-encoding': 'gzip' } }],
  ['GET', `/v2/models/${'a'.repeat(300)}`, '/v2/models/{name}', 414, {}],
  ['GET', '/metrics', '/metrics', 200, {}],
  ['GET', '/openapi.json', '/openapi.json', 200, {}],
];

test.each(answers)('%s %s is answered as %s %i says', async (method, url, path, status, sent) => {
  const response = await app.inject({ method, url, ...sent });
  expect(response.statusCode).toBe(status);
  expectDescribed(response, method, path);
});

test('what the schema of requests takes and refuses', () => {
  const place = ['paths', infer, 'post', 'requestBody', 'content', 'application/json', 'schema'];
  expect(complaints({ inputs: [tensor] }, ...place)).toBeNull();
  expect(complaints({ inputs: [{ ...tensor, datatype: 'INT8' }] }, ...place)).not.toBeNull();
  expect(complaints({}, ...place)).not.toBeNull();
});

test('what is refused for now is described too', async () => {
  host.ready = false;
  const notReady = await app.inject('/v2/health/ready');
  host.ready = true;
  expect(notReady.statusCode).toBe(503);
  expectDescribed(notReady, 'GET', '/v2/health/ready');
});

test.each([
  [429, new RefusedError('full', 'full')],
  [503, new RefusedError('deadline', 'late')],
  [500, new Error('a fault')],
] as const)('an answer of %i is described where pictures and tensors are', async (status, error) => {
  host.before = async () => {
    throw error;
  };
  const classified = await app.inject({ method: 'POST', url: '/v1/classify', headers: image, payload: picture(1) });
  const inferred = await app.inject({ method: 'POST', url: '/v2/models/fake/infer', payload: { inputs: [tensor] } });
  host.before = async () => {};
  expect([classified.statusCode, inferred.statusCode]).toEqual([status, status]);
  expectDescribed(classified, 'POST', '/v1/classify');
  expectDescribed(inferred, 'POST', infer);
});

test('what is answered before there is a route is described at every path', () => {
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, described] of Object.entries(methods))
      if (method !== 'parameters')
        expect(Object.keys(described.responses), `${method} ${path}`).toEqual(
          expect.arrayContaining(['200', '400', '408', '413', '415', '417', '429', '431', '500']),
        );
});

test('a token is in the document of a server that asks for one', async () => {
  const guarded = createApp({ host, options: { ...options, token: 'a' } });
  expectDescribed(await guarded.inject('/v2'), 'GET', '/v2'); // 401
  const { components, security, paths } = (await guarded.inject({ url: '/openapi.json', headers: { authorization: 'Bearer a' } })).json();
  expect(components.securitySchemes).toEqual({ token: { type: 'http', scheme: 'bearer' } });
  expect(security).toEqual([{ token: [] }]);
  expect(paths['/v2/health/live'].get.security).toEqual([]);
  expect(paths['/metrics']).toBeUndefined();
});
