import { SenetError, UnsupportedError } from '../../src/errors.js';
import type { Engine } from './engine.js';
import type { GpuFacts } from './gpuBackend.js';
import type { GpuName } from './gpuDevice.js';
import { caseOf, type GpuCase, type GpuReply } from './gpuMessage.js';

/** TensorFlow.js on a GPU. */
export interface GpuEngine extends Engine {
  readonly adapter: string;
  /** What was computed at the start and found to be float32, and the settings that make it so. */
  readonly precision: string;
}

/** The way to a back end elsewhere. */
export interface Link {
  readonly runtime: string;
  readonly facts: GpuFacts;
  /** Rejects, with any error, once the other side is gone. */
  send(gpuCase: GpuCase): Promise<GpuReply>;
  close(): Promise<void>;
}

/** An engine over a back end elsewhere. Runs wait for one another, so that an error of the GPU is that of the run it is reported for. */
export function gpuEngine(name: GpuName, { runtime, facts, send, close }: Link): GpuEngine {
  const engine = `tfjs-${name}`;
  let last: Promise<unknown> = Promise.resolve();
  return {
    engine,
    runtime,
    ...facts,
    async run(graph, weights, inputs) {
      const gpuCase = caseOf(graph, weights, inputs);
      const reply = last.then(() => send(gpuCase)).catch((cause): GpuReply => ({ failed: firstLine(cause) }));
      last = reply;
      const result = await reply;
      if ('unsupported' in result) throw new UnsupportedError(result.unsupported);
      // Not an UnsupportedError, which a caller may take for an op that the engine lacks, and go on.
      if ('failed' in result) throw new SenetError(`${engine} (${runtime}, ${facts.adapter}) failed: ${result.failed}`);
      return new Map(result.outputs);
    },
    dispose: close,
  };
}

/** What an error says, without its stack. */
export const firstLine = (error: unknown): string => String(error instanceof Error ? error.message : error).split('\n', 1)[0] as string;
