import { setFlagsFromString } from 'node:v8';
import { InputError, supports } from 'senet';
import { letHeapGrow } from '../heap.js';
import type { Ask, Fault, FromWorker, Result, ToWorker, WorkerOptions } from './messages.js';
import type { Outputs } from './model.js';
import { type Network, openNetwork } from './network.js';

/** The program of a worker: one network, which runs what it is asked, a batch after another. It ends with the process that started it. */

const say = (message: FromWorker): void => {
  // a server that is gone needs no answer: 'disconnect' ends this process
  process.send?.(message, undefined, undefined, () => {});
};

/** Asked for and not begun, in order. */
const waiting = new Map<number, Ask>();
/** Begun, and still waited for. */
const wanted = new Set<number>();
let network: Network | undefined;
let working = false;
/** Of the run that is under way. */
let run: AbortController | undefined;

letHeapGrow();

process.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'start':
      void start(message.options);
      return;
    case 'ask':
      for (const { id, ask } of message.asks) waiting.set(id, ask);
      void work();
      return;
    case 'cancel':
      drop(message.id);
      return;
    case 'ping':
      say({ kind: 'pong' });
  }
});
process.on('disconnect', () => process.exit(0));
// a terminal or a service manager tells every process of the group: the server decides when its workers end
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

async function start(options: WorkerOptions): Promise<void> {
  try {
    // Node 20 has relaxed SIMD behind a flag of the whole process, which this one is free to set, as the `senet` command does
    if (!supports('relaxed')) setFlagsFromString('--experimental-wasm-relaxed-simd');
    network = await openNetwork(options);
    say({ kind: 'ready', facts: network.facts });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const file = options.weights?.name;
    const told = file === undefined || message.startsWith(file) ? message : `${file}: ${message}`;
    process.send?.({ kind: 'failed', name, message: told } satisfies FromWorker, undefined, undefined, () => process.exit(1));
  }
}

/** Forgets what nobody waits for, unless it was answered meanwhile, and ends a run of nothing else. */
function drop(id: number): void {
  if (!waiting.delete(id) && !wanted.delete(id)) return;
  say({ kind: 'dropped', id });
  if (wanted.size === 0) run?.abort();
}

async function work(): Promise<void> {
  if (working || network === undefined) return;
  working = true;
  while (waiting.size > 0) await runSome(network);
  working = false;
}

/** Takes what may be run together, and answers it. */
async function runSome(network: Network): Promise<void> {
  const begun = performance.now();
  const prepared: Prepared[] = [];
  for (const [id, ask] of waiting) {
    if (prepared.length > 0 && withGates(ask)) break;
    waiting.delete(id);
    wanted.add(id);
    try {
      const from = performance.now();
      const image = await network.prepare(ask);
      prepared.push({ id, ask, image, prepare: performance.now() - from });
    } catch (error) {
      if (wanted.delete(id)) say({ kind: 'fault', id, fault: faultOf(error) });
    }
    if (prepared.length === network.facts.batch || withGates(ask)) break;
  }
  const images = prepared.filter(({ id }) => wanted.has(id));
  const results = images.length > 0 ? await resultsOf(network, images) : undefined;
  wanted.clear();
  if (results !== undefined) say({ kind: 'ran', images: images.length, seconds: (performance.now() - begun) / 1000, results });
}

interface Prepared {
  readonly id: number;
  readonly ask: Ask;
  readonly image: Float32Array;
  /** How long that took, in milliseconds. */
  readonly prepare: number;
}

/** Of those that are still waited for when they were run; undefined if the run was ended. */
async function resultsOf(network: Network, prepared: readonly Prepared[]): Promise<readonly Result[] | undefined> {
  const [first] = prepared as [Prepared];
  run = new AbortController();
  const { signal } = run;
  try {
    const images = prepared.map(({ image }) => image);
    const from = performance.now();
    const outputs = withGates(first.ask) ? [await network.runWithGates(first.image, signal)] : await network.run(images, signal);
    const shared = { run: performance.now() - from, images: images.length };
    return prepared.flatMap((one, i) => (wanted.has(one.id) ? [checked(one, outputs[i] as Outputs, shared)] : []));
  } catch (error) {
    if (signal.aborted) return undefined;
    return prepared.flatMap(({ id }) => (wanted.has(id) ? [{ id, fault: faultOf(error) }] : []));
  } finally {
    run = undefined;
  }
}

const withGates = (ask: Ask): boolean => 'gates' in ask && ask.gates;

/** Large numbers of a client's own overflow, and so do weights that are not the network's. */
function checked(
  { id, ask, prepare }: Prepared,
  { logits, gates }: Outputs,
  shared: { readonly run: number; readonly images: number },
): Result {
  if (logits.every(Number.isFinite)) return { id, logits, gates, timing: { prepare, ...shared } };
  const fault: Fault =
    'image' in ask
      ? { kind: 'input', message: "the network's outputs for the image are not finite: its numbers are too large, or not finite" }
      : { kind: 'server', message: "the network's outputs for the picture are not finite" };
  return { id, fault };
}

function faultOf(error: unknown): Fault {
  if (error instanceof InputError) return { kind: 'input', message: error.message };
  return { kind: 'server', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}
