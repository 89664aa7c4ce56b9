import { pictureTypes } from './picture.js';
import { schemas } from './schemas.js';

type Json = Readonly<Record<string, unknown>>;

const ref = (name: keyof typeof schemas): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Json): Json => ({ 'application/json': { schema } });
const bytes: Json = { type: 'string', format: 'binary' };

/** Headers of answers. What is refused before there is a route, or is no HTTP at all, has no trace. */
const headers = {
  'x-request-id': {
    description: "The request's `x-request-id`, or a random one.",
    schema: { type: 'string', pattern: '^[\\w.:-]{1,128}$' },
  },
  traceresponse: {
    description: 'The trace and the span of the request (W3C Trace Context).',
    schema: { type: 'string', pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' },
  },
  'server-timing': {
    description: 'Where the time went, in milliseconds: `read`, `wait`, `prepare` and `run`.',
    schema: { type: 'string', pattern: '^\\w+;dur=[\\d.]+(, \\w+;dur=[\\d.]+)*$' },
  },
  'inference-header-content-length': { description: 'The bytes of JSON, where binary tensors follow it.', schema: { type: 'integer' } },
  'retry-after': { description: 'In so many seconds it is worth asking again.', schema: { type: 'integer', minimum: 1 } },
  'www-authenticate': { description: 'How to ask.', schema: { const: 'Bearer' } },
} as const;
type HeaderName = keyof typeof headers;

const told = (...names: readonly HeaderName[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
const always = told('x-request-id', 'traceresponse');

/** The answers that are errors, by status. */
const errors = {
  400: ['The request is malformed.', always],
  401: ['The bearer token is missing or wrong.', { ...always, ...told('www-authenticate') }],
  404: ['No such model, version or path.', always],
  408: ['The request takes too long to arrive.', {}],
  413: ['The body, or the number of images, is over the limit.', always],
  414: ['The name of the model is too long.', told('x-request-id')],
  415: ['The body is of a type that is not taken, or compressed.', always],
  417: ['An expectation other than 100-continue.', {}],
  429: ['The queue is full, or the bodies that are being read hold too much.', { ...always, ...told('retry-after') }],
  431: ['The headers are too long.', {}],
  500: ['A fault of the server.', always],
  503: ['The time is out, the server is about to end, or no worker can answer.', { ...always, ...told('retry-after') }],
} as const satisfies Readonly<Record<number, readonly [description: string, headers: Json]>>;
type ErrorStatus = keyof typeof errors;

const failing = (...statuses: readonly ErrorStatus[]): Json =>
  Object.fromEntries(
    statuses.map((status) => {
      const [description, headers] = errors[status];
      return [status, { description, headers, content: json(ref('Error')) }];
    }),
  );

/** What any request may be answered with; a token is asked for by all but those of health. */
const anywhere = failing(400, 408, 413, 415, 417, 429, 431, 500);
const asked: Json = { ...anywhere, ...failing(401) };
const ok = (content: Json, description = 'OK', ...names: readonly HeaderName[]): Json => ({
  200: { description, headers: { ...always, ...told(...names) }, content },
});

const path = (name: string): Json => ({ name, in: 'path', required: true, schema: { type: 'string' } });
const header = (name: string, description: string, schema: Json): Json => ({ name, in: 'header', description, schema });
const query = (name: string, description: string, schema: Json): Json => ({ name, in: 'query', description, schema });

/** Headers that every request may have. */
const tracing = {
  traceparent: header('traceparent', 'The trace and the span that the request is a part of (W3C Trace Context).', { type: 'string' }),
  'x-request-id': header('x-request-id', 'An id for the log and the answer: 1 to 128 letters, digits and `_ . : -`.', { type: 'string' }),
} as const;
const traced = Object.keys(tracing).map((name) => ({ $ref: `#/components/parameters/${name}` }));

const get = (summary: string, schema: Json, also: Json = {}): Json => ({
  get: { summary, parameters: traced, responses: { ...ok(json(schema)), ...asked, ...also } },
});
const notReady: Json = { 503: { description: 'Not ready.', headers: always, content: json(ref('NotReady')) } };
const timeout = header('timeout', 'How long the answer is waited for, in milliseconds.', { type: 'integer', minimum: 1 });

const inferring: Json = {
  post: {
    summary: 'Answers to a tensor of images.',
    parameters: [
      ...traced,
      timeout,
      header('Inference-Header-Content-Length', 'The bytes of JSON in the body, where binary tensors follow them.', { type: 'integer' }),
    ],
    requestBody: {
      required: true,
      content: { ...json(ref('InferRequest')), 'application/octet-stream': { schema: bytes } },
    },
    responses: {
      ...ok(
        { ...json(ref('InferResponse')), 'application/octet-stream': { schema: bytes } },
        'OK; JSON alone, or with binary tensors behind it.',
        'server-timing',
        'inference-header-content-length',
      ),
      ...asked,
      ...failing(404, 414, 503),
    },
  },
};

function modelPaths(base: string, parameters: readonly Json[]): Json {
  return {
    [base]: { parameters, ...get('A model: its versions, inputs and outputs.', ref('Model'), failing(404, 414)) },
    [`${base}/ready`]: { parameters, ...get('Whether a model answers now.', ref('ModelReady'), { ...failing(404, 414), ...notReady }) },
    [`${base}/infer`]: { parameters, ...inferring },
  };
}

const classifying: Json = {
  post: {
    summary: 'What is on a picture.',
    parameters: [
      query('model', 'Which model; the first without it.', { type: 'string' }),
      query('top', 'How many classes to name.', { type: 'integer', minimum: 1, default: 5 }),
      query('gates', 'Tell the excitations of every SE block.', { type: 'boolean', default: false }),
      ...traced,
      timeout,
    ],
    requestBody: {
      required: true,
      content: {
        ...Object.fromEntries(pictureTypes.map((type) => [type, { schema: bytes }])),
        'multipart/form-data': { schema: { type: 'object', properties: { file: bytes }, required: ['file'] } },
      },
    },
    responses: {
      ...ok(json(ref('Classification')), 'OK', 'server-timing'),
      ...asked,
      ...failing(404, 503),
    },
  },
};

export interface OpenApiOptions {
  readonly version: string;
  /** Whether a bearer token is asked for. */
  readonly token: boolean;
  /** Whether there is `/metrics`. */
  readonly metrics: boolean;
}

/** The document of OpenAPI 3.1 that describes the routes: https://spec.openapis.org/oas/v3.1.0. */
export const openApi = ({ version, token, metrics }: OpenApiOptions): Json => ({
  openapi: '3.1.0',
  info: { title: 'senet-serve', version, description: 'Squeeze-and-Excitation networks behind the Open Inference Protocol.' },
  ...(token && { security: [{ token: [] }] }),
  paths: {
    '/v2': get('The server: its name, version and extensions.', ref('Server')),
    '/v2/health/live': {
      get: {
        summary: 'Whether the server answers.',
        security: [],
        parameters: traced,
        responses: { ...ok(json(ref('Live'))), ...anywhere },
      },
    },
    '/v2/health/ready': {
      get: {
        summary: 'Whether all models answer now.',
        security: [],
        parameters: traced,
        responses: { ...ok(json(ref('Ready'))), ...anywhere, ...notReady },
      },
    },
    ...modelPaths('/v2/models/{name}', [path('name')]),
    ...modelPaths('/v2/models/{name}/versions/{version}', [path('name'), path('version')]),
    '/v1/classify': classifying,
    '/openapi.json': get('This document.', { type: 'object' }),
    ...(metrics && {
      '/metrics': {
        get: {
          summary: 'Metrics for Prometheus.',
          parameters: traced,
          responses: { ...ok({ 'text/plain': { schema: { type: 'string' } } }), ...asked },
        },
      },
    }),
  },
  components: { schemas, headers, parameters: tracing, ...(token && { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } }) },
});
