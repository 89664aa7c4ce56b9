import { setFlagsFromString } from 'node:v8';
import { InputError, supports } from 'senet';
import type { Ask, Fault, FromWorker, ToWorker, WorkerOptions } from './messages.js';
import type { Outputs } from './model.js';
import { type Network, openNetwork } from './network.js';

/** The program of a worker: one network, which runs what it is asked, a batch after another. It ends with the process that started it. */

const say = (message: FromWorker): void => {
  // a server that is gone needs no answer: 'disconnect' ends this process
  process.send?.(message, undefined, undefined, () => {});
};

/** Asked for and not begun, in order. */
const waiting = new Map<number, Ask>();
/** Begun, and not run yet. */
const preparing = new Set<number>();
/** Begun, but nobody waits for them any more. */
const cancelled = new Set<number>();
let network: Network | undefined;
let running = false;

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
      if (waiting.delete(message.id)) say({ kind: 'dropped', id: message.id });
      else if (preparing.has(message.id)) cancelled.add(message.id);
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
    process.send?.({ kind: 'failed', name, message } satisfies FromWorker, undefined, undefined, () => process.exit(1));
  }
}

async function work(): Promise<void> {
  if (running || network === undefined) return;
  running = true;
  while (waiting.size > 0) await runSome(network);
  running = false;
}

/** Takes what may be run together, and answers it. */
async function runSome(network: Network): Promise<void> {
  const begun = performance.now();
  let prepared: Prepared[] = [];
  for (const [id, ask] of waiting) {
    if (prepared.length > 0 && withGates(ask)) break;
    waiting.delete(id);
    preparing.add(id);
    try {
      const from = performance.now();
      const image = await network.prepare(ask);
      prepared.push({ id, ask, image, prepare: performance.now() - from });
    } catch (error) {
      preparing.delete(id);
      cancelled.delete(id);
      say({ kind: 'fault', id, fault: faultOf(error) });
    }
    if (prepared.length === network.facts.batch || withGates(ask)) break;
  }
  preparing.clear();
  for (const id of cancelled) say({ kind: 'dropped', id });
  prepared = prepared.filter(({ id }) => !cancelled.has(id));
  cancelled.clear();
  if (prepared.length === 0) return;
  await answer(network, prepared);
  say({ kind: 'ran', images: prepared.length, seconds: (performance.now() - begun) / 1000 });
}

interface Prepared {
  readonly id: number;
  readonly ask: Ask;
  readonly image: Float32Array;
  /** How long that took, in milliseconds. */
  readonly prepare: number;
}

async function answer(network: Network, prepared: readonly Prepared[]): Promise<void> {
  const [first] = prepared as [Prepared];
  try {
    const images = prepared.map(({ image }) => image);
    const from = performance.now();
    const answers = withGates(first.ask) ? [await network.runWithGates(first.image)] : await network.run(images);
    const run = performance.now() - from;
    for (const [i, one] of prepared.entries()) say(checked(one, answers[i] as Outputs, { run, images: images.length }));
  } catch (error) {
    for (const { id } of prepared) say({ kind: 'fault', id, fault: faultOf(error) });
  }
}

const withGates = (ask: Ask): boolean => 'gates' in ask && ask.gates;

/** Large numbers of a client's own overflow, and so do weights that are not the network's. */
function checked(
  { id, ask, prepare }: Prepared,
  { logits, gates }: Outputs,
  shared: { readonly run: number; readonly images: number },
): FromWorker {
  if (logits.every(Number.isFinite)) return { kind: 'answer', id, logits, gates, timing: { prepare, ...shared } };
  const fault: Fault =
    'image' in ask
      ? { kind: 'input', message: "the network's outputs for the image are not finite: its numbers are too large, or not finite" }
      : { kind: 'server', message: "the network's outputs for the picture are not finite" };
  return { kind: 'fault', id, fault };
}

function faultOf(error: unknown): Fault {
  if (error instanceof InputError) return { kind: 'input', message: error.message };
  return { kind: 'server', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}
