/** What parent and child say to each other, a line each. */

/** Cases [from, to) of a reader. */
export interface Job {
  readonly reader: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** Bytes that each may have at once: nothing else of them is measured. */
  readonly allowed?: number;
}

export type FaultKind = 'crash' | 'hang' | 'overAllocation';

export interface Fault {
  readonly reader: string;
  readonly index: number;
  readonly kind: FaultKind;
  /** What was seen, for a person. */
  readonly what: string;
}

/** From the child: which case it begins, and of the job's cases before it, how many were read without an error, and how many refused. */
export type Beginning = readonly [index: number, read: number, refused: number];

/** Also from the child. */
export type Message =
  | { readonly fault: Fault }
  /** This case may have taken too much memory: it is to be run alone. */
  | { readonly heavy: number; readonly allowed: number }
  /** The program that makes the cases is at fault. */
  | { readonly broken: string }
  /** The job is done; so many bytes of heap are in use, without garbage if it can be collected. */
  | { readonly read: number; readonly refused: number; readonly heap: number };
