import type { FastifyInstance } from 'fastify';
import { RefusedError } from '../models/model.js';
import { tooLarge, wrongMedia } from './errors.js';

/** The bytes of a request's headers together. */
export const maxHeaderBytes = 16 * 1024;

/** How long a client may take to send a request, in milliseconds. */
export const maxSendingMs = 30_000;

/** How many of the largest bodies are held at a time. */
const bodiesHeld = 8;

/**
 * Bounds what the bodies of all requests may hold together: each is counted by the length that it declares, and one without a length as the largest.
 * What does not fit is refused as a full queue is, before it is read.
 */
export function limitBodies(app: FastifyInstance, bodyLimit: number): void {
  const most = bodiesHeld * bodyLimit;
  let held = 0;
  app.addHook('onRequest', async (request, reply) => {
    const { 'content-length': declared, 'transfer-encoding': chunked, 'content-encoding': coded = 'identity' } = request.headers;
    if (coded !== 'identity') throw wrongMedia(`content-encoding ${JSON.stringify(coded)} is not supported: send the body as it is`);
    const bytes = chunked === undefined ? Number(declared ?? 0) : bodyLimit;
    if (!(bytes <= bodyLimit)) throw tooLarge(`a body of ${declared} bytes: at most ${bodyLimit} are read`);
    if (held + bytes > most) throw new RefusedError('full', 'the requests being read hold as much as this server allows');
    held += bytes;
    reply.raw.once('close', () => {
      held -= bytes;
    });
  });
}
