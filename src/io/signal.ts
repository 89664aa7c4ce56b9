import { InputError } from '../errors.js';
import { kindOf } from '../tensor.js';

/** An AbortSignal: what of it is heard. */
export interface SignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options: { readonly once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What is asked for, or a rejection as soon as the signal comes: the work under way ends by itself, unheard. */
export function abortable<T>(result: Promise<T>, signal: SignalLike): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

export const isSignal = (value: unknown): value is SignalLike =>
  typeof value === 'object' &&
  value !== null &&
  ['throwIfAborted', 'addEventListener', 'removeEventListener'].every(
    (name) => typeof (value as Record<string, unknown>)[name] === 'function',
  );

/** For callers whose types nobody checked. @throws InputError for what is no signal */
export function checkSignal(signal: unknown): void {
  if (signal !== undefined && !isSignal(signal)) throw new InputError(`signal is an AbortSignal, not ${kindOf(signal)}`);
}
