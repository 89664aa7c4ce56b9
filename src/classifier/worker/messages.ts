import type { DownloadProgress } from '../../pretrained/download/progress.js';
import type { Tensor } from '../../tensor.js';
import type { KernelsBuild } from '../../wasm/features.js';
import type { Session } from '../../wasm/session.js';
import type { Tuning } from '../../wasm/tune.js';
import type { Gates } from '../chosenGates.js';
import type { Classification } from '../classification.js';
import type { Network } from '../network.js';
import type { ClassifierOptions } from '../open.js';
import type { Protocol } from '../protocol.js';
import type { Told } from './errors.js';

/**
 * A value on its way to the worker: as it is; bytes, whose memory is handed over; pixels; or what stays with the caller, who reads it when the worker asks. Bytes go as
 * their buffers, since Deno looks at each element of a view that is posted.
 */
export type Sent =
  | { readonly value: unknown }
  | { readonly buffer: ArrayBuffer; readonly kind: 'ArrayBuffer' | 'Uint8Array' | 'Uint8ClampedArray' }
  | { readonly width: number; readonly height: number; readonly data: Sent }
  | { readonly served: number; readonly size: number; readonly name: string | undefined };

/** What is known of tiles, by kernels build: both threads take the same one. */
export type Tunings = readonly (readonly [KernelsBuild, Tuning])[];

/** What of a network can be told to another thread: all but its weights and what makes its graph. */
export type NetworkFacts = Omit<Network, 'weights' | 'own'>;

/** What is told of the session in a worker. */
export type SessionFacts = Pick<Session, 'kernels' | 'threads' | 'threadsNote' | 'pairedVectors' | 'weightBytes'>;

/** What the worker can be asked to do, each with what it answers. One is done at a time. */
export interface Tasks {
  open: {
    asked: {
      readonly options: Omit<ClassifierOptions, 'weights' | 'packed' | 'signal' | 'onProgress'>;
      readonly weights: Sent;
      readonly packed: Sent;
      /** Whether the caller has what opens files beside the weights. */
      readonly external: boolean;
      readonly tunings: Tunings;
    };
    answered: { readonly network: NetworkFacts; readonly session: SessionFacts; readonly protocol: Protocol; readonly tunings: Tunings };
  };
  classify: { asked: { readonly picture: Sent; readonly file: string | undefined }; answered: Classification };
  prepare: { asked: { readonly picture: Sent; readonly file: string | undefined }; answered: Tensor };
  run: { asked: { readonly image: Tensor; readonly gates: Gates | undefined }; answered: Classification };
  save: { asked: object; answered: ArrayBuffer };
}
export type Task = keyof Tasks;

/** From the caller to its worker: a task; that nobody waits for the task any more; bytes or a file that it asked for; that all is over. */
export type Order =
  | { [T in Task]: { readonly order: T } & Tasks[T]['asked'] }[Task]
  | { readonly order: 'abort' }
  | { readonly order: 'bytes'; readonly request: number; readonly bytes: ArrayBuffer }
  | { readonly order: 'opened'; readonly request: number; readonly file: Sent }
  | { readonly order: 'unread'; readonly request: number; readonly told: Told; readonly number: number }
  | { readonly order: 'close' };

/** From the worker to its caller: that it is there; how far a download is; bytes, or a file beside the weights, that it needs; how the task ended; that the session is let go. */
export type Notice =
  | 'listening'
  | ({ readonly notice: 'progress' } & DownloadProgress)
  | { readonly notice: 'read'; readonly request: number; readonly served: number; readonly begin: number; readonly length: number }
  | { readonly notice: 'open'; readonly request: number; readonly path: string }
  | { readonly notice: 'done'; readonly answer: unknown }
  | { readonly notice: 'failed'; readonly told: Told }
  | { readonly notice: 'closed' };
