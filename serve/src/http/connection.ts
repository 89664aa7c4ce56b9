import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorBody, ErrorCode } from './errors.js';
import { maxHeaderBytes } from './limits.js';

/** What is answered to bytes that are no request: there is none then that a route could answer. */
const answers: Readonly<Record<string, readonly [status: number, code: ErrorCode, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers', `the headers have more than ${maxHeaderBytes} bytes`],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'too-large', 'the extensions of a chunk are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'timeout', 'the request took too long to arrive'],
};

/** Fastify's `clientErrorHandler`: writes a typed answer and closes the connection. */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  write(socket, ...(answers[error.code ?? ''] ?? ([400, 'invalid', 'the request is not HTTP'] as const)));
}

/** Node closes the connection of a CONNECT that nobody takes, without an answer. */
export function refuseTunnels(server: Server): void {
  server.on('connect', (_: IncomingMessage, socket: Socket) => {
    socket.on('error', () => {}); // the client is gone
    write(socket, 400, 'invalid', 'CONNECT asks for a proxy, and this is none');
  });
}

function write(socket: Socket, status: number, code: ErrorCode, message: string): void {
  const body = bodyOf(message, code);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

/** Node answers an expectation other than 100-continue without a body. */
export function refuseExpectations(server: Server): void {
  server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
    const body = bodyOf('the one expectation that is met is 100-continue', 'headers');
    const length = Buffer.byteLength(body);
    response.writeHead(417, { 'content-type': 'application/json; charset=utf-8', 'content-length': length, connection: 'close' });
    response.end(body);
  });
}

const bodyOf = (error: string, code: ErrorCode): string => JSON.stringify({ error, code } satisfies ErrorBody);
