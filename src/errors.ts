/**
 * Every error thrown on purpose is a SenetError: of one of the five kinds below, or of a single task, which are DownloadError, DivergenceError and
 * DisagreementError. Catch the kind, read the fields, print the message.
 */
export class SenetError extends Error {
  override readonly name: string = 'SenetError'; // as text, since a bundler may rename the class
  constructor(message?: string, options?: ErrorOptions) {
    super(message && shortened(message, 2000), options);
  }
}

/** At most about `most` characters: a file may make a message as long as itself. The middle is cut, since where it is read stands first, and what was found last. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = Math.floor(most / 4);
  return `${text.slice(0, most - last)} … ${text.length - most} characters more … ${text.slice(-last)}`;
}

/** Named shapes, as they appear in a message: `x [1, 3, 8, 8], w [16, 4, 3, 3]`. */
export type NamedShapes = Readonly<Record<string, readonly number[]>>;

export const showShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** Shapes that do not fit together: `conv2d with groups 1: x [1, 3, 8, 8], w [16, 4, 3, 3]`. */
export class ShapeError extends SenetError {
  override readonly name = 'ShapeError';
  readonly shapes: NamedShapes;
  constructor(what: string, shapes: NamedShapes) {
    super(
      `${what}: ${Object.entries(shapes)
        .map(([name, shape]) => `${name} ${showShape(shape)}`)
        .join(', ')}`,
    );
    this.shapes = shapes;
  }
}

export interface WeightsErrorOptions {
  readonly tensor?: string;
  readonly shapes?: NamedShapes;
  readonly cause?: unknown;
}

/** Weights that are damaged, or are not what a network needs. Carries the tensor, and the shapes expected and found, where there are any. */
export class WeightsError extends SenetError {
  override readonly name = 'WeightsError';
  readonly tensor: string | undefined;
  readonly shapes: NamedShapes;
  constructor(message: string, { tensor, shapes = {}, cause }: WeightsErrorOptions = {}) {
    super(
      [message, ...Object.entries(shapes).map(([name, shape]) => `${name} ${showShape(shape)}`)].join(', '),
      cause === undefined ? {} : { cause },
    );
    this.tensor = tensor;
    this.shapes = shapes;
  }
}

/** What a user handed in is not usable: an image, a label file, JSON, an option, an unknown name. */
export class InputError extends SenetError {
  override readonly name = 'InputError';
}

/** The machine, engine or an optional package cannot do what was asked for. */
export class UnsupportedError extends SenetError {
  override readonly name = 'UnsupportedError';
}

/** A graph that cannot be planned, or a plan that contradicts itself. */
export class PlanError extends SenetError {
  override readonly name = 'PlanError';
}

/** What `use` makes of a file's content. @throws what it throws, under the name of the file, or of the part of it, that is to blame */
export function naming<T>(what: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw underName(what, error);
  }
}

/** Of our own errors one of the same message with a name in front: of weights a WeightsError, of anything else an InputError. */
export function underName(what: string, error: unknown): unknown {
  if (!(error instanceof SenetError)) return error;
  const message = `${what}: ${error.message}`;
  if (!(error instanceof WeightsError)) return new InputError(message, { cause: error });
  return new WeightsError(message, { ...(error.tensor !== undefined && { tensor: error.tensor }), cause: error });
}
