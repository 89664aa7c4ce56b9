import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { type ModelHost, RefusedError } from '../models/model.js';
import { requireToken } from './auth.js';
import { classify } from './classify.js';
import { refuseConnection, refuseExpectations, refuseTunnels } from './connection.js';
import { aborted, failureOf, invalid, notFound } from './errors.js';
import { limitBodies, maxHeaderBytes, maxSendingMs } from './limits.js';
import { modelFor } from './modelFor.js';
import { openApi } from './openapi.js';
import { openInference } from './openInference/routes.js';
import { traceRequests } from './trace.js';

export interface AppOptions {
  /** Of the server, as its metadata say. */
  readonly version: string;
  /** The most bytes of a body. */
  readonly bodyLimit: number;
  /** The most images of a request. */
  readonly maxImages: number;
  /** The longest that an answer is waited for, in milliseconds. */
  readonly timeout: number;
  /** How long accepted requests may take when the server ends, in milliseconds. */
  readonly drain: number;
  /** What clients send as a bearer token; without it anyone may ask. */
  readonly token?: string | undefined;
}

/** What tells requests apart that are counted together. What clients make up is never part of it: each such text would be counted by itself for ever. */
export interface HttpResponse {
  readonly method: string;
  /** As the router names it, never the address that was asked for. */
  readonly route: string;
  readonly status: number;
  /** One that is served, or '' where the request names none. */
  readonly model: string;
}

/** What is counted of requests, and what `/metrics` answers. */
export interface HttpMetrics {
  readonly contentType: string;
  text(): Promise<string>;
  responded(response: HttpResponse, seconds: number): void;
}

export interface CreateAppOptions {
  readonly host: ModelHost;
  readonly options: AppOptions;
  readonly metrics?: HttpMetrics | undefined;
  readonly log?: FastifyBaseLogger | undefined;
}

/** The HTTP server of a host's models, which `close` drains. It does not listen yet. */
export function createApp({ host, options, metrics, log }: CreateAppOptions): FastifyInstance {
  const { version, bodyLimit, maxImages, timeout, drain, token } = options;
  const app: FastifyInstance = Fastify({
    ...(log !== undefined && { loggerInstance: log }),
    logController: new LogController({ disableRequestLogging: true }), // a line of our own, without the query
    bodyLimit,
    requestTimeout: maxSendingMs,
    return503OnClosing: false, // its body has no code
    // Node's own answer to no host has no body
    http: { maxHeaderSize: maxHeaderBytes, requireHostHeader: false, connectionsCheckingInterval: maxSendingMs / 6 },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    requestIdHeader: false,
    genReqId,
    clientErrorHandler: refuseConnection,
    frameworkErrors: fail,
  });
  let stopping = false;

  refuseExpectations(app.server);
  refuseTunnels(app.server);
  app.setErrorHandler(fail);
  app.setNotFoundHandler(({ method }) => {
    throw notFound(`nothing is served by ${method} at this path`);
  });
  traceRequests(app);
  app.addHook('onRequest', async ({ id, raw }, reply) => {
    reply.header('x-request-id', id);
    if (raw.headers.host === undefined && raw.httpVersion === '1.1') throw invalid('HTTP/1.1 asks for a host header');
  });
  if (token !== undefined) requireToken(app, token);
  app.addHook('onRequest', async ({ method }) => {
    if (stopping && method === 'POST') throw new RefusedError('stopping', 'the server is about to end');
  });
  limitBodies(app, bodyLimit);
  app.addHook('onResponse', async (request, { statusCode: status, elapsedTime: ms }) => {
    const { log, method, told, trace, routeOptions } = request;
    const { url: route = 'none' } = routeOptions;
    metrics?.responded({ method, route, status, model: modelFor(request, host)?.name ?? '' }, ms / 1000);
    log.info({ ...trace, method, route, status, ms: Math.round(ms), ...told }, 'answered');
  });
  app.addHook('preClose', async () => {
    stopping = true;
    await host.drain(drain);
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => body);
  openInference(app, { host, version, stopping: () => stopping, maxImages, timeout });
  app.register((scope) => classify(scope, { host, bodyLimit, timeout }));
  const document = openApi({ version, token: token !== undefined, metrics: metrics !== undefined });
  app.get('/openapi.json', () => document);
  if (metrics !== undefined) app.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  return app;
}

/** The client's `x-request-id` if it is a short word, else a random one. */
function genReqId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

function fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body, headers } = failureOf(reply.raw.destroyed ? aborted() : error);
  if (status === 500) request.log.error({ err: error }, 'a fault of the server');
  return reply
    .code(status)
    .headers({ 'x-request-id': request.id, ...headers })
    .type('application/json; charset=utf-8')
    .send(body);
}
