import type { FastifyRequest } from 'fastify';
import type { ModelHost, ServedModel } from '../models/model.js';

export const classifyPath = '/v1/classify';

/** Whom a request asks: the model that its address or its query names, of a picture else the first. Undefined where it names none that is served. */
export function modelFor({ params, query, routeOptions }: FastifyRequest, { models }: ModelHost): ServedModel | undefined {
  const { name } = params as { readonly name?: string };
  if (name !== undefined) return models.get(name);
  if (routeOptions.url !== classifyPath) return undefined;
  const { model } = query as { readonly model?: string | readonly string[] };
  return model === undefined ? [...models.values()][0] : models.get(String(model));
}
