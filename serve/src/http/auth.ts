import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { RequestError } from './errors.js';

/** What a probe may ask without a token. */
const open: ReadonlySet<string> = new Set(['/v2/health/live', '/v2/health/ready']);

/** Asks for the bearer token (RFC 6750) in all requests but those of health. */
export function requireToken(app: FastifyInstance, token: string): void {
  const expected = digest(token);
  app.addHook('onRequest', async ({ headers, routeOptions }) => {
    if (open.has(routeOptions.url ?? '')) return;
    const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    // digests are of one length, so that the comparison's time tells nothing of the token's
    if (given === undefined || !timingSafeEqual(digest(given), expected))
      throw new RequestError(401, 'unauthorised', 'this server asks for its bearer token');
  });
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
