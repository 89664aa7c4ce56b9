import { InputError } from '../errors.js';
import { kindOf } from '../tensor.js';

/** An AbortSignal: what of it is heard. */
export interface SignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options: { readonly once: true }): void;
}

/** What hears a signal. One listener a signal: Node.js takes more than ten for a leak and warns. */
const hearers = new WeakMap<SignalLike, Set<() => void>>();

/** Calls `hear` once the signal comes. @returns what ends that */
export function onAbort(signal: SignalLike, hear: () => void): () => void {
  const all = hearers.get(signal) ?? new Set();
  const call = (): void => {
    for (const each of all) each();
  };
  if (!hearers.has(signal)) {
    hearers.set(signal, all);
    signal.addEventListener('abort', call, { once: true });
  }
  all.add(hear);
  return () => void all.delete(hear);
}

/** What is asked for, or a rejection as soon as the signal comes: the work under way ends by itself, unheard. */
export function abortable<T>(result: Promise<T>, signal: SignalLike): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    result.then(resolve, reject).finally(onAbort(signal, abort));
  });
}

export const isSignal = (value: unknown): value is SignalLike =>
  typeof value === 'object' &&
  value !== null &&
  ['throwIfAborted', 'addEventListener'].every((name) => typeof (value as Record<string, unknown>)[name] === 'function');

/** For callers whose types nobody checked. @throws InputError for what is no signal */
export function checkSignal(signal: unknown): void {
  if (signal !== undefined && !isSignal(signal)) throw new InputError(`signal is an AbortSignal, not ${kindOf(signal)}`);
}
