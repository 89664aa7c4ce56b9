import { hasNodeThreads } from './workers.js';

/** The two kinds of workers, those of node:worker_threads (Node, Deno, Bun) and the web's, as one. */

/** Where a worker's code is. Bundlers find it where it is written as `new Worker(new URL('./x.js', import.meta.url), { type: 'module' })`, and only there. */
export interface Program {
  /** Starts it as the web does. */
  start(): Worker;
  /** Its file, for node:worker_threads. */
  file(): URL;
}

/** A running worker. */
export interface Thread {
  /** @throws DataCloneError for what cannot be sent */
  post(message: unknown, transfer?: Transferable[]): void;
  terminate(): void;
  /** Whether the thread keeps the process alive; at first it does. A page ends with its tab, whatever its workers do. */
  hold(alive: boolean): void;
}

/** What a thread tells. `ended`: by itself, or by an error that it did not catch; nothing more will come. */
export interface Listener {
  message(message: unknown): void;
  ended(why: string): void;
}

/** The part of node:worker_threads that is used. */
interface NodeThreads {
  readonly Worker: new (
    url: URL,
    options: { readonly execArgv: readonly string[] },
  ) => NodePort & { terminate(): Promise<number>; ref(): void; unref(): void };
  readonly parentPort: NodePort | null;
}
interface NodePort {
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
  on(event: 'message', listener: (message: unknown) => void): void;
  on(event: 'error' | 'messageerror', listener: (error: Error) => void): void;
  on(event: 'exit', listener: (code: number) => void): void;
}

/** Through a variable, so that bundlers for browsers do not look for the module. */
const nodeThreads = (name = 'node:worker_threads'): Promise<NodeThreads> => import(/* @vite-ignore */ /* webpackIgnore: true */ name);

/** Whether this thread may wait in Atomics.wait; the main thread of a browser may not. */
export function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0); // 0 is not 1, so it returns at once
    return true;
  } catch {
    return false;
  }
}

/** A session's threads. */
const walkers: Program = {
  start: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
  file: () => new URL('./worker.js', import.meta.url),
};

/** Starts a worker, of a session's threads unless another program is given. Whatever goes wrong later is told to `listener.ended`. */
export async function startThread(listener: Listener, program = walkers): Promise<Thread> {
  if (!hasNodeThreads()) {
    const worker = program.start();
    worker.addEventListener('message', ({ data }) => listener.message(data));
    worker.addEventListener('error', ({ message }) => listener.ended(message || 'it could not be loaded'));
    worker.addEventListener('messageerror', () => listener.ended('a message could not be read'));
    return {
      post: (message, transfer = []) => worker.postMessage(message, transfer),
      terminate: () => worker.terminate(),
      hold: () => {},
    };
  }
  const node = await nodeThreads();
  // without the process's own arguments, some of which workers refuse (--input-type); V8's flags hold for the whole process
  const worker = new node.Worker(program.file(), { execArgv: [] });
  worker.on('message', (message) => listener.message(message));
  worker.on('error', ({ message }) => listener.ended(message));
  worker.on('messageerror', ({ message }) => listener.ended(message));
  worker.on('exit', (code) => listener.ended(`exit code ${code}`));
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
    hold: (alive) => (alive ? worker.ref() : worker.unref()),
  };
}

/** The way back from a worker. */
export type Reply = (message: unknown, transfer?: Transferable[]) => void;

/** Within a worker: tells `listen` what comes, and gives it the way back. */
export async function connect(listen: (message: unknown, reply: Reply) => void): Promise<void> {
  if (!hasNodeThreads()) {
    const reply: Reply = (message, transfer = []) => postMessage(message, { transfer });
    addEventListener('message', ({ data }) => listen(data, reply)); // before anything is awaited, or the first message is lost
    return reply('listening');
  }
  const { parentPort } = await nodeThreads();
  const reply: Reply = (message, transfer = []) => parentPort?.postMessage(message, transfer);
  parentPort?.on('message', (message) => listen(message, reply));
  reply('listening');
}
