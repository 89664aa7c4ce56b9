import { InputError } from 'senet';
import {
  type Answer,
  type AskOptions,
  type ModelHost,
  type Outputs,
  RefusedError,
  type ServedModel,
} from '../../serve/src/models/model.js';

export const side = 4;
export const classes = 5;
/** The last class has no name. */
export const labels = ['ant', 'bee', 'cat', 'dog'];

/** What the fake network says: class k's logit is the sum of every fifth value from k on. */
export const logitsOf = (values: ArrayLike<number>): Float32Array => {
  const sums = new Float32Array(classes);
  for (let at = 0; at < values.length; at++) sums[at % classes] = Math.fround((sums[at % classes] as number) + (values[at] as number));
  return sums;
};

/** A picture that the fake network reads: P and its values. */
export const picture = (...values: readonly number[]): Buffer => Buffer.from([0x50, ...values]);

export interface FakeHost extends ModelHost {
  /** The options of every call. */
  readonly asked: AskOptions[];
  /** Stands before every answer. */
  before: () => Promise<void>;
  ready: boolean;
  drained: number | undefined;
}

/** Of every answer. */
const timing = { wait: 1.25, prepare: 2, run: 3, images: 4, worker: 5 };

/** A host of one model, `fake`, whose answers are functions of what it is given. */
export function fakeHost(): FakeHost {
  const host: FakeHost = {
    asked: [],
    before: async () => {},
    ready: true,
    drained: undefined,
    models: new Map(),
    drain: async (ms) => {
      host.drained = ms;
    },
    reload: async () => {},
  };
  const answer = async (options: AskOptions, of: () => Outputs): Promise<Answer> => {
    host.asked.push(options);
    await host.before();
    options.signal.throwIfAborted();
    if (options.deadline !== undefined && performance.now() > options.deadline) throw new RefusedError('deadline', 'the time is out');
    return { ...of(), labels, timing };
  };
  const model: ServedModel = {
    name: 'fake',
    input: [3, side, side],
    classes,
    normalisation: { mean: [0, 0, 0], std: [1, 1, 1], range: 255 },
    get ready() {
      return host.ready;
    },
    infer: (image, options) => answer(options, () => ({ logits: logitsOf(image), gates: new Map() })),
    classify: (bytes, { gates, ...options }) =>
      answer(options, () => {
        if (bytes[0] !== 0x50) throw new InputError('this is no picture');
        return { logits: logitsOf(bytes.subarray(1)), gates: new Map(gates ? [['layer1.0.se', Float32Array.of(0.25, 0.5)]] : []) };
      }),
  };
  (host.models as Map<string, ServedModel>).set(model.name, model);
  return host;
}

export const options = { version: '0.0.0', bodyLimit: 64 * 1024, maxImages: 4, timeout: 10_000, drain: 1000 };
