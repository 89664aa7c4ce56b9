import type { EngineName } from '../src/measure/engines.js';
import type { RuntimeName } from './runtimes.js';

/** One process: contestants that are timed in turns, on each network beside its twin without gates. */
export interface Job {
  readonly runtime: RuntimeName;
  /** `wasm`: ours and WebAssembly peers, by `senet bench`'s own function; `native`: onnxruntime-node; `page`: ours in a browser. */
  readonly kind: 'wasm' | 'native' | 'page';
  /** Several are timed in turns; the rows of the first stand in another job then, and are left out. */
  readonly threads: readonly number[];
  /** Of our kernels: each that runs there, or only the fastest. */
  readonly builds: 'all' | 'fastest';
  readonly against: readonly Exclude<EngineName, 'senet'>[];
  readonly batches: readonly number[];
}

/**
 * The table is whole for one image on one thread of this Node. A batch, more threads, and the other runtimes, say little about the slower kernels that it has not
 * said already.
 */
const jobs: readonly Job[] = [
  { runtime: 'node', kind: 'wasm', threads: [1], builds: 'all', against: ['tfjs', 'ort', 'litert'], batches: [1] },
  { runtime: 'node', kind: 'wasm', threads: [1, 2], builds: 'fastest', against: [], batches: [1] },
  { runtime: 'node', kind: 'native', threads: [1], builds: 'fastest', against: [], batches: [1, 8] },
  { runtime: 'node26', kind: 'wasm', threads: [1], builds: 'fastest', against: [], batches: [1] },
  { runtime: 'paired', kind: 'wasm', threads: [1], builds: 'fastest', against: ['litert'], batches: [1] },
  { runtime: 'deno', kind: 'wasm', threads: [1], builds: 'fastest', against: [], batches: [1] },
  { runtime: 'bun', kind: 'wasm', threads: [1], builds: 'fastest', against: [], batches: [1] },
  { runtime: 'chromium', kind: 'page', threads: [1], builds: 'fastest', against: [], batches: [1] },
  { runtime: 'node', kind: 'wasm', threads: [1], builds: 'fastest', against: ['tfjs', 'ort'], batches: [8] },
];

/** What is measured from a cold start, each in a process of its own. */
export interface Start {
  readonly runtime: RuntimeName;
  readonly engine: EngineName | 'ort-native';
  readonly variant: string;
  /** From packed weights that an earlier start saved. */
  readonly packed?: true;
}

const starts: readonly Start[] = [
  { runtime: 'node', engine: 'senet', variant: 'strict' },
  { runtime: 'node', engine: 'senet', variant: 'relaxed' },
  { runtime: 'node', engine: 'senet', variant: 'relaxed', packed: true },
  { runtime: 'node', engine: 'tfjs', variant: 'strict' },
  { runtime: 'node', engine: 'ort', variant: 'strict' },
  { runtime: 'node', engine: 'ort-native', variant: 'native' },
  { runtime: 'node26', engine: 'senet', variant: 'relaxed' },
  { runtime: 'paired', engine: 'senet', variant: 'relaxed' },
  { runtime: 'deno', engine: 'senet', variant: 'relaxed' },
  { runtime: 'bun', engine: 'senet', variant: 'relaxed' },
];

/** What is timed together and reported as one table. */
export interface Suite {
  readonly models: readonly string[];
  readonly jobs: readonly Job[];
  readonly starts: readonly Start[];
  /** Below the project's root. */
  readonly folder: string;
}

export const suites = {
  paper: { models: ['resnet50', 'legacy_seresnet50', 'legacy_seresnext50_32x4d'], jobs, starts, folder: 'bench/results' },
  descendants: {
    models: ['mobilenet_v3_large', 'efficientnet_b0', 'regnety_004', 'senet154'],
    jobs: [
      { runtime: 'node', kind: 'wasm', threads: [1], builds: 'fastest', against: ['tfjs', 'ort', 'litert'], batches: [1] },
      { runtime: 'paired', kind: 'wasm', threads: [1], builds: 'fastest', against: ['litert'], batches: [1] },
    ],
    starts: [],
    folder: 'bench/results/descendants',
  },
} as const satisfies Record<string, Suite>;
export type SuiteName = keyof typeof suites;

/** Enough for an interval of SE's cost with one image, and for a median with eight. */
export const defaultRounds = (batch: number): number => (batch === 1 ? 21 : 3);
