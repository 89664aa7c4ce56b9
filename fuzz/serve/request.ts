import { concatBytes, text, u32 } from '../../test/support/files/bytes.js';

/** A request before it is bytes. Headers are written in their order, as they are. */
export interface Request {
  readonly method: string;
  /** The path and the query. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** A request that is none, or that nothing can be answered to. */
export interface Malformed {
  readonly bytes: Uint8Array;
  /** What it may be answered with; 200 is among them where chance may leave it sound. */
  readonly statuses: readonly number[];
  /** What would follow it on its connection would be taken for a part of it. */
  readonly last?: true;
  /** The client says that no more comes. */
  readonly finish?: true;
}

/** What every request of the fuzzer sends as its token. */
export const token = 'fuzz';

export const host = ['Host', 'fuzz'] as const;
export const authorization = ['Authorization', `Bearer ${token}`] as const;

/** With the length that the body has. */
export const bytesOf = ({ method, target, headers, body }: Request): Uint8Array =>
  withLength({ method, target, headers, body }, String(body.length));

/** With another length, which may be none. */
export function withLength({ method, target, headers, body }: Request, length: string): Uint8Array {
  const lines = [host, authorization, ...headers, ['Content-Length', length] as const].map(([name, value]) => `${name}: ${value}\r\n`);
  return concatBytes([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), body]);
}

export const inferTarget = '/v2/models/default/infer';

/** The network that ships takes [3, 32, 32]. */
export const side = 32;
export const values = 3 * side * side;

export type Json = Readonly<Record<string, unknown>>;

export const jsonRequest = (json: Uint8Array): Request => ({
  method: 'POST',
  target: inferTarget,
  headers: [['Content-Type', 'application/json']],
  body: json,
});

/** JSON, and the bytes of tensors behind it; `length` is what is said of the JSON's. */
export function binaryRequest(json: Json, bytes: Uint8Array, length?: string): Request {
  const head = text(JSON.stringify(json));
  return {
    method: 'POST',
    target: inferTarget,
    headers: [
      ['Content-Type', 'application/octet-stream'],
      ['Inference-Header-Content-Length', length ?? String(head.length)],
    ],
    body: concatBytes([head, bytes]),
  };
}

export const pictureRequest = (picture: Uint8Array, query = ''): Request => ({
  method: 'POST',
  target: `/v1/classify${query}`,
  headers: [['Content-Type', 'application/octet-stream']],
  body: picture,
});

/** An element of BYTES. */
export const element = (bytes: Uint8Array, length = bytes.length): Uint8Array => concatBytes([u32(length), bytes]);

export const refused = (request: Request, ...statuses: readonly number[]): Malformed => ({
  bytes: bytesOf(request),
  statuses: statuses.length === 0 ? [400] : statuses,
});
