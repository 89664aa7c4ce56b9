#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { letHeapGrow } from './heap.js';
import { createApp } from './http/app.js';
import { createMetrics } from './metrics.js';
import { createModelHost } from './models/host.js';
import type { ModelHost } from './models/model.js';
import { parseOptions, type ServeOptions, usage } from './options.js';

const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;

/** Beyond the drain, until connections that do not end are closed. */
const graceMs = 1000;

/** Connections that wait to be taken, as far as the system allows: beyond it a client that believes itself connected is not heard. Node's own is 511. */
const backlog = 4096;

async function serve(options: ServeOptions): Promise<void> {
  // to stderr, so that stdout has the address alone
  const log = pino({ level: options.logLevel }, pino.destination({ dest: 2, sync: true }));
  const metrics = createMetrics();
  const host = await createModelHost({ ...options, metrics, log });
  const app = createApp({ host, options: { ...options, version }, metrics, log });
  stopOnSignals(app, options.drain);
  reloadOnHangup(host, log);
  try {
    const address = await app.listen({ port: options.port, host: options.host, backlog });
    if (options.token === undefined && !isLoopback(options.host))
      log.warn({ host: options.host }, 'anyone who reaches this address may ask: --token-file names a token');
    process.stdout.write(`senet-serve listens on ${address}\n`);
  } catch (error) {
    await host.drain(0);
    throw error;
  }
}

/** Ends the process with status 0 when what was accepted is answered; a second signal ends it at once. */
function stopOnSignals(app: FastifyInstance, drain: number): void {
  const stop = async (): Promise<void> => {
    setTimeout(() => app.server.closeAllConnections(), drain + graceMs).unref();
    await app.close();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

/** SIGHUP loads all weights anew. Requests go on, and on an error the old weights stay. */
function reloadOnHangup(host: ModelHost, log: pino.Logger): void {
  process.on('SIGHUP', async () => {
    for (const name of host.models.keys())
      try {
        await host.reload(name);
        log.info({ model: name }, 'reloaded');
      } catch (error) {
        log.error({ model: name, err: error }, 'not reloaded: the old weights stay');
      }
  });
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);

try {
  const options = parseOptions(process.argv.slice(2), process.env);
  if ('print' in options) process.stdout.write(options.print === 'usage' ? usage : `${version}\n`);
  else {
    letHeapGrow();
    await serve(options);
  }
} catch (error) {
  process.stderr.write(`senet-serve: ${(error as Error).message}\n`);
  process.exitCode = 2;
}
