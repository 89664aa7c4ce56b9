import type { FastifyRequest } from 'fastify';

/** What the body is said to be, without parameters. */
export const mediaType = ({ headers }: FastifyRequest): string | undefined =>
  headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
