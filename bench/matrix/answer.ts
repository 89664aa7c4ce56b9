/** What program.js is given and gives, in every runtime: plain data, since it goes as JSON. */

export interface SmallNetwork {
  readonly id: string;
  readonly size: number;
}

export interface Task {
  /** Conformance vectors, as their files have them. */
  readonly vectors: readonly { readonly model: string }[];
  readonly pictures: readonly { readonly file: string; readonly base64: string }[];
  /** Whose bits are compared. */
  readonly networks: readonly SmallNetwork[];
  /** Which of them run on two threads as well. */
  readonly threaded: readonly SmallNetwork[];
}

/** A result, or what was thrown. */
export type Told<T> = T | string;

/** By the vector's, picture's or network's name. */
export type Each<T> = Readonly<Record<string, Told<T>>>;

/** CRC-32s of direct logits, by build; of relaxed SIMD where there is some. */
export interface Bits {
  readonly strict: string;
  readonly relaxed?: string;
  readonly threads: number;
  /** Why there are fewer threads than were asked for. */
  readonly note?: string;
}

export interface Answer {
  readonly sharedMemory: boolean;
  readonly relaxed: 'none' | 'fused' | 'not fused';
  readonly vectors: Each<{ readonly error: number | null; readonly pass: boolean }>;
  readonly pictures: Each<{ readonly label: string; readonly bits: string }>;
  readonly bits: Each<Bits>;
  readonly threads: Each<Bits>;
}

/** What a runtime answered, and what it calls itself. */
export interface Answered {
  /** With its version and architecture, such as `Node 26.12.1, x64`. */
  readonly version: string;
  readonly answer: Answer;
}
