import { RefusedError } from '../models/model.js';

/** What went wrong, for programs. */
export const errorCodes = [
  'invalid',
  'unauthorised',
  'not-found',
  'timeout',
  'too-large',
  'media-type',
  'headers',
  'full',
  'deadline',
  'stopping',
  'unavailable',
  'aborted',
  'internal',
] as const;

/** The `code` of an answer that is an error. */
export type ErrorCode = (typeof errorCodes)[number];

/** The body of every answer that is an error; `error` alone is what the Open Inference Protocol asks for. */
export interface ErrorBody {
  readonly error: string;
  readonly code: ErrorCode;
}

/** A request that is refused for what it is. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: ErrorCode;

  constructor(status: number, code: ErrorCode, message: string) {
    super(message);
    this.name = 'RequestError';
    this.status = status;
    this.code = code;
  }
}

export const invalid = (message: string): RequestError => new RequestError(400, 'invalid', message);
export const notFound = (message: string): RequestError => new RequestError(404, 'not-found', message);
export const tooLarge = (message: string): RequestError => new RequestError(413, 'too-large', message);
export const wrongMedia = (message: string): RequestError => new RequestError(415, 'media-type', message);

/** The client went away: nobody reads the answer. nginx logs such requests as 499. */
export const aborted = (): RequestError => new RequestError(499, 'aborted', 'the client closed the connection');

/** An error as it is answered. */
export interface Failure {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
}

/** Characters of a sentence, which may quote what was sent. */
const mostCharacters = 500;

const clipped = (text: string): string => (text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text);

const failure = (status: number, code: ErrorCode, error: string, headers: Readonly<Record<string, string>> = {}): Failure => ({
  status,
  body: { error: clipped(error), code },
  headers,
});

/** The codes of statuses that Fastify and its plugins give by themselves. */
const codes: Readonly<Record<number, ErrorCode>> = {
  404: 'not-found',
  408: 'timeout',
  413: 'too-large',
  415: 'media-type',
  431: 'headers',
};

/** senet's errors, by name: those of a worker have crossed a boundary, and are of no class here. */
const kinds: Readonly<Record<string, 'invalid' | 'unavailable'>> = {
  InputError: 'invalid',
  ShapeError: 'invalid',
  WeightsError: 'unavailable',
  UnsupportedError: 'unavailable',
  PlanError: 'unavailable',
  SenetError: 'unavailable',
};

/** How an error is answered: for the request's faults 4xx, for what may be asked again 429 or 503. 500 is a fault of the server. */
export function failureOf(error: unknown): Failure {
  if (error instanceof RequestError) {
    const challenge = error.status === 401 ? { 'www-authenticate': 'Bearer' } : {};
    return failure(error.status, error.code, error.message, challenge);
  }
  if (error instanceof RefusedError) {
    const again = { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterSeconds))) };
    return failure(error.reason === 'full' ? 429 : 503, error.reason, error.message, again);
  }
  const kind = error instanceof Error ? kinds[error.name] : undefined;
  if (kind !== undefined) return failure(kind === 'invalid' ? 400 : 503, kind, (error as Error).message);
  const status = statusOf(error);
  if (status === undefined) return failure(500, 'internal', 'the server failed to answer');
  return failure(status, codes[status] ?? 'invalid', (error as Error).message);
}

/** A status that Fastify or a plugin gave, if the request is to blame. */
function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
