import { pictureTypes } from './picture.js';
import { schemas } from './schemas.js';

type Json = Readonly<Record<string, unknown>>;

const ref = (name: keyof typeof schemas): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Json): Json => ({ 'application/json': { schema } });
const bytes: Json = { type: 'string', format: 'binary' };

/** The answers that are errors, by status. */
const errors: Readonly<Record<number, string>> = {
  400: 'The request is malformed.',
  401: 'The bearer token is missing or wrong.',
  404: 'No such model, version or path.',
  413: 'The body, or the number of images, is over the limit.',
  415: 'The body is of a type that is not taken.',
  429: 'The queue is full: ask again after `Retry-After` seconds.',
  503: 'The time is out, the server is about to end, or no worker can answer.',
};

const failing = (...statuses: readonly (keyof typeof errors)[]): Json =>
  Object.fromEntries(statuses.map((status) => [status, { description: errors[status], content: json(ref('Error')) }]));

const path = (name: string): Json => ({ name, in: 'path', required: true, schema: { type: 'string' } });
const header = (name: string, description: string, schema: Json): Json => ({ name, in: 'header', description, schema });
const query = (name: string, description: string, schema: Json): Json => ({ name, in: 'query', description, schema });

const get = (summary: string, schema: Json, also: Json = {}): Json => ({
  get: { summary, responses: { 200: { description: 'OK', content: json(schema) }, ...failing(401), ...also } },
});
const notReady: Json = { 503: { description: 'Not ready.', content: json(ref('NotReady')) } };
const timeout = header('timeout', 'How long the answer is waited for, in milliseconds.', { type: 'integer', minimum: 1 });

const inferring: Json = {
  post: {
    summary: 'Answers to a tensor of images.',
    parameters: [
      timeout,
      header('Inference-Header-Content-Length', 'The bytes of JSON in the body, where binary tensors follow them.', { type: 'integer' }),
    ],
    requestBody: {
      required: true,
      content: { ...json(ref('InferRequest')), 'application/octet-stream': { schema: bytes } },
    },
    responses: {
      200: {
        description: 'OK; JSON alone, or with binary tensors behind it.',
        content: { ...json(ref('InferResponse')), 'application/octet-stream': { schema: bytes } },
      },
      ...failing(400, 401, 404, 413, 415, 429, 503),
    },
  },
};

function modelPaths(base: string, parameters: readonly Json[]): Json {
  return {
    [base]: { parameters, ...get('A model: its versions, inputs and outputs.', ref('Model'), failing(404)) },
    [`${base}/ready`]: { parameters, ...get('Whether a model answers now.', ref('ModelReady'), { ...failing(404), ...notReady }) },
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
      200: { description: 'OK', content: json(ref('Classification')) },
      ...failing(400, 401, 404, 413, 415, 429, 503),
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
    '/v2/health/live': { get: { summary: 'Whether the server answers.', security: [], responses: { 200: okOf('Live') } } },
    '/v2/health/ready': {
      get: { summary: 'Whether all models answer now.', security: [], responses: { 200: okOf('Ready'), ...notReady } },
    },
    ...modelPaths('/v2/models/{name}', [path('name')]),
    ...modelPaths('/v2/models/{name}/versions/{version}', [path('name'), path('version')]),
    '/v1/classify': classifying,
    '/openapi.json': get('This document.', { type: 'object' }),
    ...(metrics && { '/metrics': { get: { summary: 'Metrics for Prometheus.', responses: { 200: textOk, ...failing(401) } } } }),
  },
  components: { schemas, ...(token && { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } }) },
});

function okOf(name: keyof typeof schemas): Json {
  return { description: 'OK', content: json(ref(name)) };
}

const textOk: Json = { description: 'OK', content: { 'text/plain': { schema: { type: 'string' } } } };
