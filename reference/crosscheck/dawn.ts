import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { SenetError, UnsupportedError } from '../../src/errors.js';
import type { GpuFacts } from './gpuBackend.js';
import { firstLine, type GpuEngine, gpuEngine } from './gpuEngine.js';
import type { GpuReply } from './gpuMessage.js';

/** The child's first message. */
export type DawnStart =
  | { readonly facts: GpuFacts; readonly runtime: string }
  | { readonly noAdapter: true }
  | { readonly unsupported: string };

/** Where Debian's chromium package keeps SwiftShader, a Vulkan driver that computes on the processor, and a Vulkan loader. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * TensorFlow.js on WebGPU in Node, through Dawn, in a process of its own: on the machine's GPU or, where it has none, on SwiftShader.
 *
 * @throws UnsupportedError that says what to install, that the process crashed, or that the back end computes in less than float32.
 */
export async function webgpuInNode(): Promise<GpuEngine> {
  const hardware = await open(process.env);
  if (hardware !== undefined) return hardware;
  const software = existsSync(swiftShader)
    ? await open({ ...process.env, VK_ICD_FILENAMES: swiftShader, LD_LIBRARY_PATH: dirname(swiftShader) })
    : undefined;
  if (software !== undefined) return software;
  throw new UnsupportedError(
    'tfjs-webgpu in Node finds no GPU: install a Vulkan driver, or chromium for its SwiftShader (apt-get install chromium)',
  );
}

/** Undefined where Dawn finds no adapter. */
async function open(env: NodeJS.ProcessEnv): Promise<GpuEngine | undefined> {
  const child = fork(new URL('./dawnChild.js', import.meta.url), {
    env,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const close = async (): Promise<void> => {
    if (hasEnded(child)) return;
    child.kill('SIGKILL'); // Dawn has nothing to save, and its own end may crash
    await once(child, 'exit');
  };
  try {
    const start = (await answer(child)) as DawnStart;
    if ('facts' in start)
      return gpuEngine('webgpu', {
        ...start,
        async send(gpuCase) {
          const reply = answer(child);
          child.send(gpuCase, () => {}); // a child that is gone is told by `answer`
          return (await reply) as GpuReply;
        },
        close,
      });
    await close();
    if ('noAdapter' in start) return undefined;
    throw new UnsupportedError(start.unsupported);
  } catch (cause) {
    await close();
    throw new UnsupportedError(`tfjs-webgpu in Node: ${firstLine(cause)}`, { cause });
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** The child's next message. @throws SenetError if it ends before, or has ended */
async function answer(child: ChildProcess): Promise<unknown> {
  const ended = (): never => {
    throw new SenetError(`the process of Dawn ended (${child.signalCode ?? `exit code ${child.exitCode}`})`);
  };
  if (hasEnded(child)) ended();
  const decided = new AbortController();
  try {
    const message = once(child, 'message', decided).then(([value]) => value);
    return await Promise.race([message, once(child, 'exit', decided).then(ended)]);
  } finally {
    decided.abort();
  }
}
