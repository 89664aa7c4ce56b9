import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from '../models/model.js';

/** A request's place among the spans of whoever asked (W3C Trace Context, https://www.w3.org/TR/trace-context/). */
export interface Trace {
  /** 32 hexadecimal digits, of all spans of a trace. */
  readonly trace: string;
  /** 16, of this request. */
  readonly span: string;
  /** The span that asked. */
  readonly parent?: string;
  readonly flags: string;
}

/** Where the time of a request went, in milliseconds. */
export interface Spans {
  /** From its first byte until it was accepted: its body came, and was read. */
  readonly read: number;
  /** In the queue, and behind others at a worker. */
  readonly wait: number;
  /** A worker decoded the picture and prepared it. */
  readonly prepare: number;
  /** The network ran. */
  readonly run: number;
}

/** What the line of the log tells of an answer. */
interface Told {
  readonly spans: Spans;
  /** Of its run. */
  readonly images: number;
  /** Process id. */
  readonly worker: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    trace: Trace;
    told: Told | undefined;
  }
}

/** version, trace, parent, flags; a version that is not known may have more behind them */
const header = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/** As `traceparent` says, or a new trace: one that is malformed is as if it were not there. */
export function traceOf(traceparent: string | undefined): Trace {
  const [, version, trace, parent, flags, more] = header.exec(traceparent ?? '') ?? [];
  const span = randomBytes(8).toString('hex');
  if (trace === undefined || parent === undefined || flags === undefined || (version === '00' && more !== undefined))
    return { trace: randomBytes(16).toString('hex'), span, flags: '00' };
  return { trace, span, parent, flags };
}

/** Gives every request its trace, and tells it in every answer. */
export function traceRequests(app: FastifyInstance): void {
  app.decorateRequest('trace');
  app.decorateRequest('told', undefined);
  app.addHook('onRequest', async (request, reply) => {
    const { traceparent } = request.headers;
    request.trace = traceOf(typeof traceparent === 'string' ? traceparent : undefined);
    const { trace, span, flags } = request.trace;
    reply.header('traceresponse', `00-${trace}-${span}-${flags}`);
  });
}

/** Says in the log and in `Server-Timing` where the time went. Of several images that is the time of the one that was answered last. */
export function tellSpans(request: FastifyRequest, reply: FastifyReply, acceptedMs: number, answers: readonly Answer[]): void {
  const { wait, prepare, run, images, worker } = answers
    .map(({ timing }) => timing)
    .reduce((last, next) => (total(next) > total(last) ? next : last));
  const spans = { read: acceptedMs, wait, prepare, run };
  request.told = { spans: rounded(spans), images, worker };
  reply.header(
    'server-timing',
    Object.entries(request.told.spans)
      .map(([name, ms]) => `${name};dur=${ms}`)
      .join(', '),
  );
}

const total = ({ wait, prepare, run }: Answer['timing']): number => wait + prepare + run;

const rounded = (spans: Spans): Spans => {
  const entries = Object.entries(spans).map(([name, ms]) => [name, Number(ms.toFixed(1))] as const);
  return Object.fromEntries(entries) as unknown as Spans;
};
