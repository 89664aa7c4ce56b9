import type { FastifyReply, FastifyRequest } from 'fastify';
import { aborted, invalid } from './errors.js';

/** How long an answer is waited for. */
export interface Waiting {
  /** Aborts `signal`: its first reason counts. */
  readonly abort: (reason: unknown) => void;
  /** Is aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** As `performance.now()` counts. */
  readonly deadline: number;
}

/** Of a request with `timeout: MILLISECONDS` in its headers, or of `mostMs`, which is also the longest. @throws RequestError for what is no time */
export function waitingOf(request: FastifyRequest, reply: FastifyReply, mostMs: number): Waiting {
  const header = request.headers.timeout;
  if (header !== undefined && !/^[1-9]\d{0,8}$/.test(String(header)))
    throw invalid(`the timeout header is a whole number of milliseconds from 1, not ${JSON.stringify(header)}`);
  const ms = Math.min(header === undefined ? mostMs : Number(header), mostMs);
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(aborted());
  });
  return { abort: (reason) => controller.abort(reason), signal: controller.signal, deadline: performance.now() + ms };
}
