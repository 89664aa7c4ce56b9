import type { Answered, Task } from './answer.js';
import { armCommand, emulatorName } from './arm.js';
import { type InBrowser, inChromium, inFirefox, inWebKit, type Where } from './browsers.js';
import { inProcess, inRuntime } from './processes.js';

/** A row of docs/runtimes.md. */
export interface Place {
  /** What it is called where it is not installed. */
  readonly name: string;
  readonly where: string;
  /** What was switched; empty for a runtime as it comes. */
  readonly switched: string;
  /** Whether only small networks are worth waiting for. */
  readonly slow?: boolean;
  /** @throws UnsupportedError that says what to install where it is missing */
  open(task: Task): Promise<Answered>;
}

const program = (
  name: string,
  runtime: Parameters<typeof inRuntime>[1],
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Place => ({
  name,
  where: 'program',
  switched: [...flags, ...Object.entries(env).map(([option, value]) => `${option}=${value}`)].map((text) => `\`${text}\``).join(' '),
  open: (task) => inRuntime(task, runtime, flags, env),
});

const wheres: Readonly<Record<Where, string>> = { page: 'page', worker: 'module worker', serviceWorker: 'service worker' };

const browser = (
  name: string,
  open: (task: Task, how: InBrowser) => Promise<Answered>,
  where: Where,
  isolated: boolean,
  options: Readonly<Record<string, boolean>> = {},
): Place => ({
  name,
  where: `${wheres[where]}${isolated ? ', isolated' : ''}`,
  switched: Object.entries(options)
    .map(([option, value]) => `\`${option}=${value}\``)
    .join(' '),
  open: (task) => open(task, { where, isolated, options }),
});

const everywhere = (name: string, open: (task: Task, how: InBrowser) => Promise<Answered>): readonly Place[] =>
  (Object.keys(wheres) as Where[]).flatMap((where) => [true, false].map((isolated) => browser(name, open, where, isolated)));

const arm: Place = {
  name: 'Node 26 for Arm64',
  where: 'program',
  switched: '',
  slow: true,
  async open(task) {
    const { version, answer } = await inProcess(task, armCommand());
    return { version: `${version}, emulated by ${emulatorName()}`, answer };
  },
};

/** The first is the one that others are compared with. */
export const places: readonly Place[] = [
  program('Node', 'node'),
  program('Node', 'node', ['--experimental-wasm-relaxed-simd']),
  program('Node', 'node', ['--no-harmony-sharedarraybuffer']),
  program('Node 26', 'node26'),
  program('Node 26', 'node26', ['--experimental-wasm-revectorize']),
  arm,
  program('Deno', 'deno'),
  program('Bun', 'bun'),
  program('Bun', 'bun', [], { BUN_JSC_useWasmRelaxedSIMD: '0' }),
  program('Bun', 'bun', [], { BUN_JSC_useSharedArrayBuffer: '0' }),
  ...everywhere('Chromium', inChromium),
  ...everywhere('Firefox', inFirefox),
  browser('Firefox', inFirefox, 'page', true, { 'javascript.options.wasm_relaxed_simd': false }),
  ...everywhere('WebKitGTK', inWebKit),
  browser('WebKitGTK', inWebKit, 'page', true, { JSC_useWasmRelaxedSIMD: true }),
  browser('WebKitGTK', inWebKit, 'page', true, { JSC_useSharedArrayBuffer: true }),
  browser('WebKitGTK', inWebKit, 'worker', true, { JSC_useSharedArrayBuffer: true, JSC_useWasmRelaxedSIMD: true }),
];
