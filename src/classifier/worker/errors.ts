import { InputError, PlanError, SenetError, ShapeError, UnsupportedError, WeightsError } from '../../errors.js';
import { DownloadError } from '../../pretrained/download/error.js';

/** An error on its way to another thread: a clone of it would have lost its class, its fields and, in some engines, its cause. */
export interface ToldError {
  /** The class. */
  readonly kind: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: Told | undefined;
  /** What else it carries: a tensor's name, shapes, an address. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What was thrown: an error; or one that this thread was told of by the other, which has it by this number; or something else. */
export type Told = { readonly error: ToldError } | { readonly yours: number } | { readonly value: unknown };

const kinds: Readonly<Record<string, { readonly prototype: Error }>> = {
  ...{ SenetError, ShapeError, WeightsError, InputError, UnsupportedError, PlanError, DownloadError },
  ...{ Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError },
};

/** Causes of causes of an error that has itself as one would have no end. */
const mostCauses = 8;

/** @param numberOf which of the other thread's errors it is, if it is one */
export function tell(thrown: unknown, numberOf: (thrown: unknown) => number | undefined = () => undefined, depth = 0): Told {
  const yours = numberOf(thrown);
  if (yours !== undefined) return { yours };
  if (!(thrown instanceof Error)) return { value: isCloneable(thrown) ? thrown : String(thrown) };
  const { name, message, stack, cause, ...fields } = thrown;
  return {
    error: {
      kind: thrown.name,
      message: thrown.message,
      stack: thrown.stack,
      ...(thrown.cause !== undefined && depth < mostCauses && { cause: tell(thrown.cause, numberOf, depth + 1) }),
      fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => isCloneable(value))),
    },
  };
}

/** The error again, of its own class. @param mine what this thread threw, by the number that it gave */
export function heard(told: Told, mine: (number: number) => unknown = () => undefined): unknown {
  if ('value' in told) return told.value;
  if ('yours' in told) return mine(told.yours);
  const { kind, message, stack, cause, fields } = told.error;
  const error = new Error(message, cause === undefined ? {} : { cause: heard(cause, mine) });
  // not by its constructor, which would word the message anew
  Object.setPrototypeOf(error, (kinds[kind] ?? Error).prototype);
  if (error.name !== kind || error instanceof SenetError) Object.assign(error, { name: kind });
  if (stack !== undefined) Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return Object.assign(error, fields);
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
