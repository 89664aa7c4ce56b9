import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ModelHost, ServedModel } from '../../models/model.js';
import { notFound } from '../errors.js';
import { modelFor } from '../modelFor.js';
import { modelVersion, outputName } from './answer.js';
import { inputName } from './images.js';
import { type InferLimits, infer } from './infer.js';

export interface OpenInferenceOptions extends InferLimits {
  readonly host: ModelHost;
  /** Of the server, as its metadata say. */
  readonly version: string;
  /** Whether the server is about to end. */
  readonly stopping: () => boolean;
}

/** Open Inference Protocol v2 over HTTP: https://github.com/kserve/open-inference-protocol, its inference_rest and open_inference_rest. */
export function openInference(app: FastifyInstance, { host, version, stopping, ...limits }: OpenInferenceOptions): void {
  app.get('/v2', () => ({ name: 'senet-serve', version, extensions: ['binary_tensor_data', 'classification'] }));
  app.get('/v2/health/live', () => ({ live: true }));
  app.get('/v2/health/ready', (_, reply) => {
    const ready = !stopping() && [...host.models.values()].every((model) => model.ready);
    return reply.code(ready ? 200 : 503).send(ready ? { ready } : { ready, error: 'the server is not ready', code: 'unavailable' });
  });
  for (const path of ['/v2/models/:name', '/v2/models/:name/versions/:version']) {
    app.get(path, (request) => metadata(modelOf(host, request)));
    app.get(`${path}/ready`, (request, reply) => {
      const { name, ready: answers } = modelOf(host, request);
      const ready = answers && !stopping();
      return reply
        .code(ready ? 200 : 503)
        .send(ready ? { name, ready } : { name, ready, error: `${name} is not ready`, code: 'unavailable' });
    });
    app.post(`${path}/infer`, (request, reply) => infer(request, reply, modelOf(host, request), limits));
  }
}

/** @throws RequestError for a name or version that is not served */
function modelOf(host: ModelHost, request: FastifyRequest): ServedModel {
  const { name, version } = request.params as { readonly name: string; readonly version?: string };
  const model = modelFor(request, host);
  if (model === undefined) throw notFound(`no model ${JSON.stringify(name)} here: ${[...host.models.keys()].join(', ')}`);
  if (version !== undefined && version !== modelVersion)
    throw notFound(`no version ${JSON.stringify(version)} of ${name} here: ${modelVersion}`);
  return model;
}

/** The input is listed once, as generic clients fill every tensor that is listed; which other datatypes it may have is a parameter. */
function metadata({ name, input, classes, normalisation }: ServedModel) {
  const datatypes = ['FP32', 'FP16', ...(normalisation === undefined ? [] : ['UINT8']), 'BYTES'].join(' ');
  return {
    name,
    versions: [modelVersion],
    platform: 'senet',
    inputs: [{ name: inputName, datatype: 'FP32', shape: [-1, ...input], parameters: { datatypes } }],
    outputs: [{ name: outputName, datatype: 'FP32', shape: [-1, classes] }],
  };
}
