/** Where events are written, as pino and Fastify's `log` take them: fields, then what happened. Never a picture's contents. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
