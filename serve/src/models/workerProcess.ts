import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InputError, SenetError, UnsupportedError, WeightsError } from 'senet';
import type { Facts, FromWorker, ToWorker, WorkerOptions } from './messages.js';

/** What is told of a worker: what it says once it is ready, and its end. */
export interface WorkerEvents {
  said(message: Exclude<FromWorker, { readonly kind: 'ready' | 'failed' | 'pong' }>): void;
  /** It ended, or was ended for it had stalled; it says nothing more. Not told of one that never was ready. */
  gone(how: string): void;
}

export interface WorkerProcess {
  readonly pid: number;
  readonly facts: Facts;
  send(message: ToWorker): void;
  /** Ends it, whatever it does. Resolves when it is gone. */
  end(): Promise<void>;
}

export interface StartOptions extends WorkerOptions {
  /** Of the open file of weights, which the worker inherits. */
  readonly descriptor: number | undefined;
  /** A worker that says nothing for so long is killed, in milliseconds. */
  readonly stallMs: number;
  /** The register tile of the kernels: relaxed ones of other tiles have other last bits. Undefined where the worker is to time them. */
  readonly tile: string | undefined;
  /** Kills a worker that is starting. */
  readonly signal: AbortSignal;
}

/** How often within `stallMs` a worker is asked whether it is there. */
const pings = 4;

const program = fileURLToPath(new URL('./worker.js', import.meta.url));

/**
 * Starts a worker, and waits until its network is ready.
 *
 * @throws senet's errors for weights that cannot be loaded; an Error that says how it ended, if it ended
 */
export function startWorker(options: StartOptions, events: WorkerEvents): Promise<WorkerProcess> {
  const { model, weights, maxBatch, maxPixels, descriptor, stallMs, tile, signal } = options;
  const child = fork(program, {
    serialization: 'advanced',
    env: { ...process.env, ...(tile !== undefined && { SENET_TILE: tile }) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc', descriptor ?? 'ignore'],
  });
  const send = (message: ToWorker): void => {
    if (child.connected) child.send(message, () => {}); // one that is gone is told of by 'exit'
  };
  const kill = (): void => void child.kill('SIGKILL');
  return new Promise((resolve, reject) => {
    let facts: Facts | undefined;
    let over = false;
    let how: string | undefined;
    const watch = watched(
      stallMs,
      () => send({ kind: 'ping' }),
      () => {
        how = `it said nothing for ${stallMs} ms`;
        kill();
      },
    );
    const ended = (what: string): void => {
      if (over) return;
      over = true;
      watch.stop();
      signal.removeEventListener('abort', kill);
      kill();
      if (facts === undefined) reject(new Error(`a worker did not start: ${how ?? what}`));
      else events.gone(how ?? what);
    };
    child.on('error', (error) => ended(error.message));
    child.on('exit', (code, name) => ended(name ? `it was ended by ${name}` : `it ended with code ${code}`));
    child.on('message', (message: FromWorker) => {
      if (over) return;
      watch.heard();
      if (message.kind === 'failed') reject(errorOf(message));
      else if (message.kind === 'ready') {
        facts = message.facts;
        signal.removeEventListener('abort', kill);
        resolve({ pid: child.pid as number, facts, send, end: () => end(child) });
      } else if (message.kind !== 'pong') events.said(message);
    });
    signal.addEventListener('abort', kill);
    if (signal.aborted) kill();
    send({ kind: 'start', options: { model, weights, maxBatch, maxPixels } });
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const gone = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  child.kill('SIGKILL'); // it has nothing to put in order
  return gone;
}

/**
 * Calls `stalled` when a few questions in a row had no answer. Questions are counted, not time: a server that was itself asleep has asked only one.
 */
function watched(stallMs: number, ask: () => void, stalled: () => void): { heard(): void; stop(): void } {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered++ === pings) stalled();
    else ask();
  }, stallMs / pings);
  return {
    heard: () => {
      unanswered = 0;
    },
    stop: () => clearInterval(timer),
  };
}

const kinds = { InputError, WeightsError, UnsupportedError } as const;

/** The error again, of its own class. */
function errorOf({ name, message }: { readonly name: string; readonly message: string }): Error {
  return new (kinds[name as keyof typeof kinds] ?? SenetError)(message);
}
